"""A drift report as it is kept: what was compared, what was found, as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import msgspec

from monitoring.drift.expected import Estimate, Expected
from monitoring.drift.report import KINDS, Comparison
from monitoring.drift.verdict import FeatureDrift
from monitoring.reporting.latest import Latest

_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class About:
    """What a report is about. Times are microseconds since the epoch."""

    made_at_us: int
    since_us: int
    until_us: int
    model_version: str
    model_sha256: str
    policy_version: str
    against: str
    """"training" or "previous": the window of the same length before."""
    source: str
    """"database" or "profiles"."""
    scenario: str | None = None
    """Whose simulated traffic; `None` for real traffic."""
    others: int = 0
    """Decisions of the same time by other models, which were left aside."""

    @property
    def name(self) -> str:
        """Of the report's files."""
        return report_name(self.until_us, self.model_sha256, self.against, self.scenario)


def report_name(until_us: int, model_sha256: str, against: str, scenario: str | None) -> str:
    """What the files of a report about these are called."""
    until = datetime.fromtimestamp(until_us / 1e6, UTC).strftime("%Y%m%dT%H%M%SZ")
    of_scenario = f"_{scenario}" if scenario else ""
    return f"drift_{until}_{model_sha256[:12]}_{against}{of_scenario}"


@dataclass(frozen=True)
class Document:
    """A comparison with its circumstances."""

    about: About
    comparison: Comparison

    @property
    def latest(self) -> Latest:
        """What machines are told of it."""
        about, found = self.about, self.comparison
        everything = [*found.features, *([] if found.probability is None else [found.probability])]
        return Latest(
            made_at_us=about.made_at_us,
            until_us=about.until_us,
            decisions=found.rows_now,
            verdict=found.verdict,
            share=found.share if found.features else None,
            psi={one.name: one.psi for one in everything},
            alerts={kind: sum(alert.kind == kind for alert in found.alerts) for kind in KINDS},
        )

    def to_json(self) -> bytes:
        """The whole report; what follows from other values is there too, for readers without our code."""
        found = self.comparison
        body = {
            "format": _FORMAT,
            **asdict(self.about),
            "verdict": found.verdict,
            "alert": bool(found.alerts),
            "alerts": [asdict(alert) for alert in found.alerts],
            "retraining_recommended": found.retraining_recommended,
            "decisions_before": found.rows_before,
            "decisions": found.rows_now,
            "share": found.share,
            "drifted": [feature.name for feature in found.drifted],
            "probability": None if found.probability is None else _feature(found.probability),
            "expected_before": _expected(found.expected_before),
            "expected": _expected(found.expected_now),
            "features": [_feature(feature) for feature in found.features],
        }
        return msgspec.json.encode(body) + b"\n"


def _feature(feature: FeatureDrift) -> Mapping[str, object]:
    return {**asdict(feature), "drifted": feature.drifted}


def _expected(rates: Expected | None) -> Mapping[str, object] | None:
    if rates is None:
        return None
    return {
        "default_rate": _estimate(rates.default_rate),
        "approval_rate": _estimate(rates.approval_rate),
        "cost": _estimate(rates.cost),
    }


def _estimate(estimate: Estimate) -> Mapping[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}

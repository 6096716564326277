"""A kept drift report, read again from its JSON."""

import msgspec

from monitoring.reporting.document import report_name


class KeptTest(msgspec.Struct, frozen=True):
    """A test beside the verdict."""

    statistic: float
    p_value: float


class KeptFeature(msgspec.Struct, frozen=True):
    """One feature, as `monitoring.drift.verdict.FeatureDrift` says it."""

    name: str
    importance: float
    is_important: bool
    reasons: tuple[str, ...]
    psi: float
    limit: float
    test: str
    tested: KeptTest | None
    missing_before: float
    missing_now: float
    unseen_now: float
    outside_now: float
    labels: tuple[str, ...]
    before: tuple[int, ...]
    now: tuple[int, ...]
    drifted: bool


class KeptAlert(msgspec.Struct, frozen=True):
    """Something a person must look at."""

    kind: str
    message: str


class Kept(msgspec.Struct, frozen=True):
    """What a report says; see `monitoring.reporting.document`."""

    made_at_us: int
    since_us: int
    until_us: int
    model_version: str
    model_sha256: str
    against: str
    verdict: str
    alerts: tuple[KeptAlert, ...]
    retraining_recommended: bool
    decisions_before: int
    decisions: int
    share: float
    drifted: tuple[str, ...]
    probability: KeptFeature | None
    features: tuple[KeptFeature, ...]
    scenario: str | None = None

    @property
    def name(self) -> str:
        """Of the report's files."""
        return report_name(self.until_us, self.model_sha256, self.against, self.scenario)


def read_kept(report: bytes | str) -> Kept:
    """The report in *report*, JSON that `Document.to_json` wrote."""
    return msgspec.json.decode(report, type=Kept)

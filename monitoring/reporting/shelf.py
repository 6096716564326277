"""The folder of reports."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitoring.drift.span import microseconds
from monitoring.drift.subject import TRAINING
from monitoring.files import write_durably
from monitoring.reporting.document import Document
from monitoring.reporting.history import Score
from monitoring.reporting.latest import write_latest
from monitoring.reporting.page import page

if TYPE_CHECKING:
    # What they import takes longer to load than a report to write.
    from monitoring.outcomes import Cohort

_NOW_US = 3_600_000_000
"""A report on a time that ended earlier is of the past: Prometheus does not ask for it."""
_ROUTINE = re.compile(rf"(drift_\d{{8}}T\d{{6}}Z_[0-9a-f]{{12}}_{TRAINING})\.json")


def shelve(folder: Path, document: Document, scores: Sequence[Score]) -> list[Path]:
    """Write the report as a page and as JSON; what real traffic is like now, against training, is the latest.

    *scores*: of earlier reports, the oldest first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{document.about.name}.{kind}" for kind in ("html", "json")]
    write_durably(paths[0], page(document, scores).encode())
    write_durably(paths[1], document.to_json())
    about = document.about
    is_of_now = 0 <= about.made_at_us - about.until_us <= _NOW_US
    if is_of_now and (about.against, about.scenario) == (TRAINING, None):
        write_latest(folder, document.latest)
    return paths


def prune(folder: Path, most: int) -> None:
    """Keep the last *most* reports of what a watch looks at: real traffic, against training.

    Other reports were asked for by somebody, who may want them still.
    """
    found = sorted(match[1] for path in folder.iterdir() if (match := _ROUTINE.fullmatch(path.name)))
    for name in found[:-most]:
        for path in [*folder.glob(f"{name}.*"), *folder.glob(f"{name}_evidently.*")]:
            path.unlink(missing_ok=True)


def shelve_outcomes(folder: Path, version: str, found: "Sequence[Cohort]") -> Path:
    """Write what became of a model's loans as JSON; where."""
    now = datetime.now(UTC)
    body = {
        "made_at_us": microseconds(now),
        "model_version": version,
        "concept_drift": any(cohort.concept_drift for cohort in found),
        "cohorts": [asdict(cohort) for cohort in found],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"outcomes_{now:%Y%m%dT%H%M%SZ}_{version.rpartition(':')[2]}.json"
    write_durably(path, msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n")
    return path

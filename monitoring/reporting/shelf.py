"""The folder of reports."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from monitoring.drift.span import microseconds
from monitoring.drift.subject import TRAINING
from monitoring.files import write_durably
from monitoring.outcomes import Cohort
from monitoring.reporting.document import Document
from monitoring.reporting.history import Score
from monitoring.reporting.latest import write_latest
from monitoring.reporting.page import page


def shelve(folder: Path, document: Document, scores: Sequence[Score]) -> list[Path]:
    """Write the report as a page and as JSON; what real traffic is like, against training, is the latest.

    *scores*: of earlier reports, the oldest first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{document.about.name}.{kind}" for kind in ("html", "json")]
    write_durably(paths[0], page(document, scores).encode())
    write_durably(paths[1], document.to_json())
    if (document.about.against, document.about.scenario) == (TRAINING, None):
        write_latest(folder, document.latest)
    return paths


def shelve_outcomes(folder: Path, version: str, found: Sequence[Cohort]) -> Path:
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

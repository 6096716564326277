"""The folder of drift reports."""

from collections.abc import Sequence
from pathlib import Path

from monitoring.drift.document import Document
from monitoring.drift.history import Score
from monitoring.drift.latest import write_latest
from monitoring.drift.page import page
from monitoring.drift.subject import TRAINING
from monitoring.files import write_durably


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

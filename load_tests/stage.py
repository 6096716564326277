"""What a load test needs before it starts: clients who are known, and questions with their answers."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from credit.errors import OctroiError
from features.build import build
from features.made_up import write_tables
from load_tests.applicants import read_applicants
from load_tests.place import Place
from load_tests.question import write_questions
from load_tests.questions import known, questions_of
from records.election import elected

_LOOK_S = 0.2
SEED = 0
"""Of the made-up clients."""


class RecordsFailed(OctroiError):
    """The door of the records, which a load test opens, ended in an error."""


def set_stage(place: Place, clients: int, report: Callable[[float], None]) -> None:
    """Make up *clients*, load them into the database of *place*, write down its questions."""
    raw, features = place.folder / "raw", place.folder / "features.parquet"
    write_tables(raw, clients, SEED, lambda done: report(0.2 * done))
    build(raw, features, lambda done: report(0.2 + 0.5 * done))
    run_records(place.environment, "load-clients", "--features", str(features))
    report(0.8)
    applicants = known(read_applicants(features, frozenset(place.bundle.schema.names)))
    write_questions(place.questions, questions_of(place.bundle, applicants))


def archive_all(place: Place) -> None:
    """Have all that its service left in the journals of *place* moved, once its own archivist has ended."""
    journal = Path(place.data) / "journal"
    while not _is_free(journal):
        time.sleep(_LOOK_S)
    run_records(place.environment, "archive", "--once")


def _is_free(journal: Path) -> bool:
    with elected(journal) as is_free:
        return is_free


def run_records(environment: Mapping[str, str], *arguments: str) -> None:
    """`python -m records` with *arguments*; `RecordsFailed` with its last words."""
    command = [sys.executable, "-m", "records", *arguments]
    done = subprocess.run(  # noqa: S603  # all ours
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RecordsFailed(f"records {arguments[0]} failed: {done.stderr.strip().rpartition(os.linesep)[2]}")

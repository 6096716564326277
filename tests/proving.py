"""What must hold of the records after any fault."""

import os
import sys
import time
from contextlib import suppress

import pytest
import sqlalchemy as sa
from crowd_of_clients import Crowd
from serving import Service

from credit.errors import DatabaseUnavailable
from monitoring.profiles import profile_files
from monitoring.sketch import counts
from records.archiving.__main__ import archive
from records.database import Database
from records.heads import kept_heads
from records.tables import predictions
from records.verify import Verdict, verify
from settings import Settings, read_settings

LONG = os.environ.get("OCTROI_CHAOS") == "long"
"""Whether faults last as long as in `make chaos`."""


def recorded(url: str) -> dict[str, float]:
    """The probability of each decision in the database, each of which is there once."""
    with Database(url) as database:
        rows = database.rows(sa.select(predictions.c.decision_id, predictions.c.probability_default))
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def assert_proved(service: Service, url: str, answers: dict[str, float], erased: int = 0) -> None:
    """Answered is within recorded, the chain holds, and every decision but the *erased* is in one profile."""
    settings = settings_of(service)
    # Who was killed last may have left something in the journals.
    service.wait_for_the_archivist()
    archive(settings, lambda: True)
    found = recorded(url)
    assert {one: found.get(one) for one in answers} == answers
    verdict = verified(settings)
    assert (verdict.problems, verdict.decisions, verdict.erased) == ([], len(found), erased)
    profiled = [counts(file.path)["decision"] for file in profile_files(service.folder / "var" / "profiles")]
    assert sum(profiled) + erased == len(found)


def settings_of(service: Service) -> Settings:
    """What the service reads from its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in service.environment.items():
            patch.setenv(name, value)
        return read_settings()


def verified(settings: Settings) -> Verdict:
    """What `records verify` says of the chain."""
    with Database(settings.database) as database:
        heads = kept_heads(settings.kept_heads, database.head().chain)
        return verify(database, heads, settings.signing_key, lambda _: None)


def sqlite_of(service: Service) -> str:
    return f"sqlite:///{service.folder / 'var' / 'octroi.db'}"


def wait_for_more(crowd: Crowd, than: int) -> None:
    deadline = time.monotonic() + 60
    while len(crowd.answers) <= than:
        assert time.monotonic() < deadline, f"{len(crowd.answers)} answers, {crowd.statuses}"
        time.sleep(0.02)


def wait_until_archived(url: str, count: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        with suppress(DatabaseUnavailable):
            if len(recorded(url)) >= count:
                return
        assert time.monotonic() < deadline, "the archivist did not catch up"
        time.sleep(0.2)


def tell(what: str, facts: dict[str, object], crowd: Crowd) -> None:
    """What happened, for who runs the long one."""
    if LONG:
        told = ", ".join(f"{name} {value}" for name, value in facts.items())
        sys.stdout.write(
            f"\n{what}: {told}; {len(crowd.answers):,} answered, statuses {dict(crowd.statuses)}, "
            f"{crowd.broken} broken connections: all recorded once, chain and profiles hold\n"
        )

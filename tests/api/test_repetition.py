"""A key's request that fails, hangs or loses its client: the decision is made once all the same."""

import asyncio
import contextlib

import pytest
from decisions import HEADER, record

from api.answer import Answer
from api.application import Application
from api.archive import Archive
from api.body import Refused
from api.decided import Request
from api.recollection import Recollection
from api.repetition import Repetition
from api.reservations import Claim
from api.visit import SINGLE, Visit
from credit.errors import DatabaseUnavailable, JournalUnavailable, Overloaded, Undecided
from records.database import Database
from records.erasure import Places
from records.journal import Journal

CLAIM = Claim.of(b"k", None, SINGLE, b"{}")


class Desk:
    """Fails with each of *errors*, then answers; records first if *journal* is given."""

    def __init__(self, *errors, journal=None):
        self.errors = list(errors)
        self.journal = journal
        self.asked = []

    async def decide(self, request):
        self.asked.append(request.decision_ids)
        if self.journal:
            self.journal.append([[record(decision_id=request.decision_ids[0], sk_id_curr=None)]])
        if self.errors:
            raise self.errors.pop(0)
        return answer(request.decision_ids[0])


def answer(decision_id):
    return Answer(
        decision_id=decision_id,
        sk_id_curr=None,
        probability_default=0.5,
        probability_approval=0.5,
        prediction=1,
        decision="refuse",
        confidence=0.5,
        risk_level="HIGH",
        threshold=0.1,
        model_version="m",
        policy_version="p",
        warnings=(),
        inference_time_ms=1.0,
    )


def request():
    visit = Visit("r", None, SINGLE, SINGLE)
    return Request.new([Application(None, (1.0,))], visit, CLAIM)


@pytest.fixture
def repetition(tmp_path):
    url = f"sqlite:///{tmp_path / 'octroi.db'}"
    Database(url, create=True).close()
    archive = Archive(url, Places(tmp_path / "journal", tmp_path / "profiles"))
    ours = Repetition(tmp_path / "idempotency", Recollection(tmp_path / "journal", archive))
    yield ours
    ours.close()
    archive.close()


def tried(repetition, desk, times):
    async def scenario():
        replies = []
        for _ in range(times):
            try:
                replies.append(await repetition.once(CLAIM, request(), desk.decide))
            except (JournalUnavailable, Overloaded, Undecided, DatabaseUnavailable) as error:
                replies.append(type(error))
        return replies

    return asyncio.run(scenario())


def test_what_was_not_recorded_for_want_of_time_is_decided_anew(repetition):
    desk = Desk(Overloaded("too many"))

    refused, first, again = tried(repetition, desk, 3)

    assert refused is Overloaded
    assert first == again
    assert len(desk.asked) == 2


@pytest.mark.parametrize("failure", [JournalUnavailable("sync failed"), Undecided("not in time")])
def test_what_failed_after_it_was_recorded_is_answered_from_the_record(repetition, tmp_path, failure):
    desk = Desk(failure, journal=Journal(tmp_path / "journal", HEADER))

    failed, found, again = tried(repetition, desk, 3)

    assert failed is type(failure)
    assert found == again
    assert (found.decision_id, found.probability_default) == (desk.asked[0][0], 0.03)
    assert [warning.rule for warning in found.warnings] == ["outside-training-range"]
    assert len(desk.asked) == 1


def test_what_failed_before_it_was_recorded_is_decided_under_the_same_id(repetition):
    desk = Desk(JournalUnavailable("no disk"))

    failed, first = tried(repetition, desk, 2)

    assert failed is JournalUnavailable
    assert desk.asked[0] == desk.asked[1] == (first.decision_id,)


def test_while_nobody_can_say_whether_it_was_recorded_nothing_is_decided(repetition, tmp_path):
    desk = Desk(JournalUnavailable("no disk"))
    tried(repetition, desk, 1)
    (tmp_path / "octroi.db").rename(tmp_path / "away.db")

    assert tried(repetition, desk, 1) == [DatabaseUnavailable]
    (tmp_path / "away.db").rename(tmp_path / "octroi.db")
    (found,) = tried(repetition, desk, 1)

    assert found.decision_id == desk.asked[0][0]


def test_a_client_that_leaves_does_not_stop_what_is_being_recorded(repetition):
    started, gate = asyncio.Event(), asyncio.Event()
    desk = Desk()

    async def slow(request):
        started.set()
        await gate.wait()
        return await desk.decide(request)

    async def scenario():
        leaving = asyncio.create_task(repetition.once(CLAIM, request(), slow))
        await started.wait()
        leaving.cancel()
        with pytest.raises(Refused) as caught:
            await repetition.once(CLAIM, request(), slow)
        gate.set()
        while True:
            with contextlib.suppress(Refused):
                return caught.value.status, await repetition.once(CLAIM, request(), slow)
            await asyncio.sleep(0.02)

    status, kept = asyncio.run(scenario())
    assert status == 409
    assert desk.asked == [(kept.decision_id,)]


def test_a_client_that_leaves_before_its_key_is_reserved_leaves_no_key_behind(repetition):
    desk = Desk()

    async def scenario():
        leaving = asyncio.create_task(repetition.once(CLAIM, request(), desk.decide))
        await asyncio.sleep(0)
        leaving.cancel()
        while True:
            with contextlib.suppress(Refused):
                return await repetition.once(CLAIM, request(), desk.decide)
            await asyncio.sleep(0.02)

    kept = asyncio.run(scenario())
    assert desk.asked == [(kept.decision_id,)]

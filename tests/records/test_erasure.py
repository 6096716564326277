"""A client's data go from everywhere, the decisions' skeletons stay, and the chain still holds."""

import time
from datetime import date

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from monitoring.profiles import profile_files
from monitoring.sketch import StoredSketch, counts
from records.archiving.__main__ import archive
from records.database import Database
from records.election import elected
from records.erasure import ErasureUnfinished, Places, erase_client, finish, forgotten
from records.heads import kept_heads
from records.journal import Journal
from records.outcomes import End, Outcome, tell
from records.quarantine import Quarantine
from records.retention import delete_older
from records.tables import clients, outcomes, prediction_inputs, predictions
from records.verify import PERSONAL_GONE, verify
from records.writer import write
from settings import read_settings

DAY_US = 86_400_000_000
CANARY = 918_273
AMOUNT = 77_665_544.25
WORD = "a canary's house"
TRACES = [b"918273", b"77665544.25", WORD.encode(), CANARY.to_bytes(4, "big")]


@pytest.fixture
def settings(tmp_path, url, monkeypatch):
    monkeypatch.setenv("OCTROI_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    return read_settings()


def of_canary(**changes):
    inputs = msgspec.Raw(msgspec.json.encode([AMOUNT, WORD, None]))
    return record(
        **{
            "sk_id_curr": CANARY,
            "amt_credit": AMOUNT,
            "inputs": inputs,
            "idempotency_key": "918273",
            **changes,
        }
    )


def written(settings, *batches):
    journal = Journal(settings.journal, HEADER)
    for batch in batches:
        journal.append([batch])
    return journal


def files_with_traces(folder):
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [path.name for trace in TRACES if trace in data]
    return found


def once(settings):
    archive(settings, lambda: True)


def erase(settings):
    """As the door does, without a process more."""
    with Database(settings.database) as database:
        places = Places(settings.journal, settings.profiles)
        return erase_client(database, places, CANARY, lambda: once(settings), 60)


def delete(settings, days):
    with Database(settings.database) as database:
        once(settings)
        gone = delete_older(database, time.time_ns() // 1000 - days * DAY_US, lambda _: None)
        places = Places(settings.journal, settings.profiles)
        finish(database, places, gone.event, lambda: once(settings), time.monotonic() + 60)
        return gone.decisions, gone.first_kept


def chain_holds(settings):
    with Database(settings.database) as database:
        heads = kept_heads(settings.kept_heads, database.head().chain)
        return verify(database, heads, None, lambda _: None)


def test_the_bytes_of_an_erased_client_are_in_no_file(run, settings, tmp_path):
    others = [record(sk_id_curr=1, amt_credit=1.5) for _ in range(5)]
    journal = written(settings, [others[0], of_canary()], others[1:3])
    journal.close()
    once(settings)
    with Database(settings.database) as database, database.writing() as connection:
        features = msgspec.json.encode([AMOUNT, WORD])
        write(connection, clients, [(CANARY, "n", features, 0), (1, "n", b"[]", 0)])
    # This one waits in the journal of a worker that is at work.
    journal = written(settings, [of_canary(), others[3]], [others[4]])
    Quarantine(settings.journal).keep_record(HEADER, msgspec.json.encode(of_canary()), "poison")
    run(tmp_path, "export", "--out", tmp_path.parent / f"{tmp_path.name}.csv", url=settings.database)
    assert files_with_traces(tmp_path)
    journal.close()

    done = run(tmp_path, "erase", "--client", CANARY, url=settings.database)

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "2 decisions have lost the client's data; its features are known by number no more",
        f"delete the client from {tmp_path.parent / tmp_path.name}.csv: it was written from these decisions",
    ]
    assert files_with_traces(tmp_path) == []
    verdict = chain_holds(settings)
    assert (verdict.problems, verdict.decisions, verdict.erased) == ([], 7, 2)
    with Database(settings.database) as database:
        table = predictions.c
        rows = database.rows(
            sa.select(
                table.sk_id_curr, table.amt_credit, table.idempotency_key, table.probability_default
            ).where(table.sk_id_curr.is_(None))
        )
        assert rows == [(None, None, None, 0.03)] * 2
        assert len(database.rows(sa.select(prediction_inputs.c.seq))) == 5
        assert database.rows(sa.select(clients.c.sk_id_curr)) == [(1,)]


def test_profiles_are_made_anew_without_the_erased_and_the_others_stay(settings):
    hour = 3_600_000_000
    start = record().decided_at_us
    written(settings, [record(), of_canary(), record()], [record(decided_at_us=start + hour)]).close()
    once(settings)
    before = {file.path.name: counts(file.path)["decision"] for file in profile_files(settings.profiles)}
    assert list(before.values()) == [3, 1]
    set_aside = settings.profiles / "of_whom_nobody_knows.stray"
    set_aside.write_bytes(b"a profile")

    assert erase(settings).decisions == 1
    written(settings, [record(decided_at_us=start + hour)]).close()
    once(settings)

    profiled = {file.path.name: counts(file.path)["decision"] for file in profile_files(settings.profiles)}
    assert list(profiled.values()) == [2, 1, 1]
    assert not set_aside.exists()
    first = profile_files(settings.profiles)[0].path
    assert StoredSketch([first]).quantiles("AMT_CREDIT", np.array([1.0])).tolist() == [148_365.0]
    assert forgotten(settings.profiles) == 1


def test_an_erasure_beside_a_working_archivist_waits_for_it_and_comes_to_the_same(settings, tmp_path):
    import threading

    journal = written(settings, [of_canary(), record()])
    stop = threading.Event()
    places = Places(settings.journal, settings.profiles)

    def work():
        with elected(settings.journal):
            archive(settings, stop.is_set)

    archivist = threading.Thread(target=work)
    archivist.start()
    # As the worker's own thread does every second.
    writer = threading.Thread(
        target=lambda: [(time.sleep(0.05), journal.rotate_if_asked()) for _ in range(100)]
    )
    writer.start()
    with Database(settings.database, create=True) as database:
        erased = erase_client(database, places, CANARY, lambda: None, 60)
        again = erase_client(database, places, CANARY, lambda: None, 60)
    stop.set()
    archivist.join()
    writer.join()

    assert (erased.decisions, again.decisions) == (1, 0)
    assert files_with_traces(tmp_path) == []
    assert chain_holds(settings).problems == []
    journal.close()


def test_what_is_in_the_way_of_an_erasure_is_said(settings):
    journal = written(settings, [of_canary()])
    with Database(settings.database, create=True) as database, elected(settings.journal):
        places = Places(settings.journal, settings.profiles)

        with pytest.raises(ErasureUnfinished, match=r"the journal .*\.journal is not in the database yet"):
            erase_client(database, places, CANARY, lambda: None, 0.3)
    journal.close()


def test_inputs_may_only_go_by_an_erasure_of_theirs(settings):
    written(settings, [of_canary(), record(), record()]).close()
    once(settings)
    erase(settings)
    with Database(settings.database) as database, database.writing() as connection:
        connection.execute(sa.delete(prediction_inputs).where(prediction_inputs.c.seq == 3))

    assert [(one.first, one.what) for one in chain_holds(settings).problems] == [(3, PERSONAL_GONE)]


def test_old_decisions_go_behind_a_checkpoint_and_the_chain_still_holds(settings, monkeypatch):
    monkeypatch.setattr("records.retention._AT_ONCE", 3)
    now = time.time_ns() // 1000
    old = [record(decided_at_us=now - 40 * DAY_US + i) for i in range(7)]
    new = [record(decided_at_us=now - 3 * DAY_US + i) for i in range(3)]
    written(settings, [of_canary(decided_at_us=now - 41 * DAY_US)], old).close()
    once(settings)
    with Database(settings.database) as database:
        tell(database, [Outcome(old[0].decision_id, End.REPAID, date(2026, 1, 1))])
    erase(settings)
    written(settings, new).close()

    assert [delete(settings, 30), delete(settings, 30)] == [(8, 9), (0, 9)]
    written(settings, [record(decided_at_us=now)]).close()
    once(settings)

    verdict = chain_holds(settings)
    assert (verdict.problems, verdict.decisions) == ([], 4)
    with Database(settings.database) as database:
        assert [one.seq for one in database.decided_after(0, 99)] == [9, 10, 11, 12]
        assert database.rows(sa.select(outcomes)) == []
    assert sum(counts(file.path)["decision"] for file in profile_files(settings.profiles)) == 4
    assert delete(settings, 0) == (4, 13)
    assert chain_holds(settings).problems == []
    assert all(counts(file.path)["decision"] == 0 for file in profile_files(settings.profiles))


def test_the_door_deletes_what_is_old(run, url, tmp_path):
    with Database(url, create=True) as database:
        database.add(HEADER, [record(), record()])
        database.add(HEADER, [record(decided_at_us=time.time_ns() // 1000)])

    done = run(tmp_path, "erase", "--older-than", 1, url=url)

    assert done.stdout == "2 decisions are deleted; the first kept is 3\n", done.output


def test_a_prefix_that_goes_without_a_retention_is_missed(settings):
    written(settings, [record() for _ in range(6)]).close()
    once(settings)
    with Database(settings.database) as database, database.writing() as connection:
        digest = connection.scalar(sa.select(predictions.c.chain_hash).where(predictions.c.seq == 2))
        connection.execute(sa.delete(predictions).where(predictions.c.seq <= 2))
        connection.execute(
            sa.text("INSERT INTO checkpoints (seq, event, made_at_us, chain_hash) VALUES (2, 0, 0, :digest)"),
            {"digest": digest},
        )

    assert [(one.first, one.what[:50]) for one in chain_holds(settings).problems] == [
        (2, "a checkpoint that no retention in the chain speaks")
    ]


def test_the_door_wants_to_know_what_to_erase(run, tmp_path):
    for arguments in ([], ["--client", 1, "--older-than", 1]):
        done = run(tmp_path, "erase", *arguments)
        assert done.exit_code == 2
        assert "say either --client or --older-than" in done.output

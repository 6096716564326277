"""The chain says what was changed since it was written, and where; of untouched records it says nothing."""

import json

import msgspec
import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from records.chain import CHAINED, decision_hash
from records.database import Database
from records.heads import HeadKeeper, KeptHead, kept_heads, list_file
from records.tables import chain_events, chain_head, prediction_inputs, predictions
from records.verify import (
    BAD_EVENT,
    CHANGED,
    MISSING,
    NO_HEADS,
    PERSONAL_CHANGED,
    PERSONAL_GONE,
    UNKNOWN_HEAD,
    verify,
)


@pytest.fixture
def chained(database, tmp_path):
    """Twelve decisions, written four at a time, and the heads that were kept after each four."""
    keeper = HeadKeeper(tmp_path / "heads", None, every_s=0)
    for start in range(0, 12, 4):
        database.add(HEADER, [record(sk_id_curr=100 + start + i, latency_us=start + i) for i in range(4)])
        keeper.keep(database.head())
    return database


def found(database, tmp_path, key=None):
    heads = kept_heads(tmp_path / "heads", database.head().chain)
    return verify(database, heads, key, lambda _: None)


def problems(database, tmp_path):
    return [(one.first, one.last, one.what) for one in found(database, tmp_path).problems]


def run(database, *statements):
    with database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement) if isinstance(statement, str) else statement)


def test_untouched_records_hold(chained, tmp_path):
    with chained.ledger() as ledger:
        ledger.add_event("remark", {"of": "no consequence"})
    chained.add(HEADER, [record(amt_credit=-0.0, sk_id_curr=None, probability_default=1e-17)])

    verdict = found(chained, tmp_path)

    assert verdict.problems == []
    assert (verdict.holds, verdict.decisions, verdict.events, verdict.heads) == (True, 13, 1, 3)


def test_a_head_kept_before_anything_was_decided_is_no_cut_and_another_chains_is_found(database, tmp_path):
    keeper = HeadKeeper(tmp_path / "heads", None, every_s=0)
    keeper.keep(database.head())
    database.add(HEADER, [record()])
    keeper.keep(database.head())

    verdict = found(database, tmp_path)

    assert (verdict.problems, verdict.decisions, verdict.heads) == ([], 1, 2)
    of_another = KeptHead(chain=database.head().chain, seq=0, event=0, hash=64 * "0", kept_at_us=1)
    (problem,) = verify(database, [of_another], None, lambda _: None).problems
    assert (problem.first, problem.last) == (0, 0)
    assert "another than in the head kept on" in problem.what


def test_an_edit_of_any_column_is_found_where_it_is(chained, tmp_path):
    for name in CHAINED[1:]:
        column = predictions.c[name]
        ((before,),) = chained.rows(sa.select(column).where(predictions.c.seq == 6))
        forged = "forged" if isinstance(column.type, sa.String) else before + 1
        row = sa.update(predictions).where(predictions.c.seq == 6)

        run(chained, row.values({name: forged}))
        changed = {one[:2] for one in problems(chained, tmp_path) if one[2] in {CHANGED, PERSONAL_CHANGED}}
        run(chained, row.values({name: before}))

        assert changed == {(6, 6)}, name
    assert problems(chained, tmp_path) == []


def test_an_edit_of_what_is_personal_is_found_too(chained, tmp_path):
    for table, name, forged in [
        (predictions, "sk_id_curr", 999),
        (predictions, "amt_credit", 148_365.00000000003),
        (prediction_inputs, "inputs", '[148365.0,"House" ,null]'),
        (prediction_inputs, "salt", b"0" * 16),
        (prediction_inputs, "salt", None),
    ]:
        ((before,),) = chained.rows(sa.select(table.c[name]).where(table.c.seq == 6))
        row = sa.update(table).where(table.c.seq == 6)

        run(chained, row.values({name: forged}))
        changed = problems(chained, tmp_path)
        run(chained, row.values({name: before}))

        assert changed == [(6, 6, PERSONAL_CHANGED)], (name, forged)
    assert problems(chained, tmp_path) == []


def test_inputs_that_vanish_without_an_erasure_are_missed(chained, tmp_path):
    run(chained, sa.delete(prediction_inputs).where(prediction_inputs.c.seq.in_([6, 7])))

    assert problems(chained, tmp_path) == [(6, 7, PERSONAL_GONE)]


def test_a_deletion_is_found_where_it_is(chained, tmp_path):
    run(chained, sa.delete(predictions).where(predictions.c.seq.in_([5, 6])))

    assert problems(chained, tmp_path) == [(5, 6, MISSING)]


def test_an_insertion_is_found_where_it_is(chained, tmp_path):
    # Who makes room for it has to number all that follows anew.
    for seq in range(12, 6, -1):
        _renumber(chained, seq, seq + 1)
    copied = [column.name for column in predictions.columns if column.name not in {"seq", "decision_id"}]
    columns = [predictions.c[name] for name in copied]
    taken = sa.select(sa.literal(7), sa.literal("forged"), *columns).where(predictions.c.seq == 6)
    run(
        chained,
        sa.insert(predictions).from_select(["seq", "decision_id", *copied], taken),
        sa.update(chain_head).values(seq=13),
    )

    first = problems(chained, tmp_path)[0]
    assert (first[0], first[2]) == (7, CHANGED)


def test_two_decisions_that_changed_places_are_found(chained, tmp_path):
    for old, new in [(5, 99), (6, 5), (99, 6)]:
        _renumber(chained, old, new)

    places = problems(chained, tmp_path)
    assert (places[0][0], places[0][2]) == (5, CHANGED)
    assert max(last for _, last, _ in places) <= 8


def _renumber(database, old, new):
    """Move a decision with its inputs to another number."""
    with database.writing() as connection:
        (row,) = connection.execute(sa.select(prediction_inputs).where(prediction_inputs.c.seq == old)).all()
        connection.execute(sa.delete(prediction_inputs).where(prediction_inputs.c.seq == old))
        connection.execute(sa.update(predictions).where(predictions.c.seq == old).values(seq=new))
        connection.execute(sa.insert(prediction_inputs).values(**{**row._asdict(), "seq": new}))


def test_a_tail_that_is_cut_in_the_table_alone_is_found(chained, tmp_path):
    run(chained, sa.delete(predictions).where(predictions.c.seq > 9))

    first, last, what = problems(chained, tmp_path)[0]
    assert (first, last, what) == (10, 12, "missing from the end")


def test_a_tail_that_is_cut_with_the_head_mended_is_found_by_the_heads_kept_elsewhere(chained, tmp_path):
    ((digest,),) = chained.rows(sa.select(predictions.c.chain_hash).where(predictions.c.seq == 9))
    run(
        chained,
        sa.delete(predictions).where(predictions.c.seq > 9),
        sa.update(chain_head).values(seq=9, hash=digest),
    )

    (problem,) = found(chained, tmp_path).problems
    assert (problem.first, problem.last) == (10, 12)
    assert problem.what.startswith("missing from the end: by the head kept on 20")


def test_a_history_that_was_written_anew_is_found_by_the_heads_kept_elsewhere(chained, tmp_path):
    _forge_from(chained, 6)

    verdict = found(chained, tmp_path)

    assert [(one.first, one.what[:45]) for one in verdict.problems] == [
        (8, "its link is another than in the head kept on "),
        (12, "its link is another than in the head kept on "),
    ]
    assert verify(chained, [], None, lambda _: None).problems[0].what == NO_HEADS


def _forge_from(database, first):
    """Change decision *first* and link everything from there on again, as who knows this code could."""
    columns = [predictions.c[name] for name in CHAINED]
    with database.writing() as connection:
        connection.execute(
            sa.update(predictions).where(predictions.c.seq == first).values(decision="refuse", prediction=1)
        )
        digest = connection.scalar(sa.select(predictions.c.chain_hash).where(predictions.c.seq == first - 1))
        query = sa.select(*columns).where(predictions.c.seq >= first).order_by(predictions.c.seq)
        for row in connection.execute(query).all():
            digest = decision_hash(digest, tuple(row))
            change = sa.update(predictions).where(predictions.c.seq == row[0])
            connection.execute(change.values(chain_hash=digest))
        connection.execute(sa.update(chain_head).values(hash=digest))


def test_heads_that_were_written_without_the_key_are_no_proof(chained, tmp_path):
    keeper = HeadKeeper(tmp_path / "heads", b"a secret", every_s=0)
    chained.add(HEADER, [record()])
    keeper.keep(chained.head())
    assert found(chained, tmp_path, b"a secret").problems == []

    _forge_from(chained, 6)
    forged = HeadKeeper(tmp_path / "heads", b"another", every_s=0)
    forged.keep(chained.head())
    unsigned = HeadKeeper(tmp_path / "heads", None, every_s=0)
    unsigned.keep(chained.head())

    wrong = [one for one in found(chained, tmp_path, b"a secret").problems if one.what == UNKNOWN_HEAD]
    assert len(wrong) == 2
    assert found(chained, tmp_path, b"a secret").heads == 4


def test_a_head_that_cannot_be_read_is_said(chained, tmp_path):
    with list_file(tmp_path / "heads", chained.head().chain).open("ab") as file:
        file.write(b"{torn\n")

    assert problems(chained, tmp_path) == [(0, 0, UNKNOWN_HEAD)]


@pytest.mark.parametrize(
    "change", [{"body": "{}"}, {"kind": "remark"}, {"after_seq": 11}, {"happened_at_us": 1}]
)
def test_an_edited_event_is_found(chained, tmp_path, change):
    with chained.ledger() as ledger:
        ledger.add_event("erasure", {"decisions": []})
    run(chained, sa.update(chain_events).values(change))

    assert BAD_EVENT in [what for _, _, what in problems(chained, tmp_path)]


def test_an_event_that_is_gone_is_missed(chained, tmp_path):
    with chained.ledger() as ledger:
        ledger.add_event("erasure", {"decisions": []})
    chained.add(HEADER, [record()])
    run(chained, sa.delete(chain_events))

    assert problems(chained, tmp_path)[0][:2] == (13, 13)


def test_the_newest_head_is_kept_at_once_and_one_in_a_while_is_listed(database, tmp_path):
    keeper = HeadKeeper(tmp_path, None, every_s=1000)
    for _ in range(3):
        database.add(HEADER, [record()])
        keeper.keep(database.head())
    chain = database.head().chain
    listed = [
        msgspec.json.decode(line, type=KeptHead).seq
        for line in list_file(tmp_path, chain).read_bytes().splitlines()
    ]

    assert listed == [1]
    assert [one.seq for one in kept_heads(tmp_path, chain)] == [1, 3]
    keeper.keep(database.head(), last=True)
    assert [one.seq for one in kept_heads(tmp_path, chain)] == [1, 3, 3]


def test_the_door_says_what_holds_and_ends_with_1_when_it_does_not(run, url, tmp_path):
    with Database(url, create=True) as database:
        database.add(HEADER, [record() for _ in range(3)])
        HeadKeeper(tmp_path / "heads", None).keep(database.head())
        held = run(tmp_path, "verify", url=url)
        with database.writing() as connection:
            connection.execute(sa.update(predictions).where(predictions.c.seq == 2).values(decision="refuse"))

    broken = run(tmp_path, "verify", url=url)
    told = run(tmp_path, "verify", "--json", url=url)
    elsewhere = run(tmp_path, "verify", "--heads", tmp_path / "none", url=url)

    assert held.exit_code == 0, held.output
    assert held.stdout == "the chain holds: 3 decisions (0 erased), 0 events, compared with 1 kept heads\n"
    assert (broken.exit_code, told.exit_code, elsewhere.exit_code) == (1, 1, 1)
    assert broken.stdout.startswith(f"decision 2: {CHANGED}\nthe chain does NOT hold")
    assert json.loads(told.stdout)["problems"] == [{"first": 2, "last": 2, "what": CHANGED}]
    assert NO_HEADS in elsewhere.stdout

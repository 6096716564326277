"""Errors reach the records counted together, without filling them and without stopping anything."""

from pathlib import Path

from decisions import HEADER

from records.error_log import ErrorLog
from records.journal import Journal
from records.record import Anomaly
from records.segment import Segment, segments

REFUSED = Anomaly(happened_at_us=1, kind="error", request_id="first", route="/predict", status=422)


def told(folder: Path) -> list[Anomaly]:
    reports = [report for path in segments(folder) for report in Segment(path).read(0).reports]
    return [anomaly for report in reports for anomaly in report.anomalies]


def noted(folder: Path, *errors: Anomaly) -> list[Anomaly]:
    journal = Journal(folder, HEADER)
    log = ErrorLog(journal, every_s=60)
    for error in errors:
        log.note(error)
    log.close()
    journal.close()
    return told(folder)


def changed(**changes: object) -> Anomaly:
    return Anomaly(**{**{name: getattr(REFUSED, name) for name in Anomaly.__struct_fields__}, **changes})


def test_errors_that_are_alike_are_one_with_their_number(tmp_path):
    found = noted(tmp_path, REFUSED, changed(request_id="second"), changed(status=400), REFUSED)

    assert [(one.status, one.count, one.request_id) for one in found] == [
        (422, 3, "first"),
        (400, 1, "first"),
    ]
    assert len({one.key for one in found}) == 2
    assert None not in {one.key for one in found}


def test_many_kinds_of_nonsense_are_counted_whole_but_not_kept_apart(tmp_path):
    nonsense = [changed(scenario=f"s{i}", field=f"f{i}") for i in range(3000)]

    found = noted(tmp_path, *nonsense, REFUSED)

    assert len(found) == 502
    assert sum(one.count for one in found) == 3001
    assert [one.count for one in found if one.scenario == "other"] == [2500]
    assert [one.count for one in found if one.scenario is None] == [1]


def test_errors_wait_while_the_journal_cannot_be_written(tmp_path):
    in_the_way = tmp_path / "journal"
    in_the_way.write_text("a file where the folder should be")
    journal = Journal(in_the_way, HEADER)
    log = ErrorLog(journal, every_s=0.01)
    log.note(REFUSED)
    log.note(REFUSED)
    log._thread.join(0.1)

    in_the_way.unlink()
    log.close()
    journal.close()

    assert [one.count for one in told(in_the_way)] == [2]


def test_nothing_is_written_when_nothing_went_wrong(tmp_path):
    assert noted(tmp_path) == []
    assert segments(tmp_path) == []

"""An answer with an error status, as the records keep it: with no value and no name that a client made up."""

import time

import msgspec

from api.application import CLIENT
from api.office import Office, current_office
from api.visit import Visit
from records.anomaly import ERROR, REFUSED_INPUT
from records.record import Anomaly


def note_error(visit: Visit, status: int) -> None:
    """Count the error that *visit* ended in, and each rule its applicants broke, however many broke it.

    A worker that cannot decide keeps no records.
    """
    office = current_office()
    if not isinstance(office, Office):
        return
    error = Anomaly(
        happened_at_us=time.time_ns() // 1000,
        kind=ERROR,
        request_id=visit.request_id,
        route=visit.route,
        scenario=visit.scenario,
        status=status,
        rule=visit.problem,
    )
    office.errors.note(error)
    for field, rule in {(found.field.rpartition(".")[2], found.rule) for found in visit.errors}:
        named = field if field == CLIENT or office.reader.accepts(field) else None
        office.errors.note(
            msgspec.structs.replace(error, kind=REFUSED_INPUT, status=None, field=named, rule=rule)
        )

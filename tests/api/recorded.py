"""What the service has recorded, read from its database."""

import sqlite3
import time
from contextlib import closing, suppress

from serving import EXAMPLE

JSON = {"content-type": "application/json"}


def recorded_under(service, request_id):
    """How many decisions a request left, once everything before a later decision is in the database."""
    after = service.client.post("/predict", content=EXAMPLE.read_bytes(), headers=JSON).json()["decision_id"]
    in_database(service, after)
    with reading(service) as connection:
        ((count,),) = connection.execute(
            "select count(*) from predictions where request_id = ?", (request_id,)
        )
    return count


def in_database(service, decision_id):
    """The row of a decision, which must be there within five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        # Until the archivist has made it, there is no database.
        with suppress(sqlite3.OperationalError), reading(service) as connection:
            rows = connection.execute(
                "select * from predictions where decision_id = ?", (decision_id,)
            ).fetchall()
            if rows:
                (row,) = rows
                return row
        time.sleep(0.05)
    raise AssertionError("the decision was not in the database within 5 seconds")


def reading(service):
    """The service's database, read only."""
    path = service.folder / "var" / "octroi.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return closing(connection)

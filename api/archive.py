"""The database of records, as the routes that read it or write to it reach it."""

import threading

from records.clients import Client, Clients
from records.database import Database
from records.erasure import Erasure, Places, erase_client

_PATIENCE_S = 12.0
"""For an erasure, which waits for every worker and for the archivist; less than BentoML's timeout."""


def _leave_it() -> None:
    """The archivist beside the workers does its part."""


class Archive:
    """Opened when it is first asked, for its tables are the archivist's to make. For several threads.

    Every method raises `DatabaseUnavailable` while the database does not answer.
    """

    def __init__(self, url: str, places: Places) -> None:
        self._url = url
        self._places = places
        self._lock = threading.Lock()
        self._opened: tuple[Database, Clients] | None = None

    @property
    def database(self) -> Database:
        return self._open()[0]

    def client(self, sk_id_curr: int) -> Client:
        """What was loaded of this client; `UnknownClient` when nothing was."""
        return self._open()[1].find(sk_id_curr)

    def erase(self, sk_id_curr: int) -> Erasure:
        """Erase a client's data; `ErasureUnfinished` when that takes longer than a request may."""
        return erase_client(self.database, self._places, sk_id_curr, _leave_it, _PATIENCE_S)

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened[0].close()
                self._opened = None

    def _open(self) -> tuple[Database, Clients]:
        with self._lock:
            if self._opened is None:
                database = Database(self._url)
                self._opened = database, Clients(database)
            return self._opened

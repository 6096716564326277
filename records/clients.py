"""Clients by number: their features, as `load-clients` left them."""

from dataclasses import dataclass

import msgspec

from credit.errors import UnknownClient
from records.database import Database

_FEATURES = "SELECT names_sha256, features FROM clients WHERE sk_id_curr = ?"
_NAMES = "SELECT names FROM client_names WHERE names_sha256 = ?"
_decode_values = msgspec.json.Decoder(tuple[float | str | None, ...]).decode
_decode_names = msgspec.json.Decoder(tuple[str, ...]).decode


@dataclass(frozen=True, slots=True)
class Client:
    """What is known of one client before an application."""

    names: tuple[str, ...]
    """The same tuple for all clients of one load."""
    values: tuple[float | str | None, ...]
    """In the order of the names."""


class Clients:
    """Looks clients up in a database. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, tuple[str, ...]] = {}

    def find(self, sk_id_curr: int) -> Client:
        """The client of this number; `UnknownClient` when there is none."""
        row = self._database.first_row(_FEATURES, sk_id_curr)
        if row is None:
            raise UnknownClient(f"no client {sk_id_curr} is known here")
        return Client(self._names.get(row[0]) or self._read_names(row[0]), _decode_values(row[1]))

    def _read_names(self, sha256: str) -> tuple[str, ...]:
        row = self._database.first_row(_NAMES, sha256)
        assert row is not None, "clients are loaded together with their names"
        return self._names.setdefault(sha256, _decode_names(row[0]))

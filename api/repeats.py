"""Names that a body gives twice. JSON does not say which of the two counts, so here neither does."""

import json
from collections.abc import Iterable, Sequence

from features.schema import Value


class _Repeated(ValueError):
    """The name that an object holds twice."""


def repeated(body: bytes, names: int, clients: Sequence[Sequence[Value]]) -> str | None:
    """A name that *body* holds twice in one object.

    *names* is how many different ones were read from all of its objects, *clients* are their values.
    """
    colons = body.count(b":")
    # Counting is quick, and wrong in one direction only: then the body is read again, slowly. An escape
    # could hide a colon from the count, and a second name behind it.
    if colons != names and (b"\\" in body or colons - _colons_in(clients) != names):
        return first_repeated(body)
    return None


def _colons_in(clients: Iterable[Sequence[Value]]) -> int:
    return sum(value.count(":") for values in clients for value in values if isinstance(value, str))


def first_repeated(body: bytes) -> str | None:
    """The first name that an object anywhere in *body* holds twice."""
    try:
        json.loads(body, object_pairs_hook=_distinct)
    except _Repeated as error:
        return str(error)
    return None


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Repeated(name)
        found[name] = value
    return found

"""Names that a body gives twice. JSON does not say which of the two counts, so here neither does."""

import json
from collections.abc import Callable, Iterable, Sequence

import msgspec

from features.schema import Value

_KEYS_OF_ONE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KEYS_OF_MANY = msgspec.json.Decoder(dict[str, list[dict[str, msgspec.Raw]]])


class _Repeated(ValueError):
    """The name that an object holds twice."""


def repeated_in_one(body: bytes, values: Sequence[Value]) -> str | None:
    """A name that the object *body* holds twice; *values* are what was read from it, `None` where missing."""
    return _repeated(body, lambda: len(_KEYS_OF_ONE.decode(body)), (values,), 0)


def repeated_in_many(body: bytes, clients: Sequence[Sequence[Value]]) -> str | None:
    """A name that the batch *body* holds twice in one object; *clients* are the values read from it."""

    def keys() -> int:
        return 1 + sum(map(len, _KEYS_OF_MANY.decode(body)["clients"]))

    return _repeated(body, keys, clients, 1)


def _repeated(
    body: bytes, keys: Callable[[], int], clients: Sequence[Sequence[Value]], around: int
) -> str | None:
    """Counting colons is quick, and wrong in one direction only: then the body is read again, slowly."""
    if b"null" in body:
        distinct = keys()
    else:
        distinct = around + sum(len(values) - values.count(None) for values in clients)
    colons = body.count(b":")
    if colons != distinct and colons - _colons_in(clients) != distinct:
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

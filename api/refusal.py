"""Why a body is refused: read again, leniently, so that every error is named with its field."""

import sys
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import msgspec

from api.application import CLIENT
from api.repeats import first_repeated
from credit.errors import InvalidApplication
from credit.finding import Finding
from features.schema import Feature, FeatureSchema

# msgspec lets the codec's own error through where a string is no UTF-8.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
MOST_ERRORS = 100
"""More than these nobody reads; a body of megabytes must not buy an answer of megabytes."""
_LONGEST_NAME = 60
_TYPE_NAMES = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}


class MalformedBody(InvalidApplication):
    """A body that is not the JSON expected: no rule about a feature could even be tried."""

    def __init__(self, message: str) -> None:
        super().__init__((Finding("", "json", message),))


class Refusals:
    """Explains what is wrong with bodies that should hold applications of one schema."""

    def __init__(self, schema: FeatureSchema, max_batch: int) -> None:
        self._max_batch = max_batch
        self._features = {feature.name: feature for feature in schema.features}
        self._required = tuple(feature.name for feature in schema.features if feature.required)

    def of_one(self, body: bytes, error: Exception | None) -> InvalidApplication:
        """Every error of a `/predict` body; *error*: what the strict decoder said, if it did."""
        return _refusal(self._errors_of(loaded_json(body), prefix=""), error, body)

    def of_batch(self, body: bytes, error: Exception | None) -> InvalidApplication:
        """Every error of a `/predict_batch` body, with its client's index."""
        loaded = loaded_json(body)
        clients = loaded.get("clients") if isinstance(loaded, dict) and len(loaded) == 1 else None
        if not isinstance(clients, list):
            return _not_a_batch('send an object with one key, "clients", that holds a list')
        if refusal := self.wrong_number(clients):
            return refusal
        errors: list[Finding] = []
        for index, client in enumerate(clients):
            errors += self._errors_of(client, prefix=f"clients[{index}].")
            if len(errors) >= MOST_ERRORS:
                break
        return _refusal(errors, error, body)

    def wrong_number(self, clients: Sequence[object]) -> InvalidApplication | None:
        """The refusal of a batch that holds nobody, or too many; None when their number is fine."""
        if 1 <= len(clients) <= self._max_batch:
            return None
        return _not_a_batch(f"send between 1 and {self._max_batch} clients at once, not {len(clients)}")

    def _errors_of(self, client: object, prefix: str) -> list[Finding]:
        if not isinstance(client, Mapping):
            return [Finding(prefix.rstrip("."), "type", "send an object of named features")]
        if is_number_alone(client):
            return []
        missing = [name for name in self._required if client.get(name) is None]
        errors = [Finding(prefix + name, "required", "is required: send a number") for name in missing]
        for name, value in client.items():
            shown = prefix + name[:_LONGEST_NAME]
            errors += [Finding(shown, rule, message) for rule, message in self._broken(name, value)]
            if len(errors) >= MOST_ERRORS:
                break
        return errors

    def _broken(self, name: str, value: object) -> list[tuple[str, str]]:
        """The rules, with their messages, that one named value breaks."""
        if name == CLIENT:
            return [] if _is_client(value) else [("type", "send a whole number from 1 on, or leave it out")]
        feature = self._features.get(name)
        if feature is None:
            advice = (
                "names are in capitals" if name.upper() in self._features else "/model-info has the names"
            )
            return [("unknown-field", f"not a feature of this model: {advice}")]
        return broken_by(feature, value)


def broken_by(feature: Feature, value: object) -> list[tuple[str, str]]:
    """The rules of *feature*, each with its message, that *value* breaks."""
    if value is None:
        return []
    if feature.is_category:
        fits = isinstance(value, str) or (bool(feature.aliases) and _is_number(value))
        return (
            []
            if fits
            else [("type", f"send one of the category's names as a string, not {_type_name(value)}")]
        )
    if not _is_number(value):
        return [("type", f"send a number, not {_type_name(value)}")]
    return _out_of_domain(feature, value)  # type: ignore[arg-type]  # a number, as checked


def _out_of_domain(feature: Feature, value: float) -> list[tuple[str, str]]:
    if value in feature.sentinels:
        return []
    # An int of JSON may be larger than any double.
    if not -sys.float_info.max <= value <= sys.float_info.max:
        return [("finite", "send a finite number, or null where it is missing")]
    if feature.low is not None and value < feature.low:
        return [("domain", f"must be at least {feature.low:g} ({feature.unit})")]
    if feature.high is not None and value > feature.high:
        return [("domain", f"must be at most {feature.high:g} ({feature.unit})")]
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_client(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 2**53)


def is_number_alone(client: object) -> TypeGuard[Mapping[str, int]]:
    """Whether nothing but a client's number was sent."""
    return (
        isinstance(client, Mapping)
        and client.keys() == {CLIENT}
        and client[CLIENT] is not None
        and _is_client(client[CLIENT])
    )


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a number")


def loaded_json(body: bytes) -> object:
    """*body* as any JSON; `MalformedBody` when it is none."""
    try:
        return _LENIENT.decode(body)
    except UNREADABLE as error:
        reason = "it is empty" if not body.strip() else str(error)
        raise MalformedBody(f"the body is not JSON: {reason}") from None


def _refusal(errors: list[Finding], error: Exception | None, body: bytes) -> InvalidApplication:
    if errors:
        return InvalidApplication(tuple(errors[:MOST_ERRORS]))
    if name := first_repeated(body):
        return named_twice(name)
    # What the decoder alone refuses (a number too large for a double) still needs words.
    return InvalidApplication((Finding("", "json", str(error)),))


def named_twice(name: str) -> MalformedBody:
    """The refusal of a body that has *name* twice in one object."""
    return MalformedBody(f"the body names {name} twice: send each name once")


def _not_a_batch(message: str) -> InvalidApplication:
    return InvalidApplication((Finding("clients", "batch", message),))


# float() makes 1e999 infinite, which a rule then refuses by the field's name.
_LENIENT = msgspec.json.Decoder(float_hook=float)

"""Reading an application from JSON: strictly, and with every error named."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeGuard

import msgspec

from api.repeats import first_repeated, repeated
from credit.errors import InvalidApplication
from credit.finding import Finding
from features.consistency import Consistency
from features.schema import Feature, FeatureSchema, Value

CLIENT = "sk_id_curr"
# msgspec lets the codec's own error through where a string is no UTF-8.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MOST_ERRORS = 100
"""More than these nobody reads; a body of megabytes must not buy an answer of megabytes."""
_LONGEST_NAME = 60
_SOME_MORE = 16
"""Features past the model's own that an ordinary body may have: sex, age band."""
_CLIENT_TYPE = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_ABSENT = msgspec.UNSET
"""What stands where a name was not sent; null is a name that was."""
_TYPE_NAMES = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}


class MalformedBody(InvalidApplication):
    """A body that is not the JSON expected: no rule about a feature could even be tried."""

    def __init__(self, message: str) -> None:
        super().__init__((Finding("", "json", message),))


@dataclass(frozen=True, slots=True)
class Application:
    """One applicant, as given: the client's number if any, raw values in the order of the schema."""

    sk_id_curr: int | None
    values: tuple[Value, ...]
    """Of the model's features, and on to the last one given; empty where only the client's number was."""

    @property
    def is_number_alone(self) -> bool:
        """Whether the features are still to be looked up."""
        return not self.values

    def amount(self, schema: FeatureSchema) -> float | None:
        """The credit asked for, which the record keeps by name."""
        value = self.values[schema.position("AMT_CREDIT")]
        return value if isinstance(value, float) else None


class ApplicationReader:
    """Reads applications of one schema; types and domain limits are checked while decoding."""

    def __init__(self, schema: FeatureSchema, max_batch: int) -> None:
        self._schema = schema
        self._max_batch = max_batch
        self._consistency = Consistency(schema)
        self._features = {feature.name: feature for feature in schema.features}
        self._required = tuple(feature.name for feature in schema.features if feature.required)
        self._positions = [schema.position(name) for name in self._required]
        self._nothing = (_ABSENT,) * (len(schema.features) - schema.width)
        self._checked_here = [
            (position, feature)
            for position, feature in enumerate(schema.features)
            if feature.sentinels and not feature.is_category
        ]
        applicant = _applicant_type(schema.features)
        self._usual = msgspec.json.Decoder(_applicant_type(schema.features[: _usual_end(schema)]))
        self._any = msgspec.json.Decoder(applicant)
        self._many = msgspec.json.Decoder(_batch_type(applicant))

    def accepts(self, name: str) -> bool:
        """Whether *name* is a feature of this schema."""
        return name in self._features

    def read(self, body: bytes) -> Application:
        """The application in a `/predict` body; `InvalidApplication` lists every error."""
        try:
            application, names = self._taken(self._decoded(body))
        except _UNREADABLE as error:
            raise self._explained(body, error) from None
        if self._is_incomplete(application):
            return self._number_alone(body)
        if self._is_beyond(application):
            raise self._explained(body, None)
        if name := repeated(body, names, (application.values,)):
            raise _twice(name)
        if found := self._consistency.findings(application.values):
            raise InvalidApplication(tuple(found))
        return application

    def read_batch(self, body: bytes) -> list[Application]:
        """The applications in a `/predict_batch` body; `InvalidApplication` lists every error."""
        try:
            (clients,) = msgspec.structs.astuple(self._many.decode(body))
        except _UNREADABLE as error:
            raise self._explained_batch(body, error) from None
        if refusal := self._wrong_number(clients):
            raise refusal
        taken = [self._taken(client) for client in clients]
        applications = [application for application, _ in taken]
        incomplete = [i for i, application in enumerate(applications) if self._is_incomplete(application)]
        if any(map(self._is_beyond, applications)) or not _are_numbers_alone(body, incomplete):
            raise self._explained_batch(body, None)
        names = 1 + sum(given for _, given in taken)
        if name := repeated(body, names, [application.values for application in applications]):
            raise _twice(name)
        if errors := self._inconsistent(applications):
            raise InvalidApplication(tuple(errors))
        for i in incomplete:
            applications[i] = Application(applications[i].sk_id_curr, ())
        return applications

    def _decoded(self, body: bytes) -> msgspec.Struct:
        try:
            # A fifth of the fields, for most bodies enough, is a fifth of the memory to walk through.
            return self._usual.decode(body)
        except _UNREADABLE:
            return self._any.decode(body)

    def _is_incomplete(self, application: Application) -> bool:
        """Whether a required feature is missing."""
        values = application.values
        end = len(values)
        for position in self._positions:  # noqa: SIM110  # a loop takes a third of the time of any()
            if position >= end or values[position] is None:
                return True
        return False

    def _taken(self, client: msgspec.Struct) -> tuple[Application, int]:
        """What was sent, without the missing values past the model's own; and how many names that took."""
        values = msgspec.structs.astuple(client)
        end = self._schema.width + 1
        if values[end:] != self._nothing[: len(values) - end]:
            end = len(values)
            while values[end - 1] is _ABSENT:
                end -= 1
        sk_id_curr, known = values[0], values[1:end]
        absent = known.count(_ABSENT)
        if absent:
            known = tuple([None if value is _ABSENT else value for value in known])
        if sk_id_curr is _ABSENT:
            return Application(None, known), len(known) - absent
        return Application(sk_id_curr, known), len(known) - absent + 1

    def _number_alone(self, body: bytes) -> Application:
        """The application in a body without the required features: a client's number, or a refusal."""
        loaded = _loaded(body)
        if not _is_number_alone(loaded):
            raise self._explained(body, None)
        if name := first_repeated(body):
            raise _twice(name)
        return Application(loaded[CLIENT], ())

    def _inconsistent(self, applications: Sequence[Application]) -> list[Finding]:
        errors: list[Finding] = []
        for index, application in enumerate(applications):
            errors += [
                replace(found, field=f"clients[{index}].{found.field}")
                for found in self._consistency.findings(application.values)
            ]
            if len(errors) >= _MOST_ERRORS:
                break
        return errors[:_MOST_ERRORS]

    def _is_beyond(self, application: Application) -> bool:
        """Whether a feature whose limits the decoder could not check breaks them."""
        values = application.values
        for position, feature in self._checked_here:
            if position >= len(values):
                return False
            value = values[position]
            if value is not None and _broken_by(feature, value):
                return True
        return False

    def _explained(self, body: bytes, error: Exception | None) -> InvalidApplication:
        return _refusal(self._errors_of(_loaded(body), prefix=""), error, body)

    def _explained_batch(self, body: bytes, error: Exception | None) -> InvalidApplication:
        loaded = _loaded(body)
        clients = loaded.get("clients") if isinstance(loaded, dict) and len(loaded) == 1 else None
        if not isinstance(clients, list):
            return _not_a_batch('send an object with one key, "clients", that holds a list')
        if refusal := self._wrong_number(clients):
            return refusal
        errors: list[Finding] = []
        for index, client in enumerate(clients):
            errors += self._errors_of(client, prefix=f"clients[{index}].")
            if len(errors) >= _MOST_ERRORS:
                break
        return _refusal(errors, error, body)

    def _wrong_number(self, clients: Sequence[object]) -> InvalidApplication | None:
        if 1 <= len(clients) <= self._max_batch:
            return None
        return _not_a_batch(f"send between 1 and {self._max_batch} clients at once, not {len(clients)}")

    def _errors_of(self, client: object, prefix: str) -> list[Finding]:
        if not isinstance(client, Mapping):
            return [Finding(prefix.rstrip("."), "type", "send an object of named features")]
        if _is_number_alone(client):
            return []
        missing = [name for name in self._required if client.get(name) is None]
        errors = [Finding(prefix + name, "required", "is required: send a number") for name in missing]
        for name, value in client.items():
            shown = prefix + name[:_LONGEST_NAME]
            errors += [Finding(shown, rule, message) for rule, message in self._broken(name, value)]
            if len(errors) >= _MOST_ERRORS:
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
        return _broken_by(feature, value)


def _broken_by(feature: Feature, value: object) -> list[tuple[str, str]]:
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


def _is_number_alone(client: object) -> TypeGuard[Mapping[str, int]]:
    """Whether nothing but a client's number was sent."""
    return (
        isinstance(client, Mapping)
        and client.keys() == {CLIENT}
        and client[CLIENT] is not None
        and _is_client(client[CLIENT])
    )


def _are_numbers_alone(body: bytes, positions: Sequence[int]) -> bool:
    """Whether those of a batch's clients are nothing but numbers."""
    if not positions:
        return True
    clients = _loaded(body)["clients"]  # type: ignore[index]  # as the strict decoder has found
    return all(_is_number_alone(clients[position]) for position in positions)


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a number")


def _loaded(body: bytes) -> object:
    try:
        return _LENIENT.decode(body)
    except _UNREADABLE as error:
        reason = "it is empty" if not body.strip() else str(error)
        raise MalformedBody(f"the body is not JSON: {reason}") from None


def _refusal(errors: list[Finding], error: Exception | None, body: bytes) -> InvalidApplication:
    if errors:
        return InvalidApplication(tuple(errors[:_MOST_ERRORS]))
    if name := first_repeated(body):
        return _twice(name)
    # What the decoder alone refuses (a number too large for a double) still needs words.
    return InvalidApplication((Finding("", "json", str(error)),))


def _twice(name: str) -> MalformedBody:
    return MalformedBody(f"the body names {name} twice: send each name once")


def _not_a_batch(message: str) -> InvalidApplication:
    return InvalidApplication((Finding("clients", "batch", message),))


# float() makes 1e999 infinite, which a rule then refuses by the field's name.
_LENIENT = msgspec.json.Decoder(float_hook=float)


_STRICT: dict[str, Any] = {"forbid_unknown_fields": True, "kw_only": True, "frozen": True, "gc": False}


def _usual_end(schema: FeatureSchema) -> int:
    """Up to where in the schema most clients send features: the model's, what is required, and some more."""
    required = [position for position, feature in enumerate(schema.features) if feature.required]
    return max([schema.width, *(position + 1 for position in required)]) + _SOME_MORE


def _applicant_type(features: Sequence[Feature]) -> type[msgspec.Struct]:
    """A type with the fields of *features*, so that the decoder itself checks names, types and limits."""
    client = (CLIENT, _CLIENT_TYPE | None | msgspec.UnsetType, _ABSENT)
    return msgspec.defstruct("Applicant", [client, *map(_field, features)], **_STRICT)


def _batch_type(applicant: Any) -> type[msgspec.Struct]:
    return msgspec.defstruct("Applicants", [("clients", list[applicant])], **_STRICT)


def _field(feature: Feature) -> tuple[str, Any, msgspec.UnsetType]:
    if feature.is_category:
        value: Any = str | float if feature.aliases else str
    else:
        value = Annotated[float, msgspec.Meta(ge=feature.low, le=feature.high)]
        if feature.sentinels:
            # A sentinel lies outside the limits; the reader checks these few itself.
            value = float
    # A required one too: whoever sends a known client's number alone need not send it.
    return (feature.name, value | None | msgspec.UnsetType, _ABSENT)

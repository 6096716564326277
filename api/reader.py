"""Reading applications from JSON: strictly, types and domain limits while decoding."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from api.application import CLIENT, Application
from api.refusal import (
    MOST_ERRORS,
    UNREADABLE,
    Refusals,
    broken_by,
    is_number_alone,
    loaded_json,
    named_twice,
)
from api.repeats import first_repeated, repeated
from credit.errors import InvalidApplication
from credit.finding import Finding
from features.consistency import Consistency
from features.schema import Feature, FeatureSchema

_SOME_MORE = 16
"""Features past the model's own that an ordinary body may have: sex, age band."""
_CLIENT_TYPE = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_ABSENT = msgspec.UNSET
"""What stands where a name was not sent; null is a name that was."""
_STRICT: dict[str, Any] = {"forbid_unknown_fields": True, "kw_only": True, "frozen": True, "gc": False}


class ApplicationReader:
    """Reads applications of one schema; types and domain limits are checked while decoding."""

    def __init__(self, schema: FeatureSchema, max_batch: int) -> None:
        self._schema = schema
        self._consistency = Consistency(schema)
        self._refusals = Refusals(schema, max_batch)
        self._names = frozenset(schema.names)
        self._positions = [position for position, feature in enumerate(schema.features) if feature.required]
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
        return name in self._names

    def read(self, body: bytes) -> Application:
        """The application in a `/predict` body; `InvalidApplication` lists every error."""
        try:
            application, names = self._taken(self._decoded(body))
        except UNREADABLE as error:
            raise self._refusals.of_one(body, error) from None
        if self._is_incomplete(application):
            return self._number_alone(body)
        if self._is_beyond(application):
            raise self._refusals.of_one(body, None)
        if name := repeated(body, names, (application.values,)):
            raise named_twice(name)
        if found := self._consistency.findings(application.values):
            raise InvalidApplication(tuple(found))
        return application

    def read_batch(self, body: bytes) -> list[Application]:
        """The applications in a `/predict_batch` body; `InvalidApplication` lists every error."""
        try:
            (clients,) = msgspec.structs.astuple(self._many.decode(body))
        except UNREADABLE as error:
            raise self._refusals.of_batch(body, error) from None
        if refusal := self._refusals.wrong_number(clients):
            raise refusal
        taken = [self._taken(client) for client in clients]
        applications = [application for application, _ in taken]
        incomplete = [i for i, application in enumerate(applications) if self._is_incomplete(application)]
        if any(map(self._is_beyond, applications)) or not _are_numbers_alone(body, incomplete):
            raise self._refusals.of_batch(body, None)
        names = 1 + sum(given for _, given in taken)
        if name := repeated(body, names, [application.values for application in applications]):
            raise named_twice(name)
        if errors := self._inconsistent(applications):
            raise InvalidApplication(tuple(errors))
        for i in incomplete:
            applications[i] = Application(applications[i].sk_id_curr, ())
        return applications

    def _decoded(self, body: bytes) -> msgspec.Struct:
        try:
            # A fifth of the fields, for most bodies enough, is a fifth of the memory to walk through.
            return self._usual.decode(body)
        except UNREADABLE:
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
        loaded = loaded_json(body)
        if not is_number_alone(loaded):
            raise self._refusals.of_one(body, None)
        if name := first_repeated(body):
            raise named_twice(name)
        return Application(loaded[CLIENT], ())

    def _inconsistent(self, applications: Sequence[Application]) -> list[Finding]:
        errors: list[Finding] = []
        for index, application in enumerate(applications):
            errors += [
                replace(found, field=f"clients[{index}].{found.field}")
                for found in self._consistency.findings(application.values)
            ]
            if len(errors) >= MOST_ERRORS:
                break
        return errors[:MOST_ERRORS]

    def _is_beyond(self, application: Application) -> bool:
        """Whether a feature whose limits the decoder could not check breaks them."""
        values = application.values
        for position, feature in self._checked_here:
            if position >= len(values):
                return False
            value = values[position]
            if value is not None and broken_by(feature, value):
                return True
        return False


def _are_numbers_alone(body: bytes, positions: Sequence[int]) -> bool:
    """Whether those of a batch's clients are nothing but numbers."""
    if not positions:
        return True
    clients = loaded_json(body)["clients"]  # type: ignore[index]  # as the strict decoder has found
    return all(is_number_alone(clients[position]) for position in positions)


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

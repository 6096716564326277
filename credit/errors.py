"""Everything Octroi refuses or cannot do, as one tree; only `api` turns it into HTTP.

The text of each error is one sentence for the person who can mend it: what is wrong, where, what to do.
"""

from credit.finding import Finding


class OctroiError(Exception):
    """Base of every error a user can cause or mend."""


class InvalidApplication(OctroiError):
    """An application that breaks one rule or more; all of them are listed."""

    def __init__(self, errors: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


class UnknownDecision(OctroiError):
    """A decision that is not in the database."""


class UnknownClient(OctroiError):
    """A client number that is not in the store; in a request of several, all of them are listed."""

    def __init__(self, message: str, errors: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class InvalidTables(OctroiError):
    """Raw tables or features that cannot be read as such; names file, column and rows."""


class InvalidModel(OctroiError):
    """A model or bundle that is missing, damaged or inconsistent."""


class UnconvertibleModel(InvalidModel):
    """A LightGBM model that has no exact ONNX counterpart here; says why and what to do instead."""


class CertificateRefused(InvalidModel):
    """A converted model whose certificate is missing, does not match its files, or does not hold."""


class InvalidPolicy(OctroiError):
    """A decision policy that contradicts itself."""


class InvalidSettings(OctroiError):
    """An environment variable that is missing or wrong."""


class JournalUnavailable(OctroiError):
    """Decisions cannot be made durable now, so none may be answered."""


class DatabaseUnavailable(OctroiError):
    """The database of records cannot be reached or written."""


class Undecided(OctroiError):
    """No decision in time; it may still be made, and recorded."""


class Overloaded(OctroiError):
    """More requests wait than the service can answer in time."""


class Stopping(OctroiError):
    """The service was told to stop; it decides what still reaches it."""

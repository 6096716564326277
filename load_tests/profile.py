"""What traffic a load test makes, at which rate, and what must hold of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run must keep to."""

    p99_ms: float
    """Of all requests, as their clients see it."""
    errors: float = 0.0
    """Share of the requests that may end otherwise than was expected of them."""
    goodput: float = 0.95
    """Share of the planned requests that must be answered as expected."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Clients who come at a fixed rate, whatever becomes of them."""

    meaning: str
    user: str
    """A class in load_tests/users.py."""
    rate: float
    """Requests a second, of all clients together."""
    minutes: float
    limits: Limits
    is_soak: bool = False
    """Whether memory and file descriptors must be flat."""

    @property
    def clients(self) -> int:
        """Enough of them, so that one who waits for an answer holds up no other's request."""
        return max(4, round(self.rate / 5))

    def planned(self, seconds: float) -> float:
        """Requests that are due in so many *seconds*, when clients come one by one in the first of them.

        Each begins somewhere in its first pause.
        """
        return self.rate * (seconds - 0.5) - self.clients / 2


_MIXED = "one applicant, twenty or a client's number in each request"
PROFILES = {
    "smoke": Profile("a little of everything", "Mixed", 20, 0.5, Limits(p99_ms=500)),
    "single": Profile("one applicant in each request", "Single", 200, 1, Limits(p99_ms=250)),
    "lookup": Profile("the client's number alone", "Lookup", 100, 1, Limits(p99_ms=250)),
    "batch": Profile("twenty applicants in each request", "Batch", 20, 1, Limits(p99_ms=500)),
    "steady": Profile("single applicants, all day", "Single", 300, 2, Limits(p99_ms=250)),
    "mixed": Profile(f"{_MIXED}, one request in a hundred wrong", "Mixed", 150, 1, Limits(p99_ms=500)),
    "soak": Profile(f"{_MIXED}, for long", "Mixed", 60, 30, Limits(p99_ms=500), is_soak=True),
}

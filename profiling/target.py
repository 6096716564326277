"""What a measurement must reach."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One limit, what was measured of it, and whether it holds."""

    what: str
    measured: float
    holds: bool

    @classmethod
    def at_least(cls, what: str, measured: float, limit: float) -> "Target":
        return cls(f"{what}: at least {limit:.3g}", measured, measured >= limit)

    @classmethod
    def at_most(cls, what: str, measured: float, limit: float) -> "Target":
        return cls(f"{what}: at most {limit:.3g}", measured, measured <= limit)


def as_rows(targets: Iterable[Target]) -> str:
    """Rows of a table in Markdown."""
    return "\n".join(
        f"| {one.what} | {one.measured:.3g} | {'holds' if one.holds else '**missed**'} |" for one in targets
    )

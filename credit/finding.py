"""What was noticed about one field of an application."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one field breaks. An error refuses the application, a warning goes with the answer.

    It never carries the value itself: findings are logged, recorded and shown.
    """

    field: str
    rule: str
    message: str

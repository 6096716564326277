"""The product with a journal that forgets: nothing is recorded, nothing synced to the disk."""

from collections.abc import Iterable, Sequence

import api.office
from records.journal import Journal
from records.record import DecisionRecord


class Forgetful(Journal):
    """Takes decisions and keeps none."""

    def append(self, requests: Iterable[Sequence[DecisionRecord]]) -> None:
        """Forget *requests*, which are not even made into records."""


api.office.Journal = Forgetful  # type: ignore[attr-defined]  # what this variant is

from service import CreditScoring  # noqa: E402  # opened with the journal above

__all__ = ["CreditScoring"]

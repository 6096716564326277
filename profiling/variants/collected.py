"""The product with the garbage collector as Python starts it: it looks through all that was ever loaded."""

import api.office


class Collector:
    """A `gc` whose settings stay as they are."""

    def collect(self) -> None:
        """Collect nothing: that is left to Python."""

    def freeze(self) -> None:
        """Freeze nothing."""

    def set_threshold(self, *_: int) -> None:
        """Stay as often as before."""


api.office.gc = Collector()  # type: ignore[assignment, attr-defined]  # what this variant is

from service import CreditScoring  # noqa: E402  # opened with the collector above

__all__ = ["CreditScoring"]

"""An archivist that profiles nothing."""

import records.archiving.__main__ as archiving


class Unprofiled:
    """Takes in no decision."""

    def __init__(self, *_: object) -> None:
        """Wherever the profiles are kept."""

    def take_in(self, *, last: bool = False) -> None:
        """Profile nothing, the last time neither."""


archiving.Profiling = Unprofiled  # type: ignore[assignment, misc]  # what this variant is
archiving.door()

"""The product with an archivist that moves decisions into the database and profiles none."""

import sys

import records.supervisor

records.supervisor.ARCHIVE = (sys.executable, "-m", "profiling.variants.unprofiled_archivist")

from service import CreditScoring  # noqa: E402  # opened with the archivist above

__all__ = ["CreditScoring"]

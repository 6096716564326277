"""The one list of candidate features."""

from functools import cache

from features.application import OWN
from features.bureau import BUREAU
from features.payments import CARD, INSTALMENTS, POS
from features.previous import PREVIOUS
from features.ratios import ACROSS, RATIOS
from features.schema import Feature

HISTORIES = (BUREAU, PREVIOUS, POS, INSTALMENTS, CARD)


@cache
def sections() -> tuple[tuple[str, tuple[Feature, ...]], ...]:
    """The candidates under the titles of the data dictionary, in order."""
    return (
        ("The application", OWN),
        ("Ratios of the application", tuple(derived.feature for derived in RATIOS)),
        *((history.title, history.features) for history in HISTORIES),
        ("Across tables", tuple(derived.feature for derived in ACROSS)),
    )


@cache
def candidates() -> tuple[Feature, ...]:
    """Every candidate feature, in the order of the columns of `features.parquet`.

    Categories and the ranges seen are empty: training learns them.
    """
    return tuple(feature for _, features in sections() for feature in features)

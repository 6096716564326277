"""Colours that the colour-blind can tell apart, after Okabe and Ito; none says anything that no word says."""

from typing import Final

GREEN: Final = "#009E73"
VERMILLION: Final = "#D55E00"
ORANGE: Final = "#E69F00"
BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
PURPLE: Final = "#CC79A7"
GREY: Final = "#999999"

OF_DECISION: Final = {"approve": GREEN, "refuse": VERMILLION}
OF_RISK: Final = {"LOW": GREEN, "MEDIUM": ORANGE, "HIGH": VERMILLION}
OF_SERIES: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)
"""Of things that are neither good nor bad, in order."""

"""Features by how far they are from where they were."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from dashboard.charts.style import INK, Picture, data
from dashboard.palette import SKY, VERMILLION
from dashboard.speech import Speech

_BAR = 22
_AXIS = 110


class Rank(NamedTuple):
    """A feature's distance as a multiple of its limit."""

    name: str
    distance: float
    drifted: bool


def ranking(speech: Speech, ranks: Sequence[Rank]) -> Picture:
    """A bar for each feature in the order given, and a line at the limit."""
    words = speech.words.drift
    colours = {words.drifted: VERMILLION, words.steady: SKY}
    rows = [
        {"name": one.name, "distance": one.distance, "state": words.drifted if one.drifted else words.steady}
        for one in ranks
    ]
    bars = (
        alt.Chart(data(rows), height=_AXIS + _BAR * len(rows))
        .mark_bar()
        .encode(
            x=alt.X("distance:Q", title=words.psi_of_limit),
            y=alt.Y("name:N", sort=[one.name for one in ranks], title=None).axis(
                labelLimit=220, labelOverlap=False
            ),
            color=alt.Color("state:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("distance:Q", format=".2f", title=words.psi_of_limit),
                alt.Tooltip("state:N", title=" "),
            ],
        )
    )
    rule = alt.Chart(data([{"limit": 1}])).mark_rule(strokeDash=[5, 3], strokeWidth=2, color=INK)
    return alt.layer(bars, rule.encode(x="limit:Q"))

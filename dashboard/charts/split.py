"""How each of several groups divides into approved and refused."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from dashboard.charts.style import INK, Picture, data
from dashboard.palette import OF_DECISION
from dashboard.speech import Speech

_BAR = 34
_AXIS = 110
_ROOM = 1.3
"""So many times the longest bar, for the words beside it."""


class Group(NamedTuple):
    """How many of one kind were approved, and refused."""

    label: str
    approved: int
    refused: int


def split(speech: Speech, groups: Sequence[Group]) -> Picture:
    """A bar for each group in the order given, with the share that was approved."""
    words = speech.words.common
    colours = {words.approve: OF_DECISION["approve"], words.refuse: OF_DECISION["refuse"]}
    rows = []
    for group in groups:
        total = group.approved + group.refused
        told = f"{speech.share(group.approved / total, 0)}"
        common = {"group": group.label, "told": told, "total": total}
        rows += [
            {**common, "side": words.approve, "count": group.approved, "low": 0, "high": group.approved},
            {**common, "side": words.refuse, "count": group.refused, "low": group.approved, "high": total},
        ]
    longest = max(group.approved + group.refused for group in groups)
    order = [group.label for group in groups]
    y = alt.Y("group:N", sort=order, title=None, axis=alt.Axis(labelLimit=200, labelOverlap=False))
    x = alt.X("low:Q", title=words.decisions, scale=alt.Scale(domain=[0, _ROOM * longest], nice=False))
    base = alt.Chart(data(rows), height=_AXIS + _BAR * len(order)).encode(y=y)
    bars = base.mark_bar().encode(
        x=x,
        x2="high:Q",
        color=alt.Color("side:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))).legend(
            columns=2
        ),
        tooltip=[
            alt.Tooltip("group:N", title=" "),
            alt.Tooltip("side:N", title=" "),
            alt.Tooltip("count:Q", format=",", title=words.decisions),
        ],
    )
    told = base.mark_text(align="left", dx=5, color=INK).encode(x=alt.X("total:Q"), text="told:N")
    return alt.layer(bars, told)

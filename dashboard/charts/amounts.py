"""How amounts of money spread over approved and refused."""

from collections.abc import Sequence

import altair as alt

from dashboard.charts.style import HEIGHT, Picture, data
from dashboard.palette import OF_DECISION
from dashboard.speech import Speech


def amounts(
    speech: Speech, edges: Sequence[float], approved: Sequence[int], refused: Sequence[int]
) -> Picture:
    """Bins between *edges*, what was refused upon what was approved."""
    words = speech.words
    colours = {
        words.common.approve: OF_DECISION["approve"],
        words.common.refuse: OF_DECISION["refuse"],
    }
    rows = []
    for low, high, yes, no in zip(edges, edges[1:], approved, refused, strict=False):
        common = {"start": low, "end": high}
        rows.append({**common, "side": words.common.approve, "count": yes, "low": 0, "high": yes})
        rows.append({**common, "side": words.common.refuse, "count": no, "low": yes, "high": yes + no})
    return (
        alt.Chart(data(rows), height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("start:Q", title=words.business.amount, scale=alt.Scale(nice=False)).axis(format="~s"),
            x2="end:Q",
            y=alt.Y("low:Q", title=words.common.decisions),
            y2="high:Q",
            color=alt.Color(
                "side:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))
            ).legend(columns=2),
            tooltip=[
                alt.Tooltip("start:Q", format=",.0f", title="\N{GREATER-THAN OR EQUAL TO}"),
                alt.Tooltip("end:Q", format=",.0f", title="<"),
                alt.Tooltip("side:N", title=" "),
                alt.Tooltip("count:Q", format=",", title=words.common.decisions),
            ],
        )
    )

"""One feature before and now, bin by bin."""

from collections.abc import Sequence

import altair as alt

from dashboard.charts.style import HEIGHT, Picture, data
from dashboard.palette import GREY, ORANGE
from dashboard.speech import Speech


def pairs(speech: Speech, labels: Sequence[str], before: Sequence[int], now: Sequence[int]) -> Picture:
    """The share of each bin on both sides, side by side, in the order of *labels*."""
    words = speech.words.drift
    colours = {words.before: GREY, words.now: ORANGE}
    rows = [
        {"bin": label, "when": when, "share": count / max(1, sum(counts)), "count": count}
        for when, counts in ((words.before, before), (words.now, now))
        for label, count in zip(labels, counts, strict=True)
    ]
    return (
        alt.Chart(data(rows), height=HEIGHT + 80)
        .mark_bar()
        .encode(
            x=alt.X("bin:N", sort=list(labels), title=None).axis(
                labelAngle=-40, labelLimit=110, labelOverlap=False
            ),
            xOffset=alt.XOffset("when:N", sort=list(colours)),
            y=alt.Y("share:Q", title=speech.words.common.share).axis(format="%"),
            color=alt.Color(
                "when:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))
            ).legend(columns=2),
            tooltip=[
                alt.Tooltip("bin:N", title=" "),
                alt.Tooltip("when:N", title=" "),
                alt.Tooltip("share:Q", format=".1%", title=speech.words.common.share),
                alt.Tooltip("count:Q", format=",", title=speech.words.common.decisions),
            ],
        )
    )

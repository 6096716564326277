"""Shares of a whole."""

from collections.abc import Mapping

import altair as alt

from dashboard.charts.style import HEIGHT, data
from dashboard.speech import Speech


def donut(speech: Speech, counts: Mapping[str, int], colours: Mapping[str, str]) -> alt.Chart:
    """*counts* by label; each label's share is written beside it. *colours*: of the same labels."""
    total = sum(counts.values())
    labels = {
        label: speech.said(label, f"{speech.whole(n)} ({speech.share(n / total)})")
        for label, n in counts.items()
    }
    rows = [{"label": labels[label], "count": count} for label, count in counts.items()]
    domain = alt.Scale(domain=list(labels.values()), range=[colours[label] for label in labels])
    return (
        alt.Chart(data(rows), height=HEIGHT)
        .mark_arc(innerRadius=60, padAngle=0.02)
        .encode(
            theta=alt.Theta("count:Q", stack=True),
            order=alt.Order("count:Q", sort="descending"),
            color=alt.Color("label:N", scale=domain).legend(symbolType="square"),
            tooltip=alt.Tooltip("label:N", title=" "),
        )
    )

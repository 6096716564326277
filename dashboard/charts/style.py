"""What all charts share."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.speech import Speech

Rows = Sequence[Mapping[str, object]]
Picture = alt.Chart | alt.LayerChart | alt.FacetChart
HEIGHT = 260
INK = "#888888"
"""Of lines and words within a chart; light and dark pages let it be read."""

TIME_AXIS = alt.Axis(
    labelExpr="utchours(datum.value) || utcminutes(datum.value) "
    "? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '%e %b')"
)
"""Hours of the day, and days where there are many."""


def data(rows: Rows) -> pd.DataFrame:
    """*rows* as a table; of rows inside a chart, Altair would check every value each time it is drawn."""
    return pd.DataFrame(list(rows))


def show(speech: Speech, chart: Picture) -> None:
    """Draw *chart* with the language's numbers and times, and legends where a phone has room for them."""
    chart = chart.configure(locale=alt.Locale(**speech.locale)).configure_legend(
        orient="bottom", title=None, labelLimit=400, columns=1, padding=0
    )
    st.altair_chart(chart.configure_axis(labelOverlap=True))

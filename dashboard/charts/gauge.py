"""One probability of default against its threshold."""

import altair as alt

from dashboard.charts.style import INK, Picture, data
from dashboard.palette import OF_DECISION
from dashboard.speech import Speech


def gauge(speech: Speech, probability: float, threshold: float, decision: str) -> Picture:
    """A bar as long as the probability, and a line at the threshold."""
    words = speech.words.overview
    end = min(1.0, 1.25 * max(probability, threshold))
    x = alt.X("value:Q", title=words.probability_default, scale=alt.Scale(domain=[0, end], nice=False)).axis(
        format=".1%"
    )
    bar = (
        alt.Chart(data([{"value": probability}]), height=140)
        .mark_bar(size=30, yOffset=10, color=OF_DECISION.get(decision, INK))
        .encode(x=x, tooltip=alt.Tooltip("value:Q", format=".4%", title=words.probability_default))
    )
    told = words.threshold.format(value=speech.share(threshold, 2))
    line = alt.Chart(data([{"value": threshold, "told": told}]))
    rule = line.mark_rule(strokeDash=[5, 3], strokeWidth=3, color=INK).encode(x=x)
    text = line.mark_text(align="left", dx=6, y=10, color=INK).encode(x=x, text="told:N")
    return alt.layer(bar, rule, text)

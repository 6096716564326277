"""How probabilities of default spread on both sides of the threshold."""

import altair as alt

from dashboard.charts.style import HEIGHT, INK, Picture, data
from dashboard.palette import OF_DECISION
from dashboard.speech import Speech
from records.histogram import PD_BUCKETS, Counts


def histogram(speech: Speech, counts: Counts, threshold: float) -> Picture:
    """Buckets of one percent; the one that holds the threshold is of both sides, and split at it."""
    words = speech.words.overview
    sides = {words.below_threshold: OF_DECISION["approve"], words.from_threshold: OF_DECISION["refuse"]}
    rows = [
        row for bucket, count in enumerate(counts.tolist()) for row in _bars(bucket, count, threshold, *sides)
    ]
    end = max((float(str(row["end"])) for row in rows), default=1.0)
    bars = (
        alt.Chart(data(rows), height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("start:Q", title=words.probability_default)
            .scale(domain=[0, end], nice=False)
            .axis(format="%"),
            x2="end:Q",
            y=alt.Y("count:Q", title=speech.words.common.decisions),
            y2=alt.datum(0),
            color=alt.Color("side:N", scale=alt.Scale(domain=list(sides), range=list(sides.values()))),
            tooltip=[
                alt.Tooltip("told:N", title=" "),
                alt.Tooltip("count:Q", format=",", title=speech.words.common.decisions),
            ],
        )
    )
    line = alt.Chart(
        data([{"at": threshold, "told": words.threshold.format(value=speech.share(threshold, 2))}])
    )
    rule = line.mark_rule(strokeWidth=2, strokeDash=[5, 3], color=INK).encode(x="at:Q")
    told = line.mark_text(align="left", dx=5, y=8, color=INK).encode(x="at:Q", text="told:N")
    return alt.layer(bars, rule, told)


def _bars(bucket: int, count: int, threshold: float, below: str, above: str) -> list[dict[str, object]]:
    start, end = bucket / PD_BUCKETS, (bucket + 1) / PD_BUCKETS
    if not count:
        return []
    told = {"count": count, "told": f"{start:.0%} – {end:.0%}"}
    if start < threshold < end:
        return [
            {**told, "start": start, "end": threshold, "side": below},
            {**told, "start": threshold, "end": end, "side": above},
        ]
    return [{**told, "start": start, "end": end, "side": above if start >= threshold else below}]

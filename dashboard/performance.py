"""Performance: how long answers take, and what went wrong."""

from http import HTTPStatus

import streamlit as st

from dashboard import period
from dashboard.charts.boxes import Box, boxes
from dashboard.charts.lines import Point, lines
from dashboard.charts.style import show
from dashboard.palette import BLUE, ORANGE, VERMILLION
from dashboard.period import Choice
from dashboard.speech import Speech
from dashboard.table import show_table
from dashboard.visit import Visit
from records.database import Database
from records.histogram import latency_quantile_ms
from records.stats import QUANTILES, Stats, read_histograms
from records.views.course import read_latency_course
from records.views.slowest import read_slowest
from records.views.trouble import read_errors, read_trouble

_COLOURS = {"P50": BLUE, "P95": ORANGE, "P99": VERMILLION}
_BOX = (0.05, 0.25, 0.5, 0.75, 0.95)


def body(visit: Visit) -> None:
    """Latencies, then errors."""
    speech = visit.speech
    with visit.records() as database:
        if chosen := period.recorded(speech, database, or_refused=True):
            _draw(speech, database, *chosen)


def _draw(speech: Speech, database: Database, choice: Choice, found: Stats) -> None:
    if found.decisions:
        _latencies(speech, database, choice, found)
        _slowest(speech, database, choice)
    _errors(speech, database, choice)
    _anomalies(speech, database, choice)


def _latencies(speech: Speech, database: Database, choice: Choice, found: Stats) -> None:
    words = speech.words
    with st.container(horizontal=True):
        st.metric(
            words.overview.mean_latency, speech.milliseconds(found.mean_latency_ms), border=True, width=150
        )
        for name, value in found.latency_ms.items():
            st.metric(name.upper(), speech.milliseconds(value), border=True, width=150)
    st.subheader(words.performance.latency_by_route)
    st.caption(words.performance.box_about)
    show(speech, boxes(speech, {route: _box(database, choice, route) for route in found.by_route}))
    st.subheader(words.performance.over_time)
    points = [
        Point(step.start_us, name.upper(), latency_quantile_ms(step.counts, quantile) or 0.0)
        for step in read_latency_course(database, choice.hours, choice.scenario)
        for name, quantile in QUANTILES.items()
    ]
    show(speech, lines(speech, points, _COLOURS, words.performance.latency, ",.1f"))


def _box(database: Database, choice: Choice, route: str) -> Box:
    counts = read_histograms(database, choice.hours, choice.scenario, route).latency
    return Box(*(latency_quantile_ms(counts, quantile) or 0.0 for quantile in _BOX))


def _slowest(speech: Speech, database: Database, choice: Choice) -> None:
    words = speech.words
    st.subheader(words.performance.slowest)
    rows = [
        {
            words.common.time: speech.moment(slow.decided_at_us),
            words.common.route: slow.route,
            words.performance.took: speech.decimal(slow.latency_us / 1000, 1),
            words.performance.scoring: speech.decimal(slow.scoring_us / 1000, 1),
            words.common.model: slow.model_version,
            words.performance.decision_id: slow.decision_id,
        }
        for slow in read_slowest(database, choice.hours, choice.scenario)
    ]
    if rows:
        show_table(rows)
    else:
        st.info(words.common.none_found)


def _errors(speech: Speech, database: Database, choice: Choice) -> None:
    words = speech.words
    st.subheader(words.performance.errors)
    rows = [
        {
            words.performance.status: str(found.status),
            words.performance.problem: ", ".join(found.problems) or _phrase(found.status),
            words.common.route: found.route,
            words.performance.answers: speech.whole(found.answers),
            words.performance.last: speech.moment(found.last_us),
        }
        for found in read_errors(database, choice.hours, choice.scenario)
    ]
    if rows:
        show_table(rows)
    else:
        st.success(words.performance.no_errors)


def _phrase(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "")


def _anomalies(speech: Speech, database: Database, choice: Choice) -> None:
    words = speech.words.performance
    st.subheader(words.anomalies)
    warnings = st.toggle(words.with_warnings, key="warnings", persist_state="session")
    rows = [
        {
            speech.words.common.time: speech.moment(trouble.happened_at_us),
            words.kind: words.kinds.get(trouble.kind, trouble.kind),
            words.count: speech.whole(trouble.count),
            speech.words.common.route: trouble.route,
            words.status: None if trouble.status is None else str(trouble.status),
            words.field: trouble.field,
            words.rule: trouble.rule,
            words.detail: trouble.detail,
        }
        for trouble in read_trouble(database, choice.hours, choice.scenario, warnings=warnings)
    ]
    if rows:
        show_table(rows)
    else:
        st.success(words.no_anomalies)

"""Overview: how much is decided, how, and how fast."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from dashboard import period
from dashboard.charts.bars import bars
from dashboard.charts.columns import Column, columns
from dashboard.charts.donut import donut
from dashboard.charts.histogram import histogram
from dashboard.charts.style import show
from dashboard.palette import GREY, OF_DECISION, OF_RISK, OF_SERIES
from dashboard.period import Choice
from dashboard.speech import Speech
from dashboard.visit import Visit
from records.database import Database
from records.hours import HOUR_US
from records.stats import Stats, read_histograms
from records.views.course import Step, read_course, step_of
from records.views.newest import newest


def body(visit: Visit) -> None:
    """Totals, then how they spread."""
    speech = visit.speech
    with visit.records() as database:
        if chosen := period.recorded(speech, database):
            _draw(speech, database, *chosen)


def _draw(speech: Speech, database: Database, choice: Choice, found: Stats) -> None:
    _totals(speech, found)
    course = read_course(database, choice.hours, choice.scenario)
    _shares(speech, found, course, step_of(choice.hours))
    _probabilities(speech, database, choice, found)
    _versions(speech, course, step_of(choice.hours))


def _totals(speech: Speech, found: Stats) -> None:
    words = speech.words.overview
    metrics = [
        (words.total, speech.whole(found.decisions), None),
        (words.approval_rate, speech.share(found.approval_rate), None),
        (words.mean_latency, speech.milliseconds(found.mean_latency_ms), words.latency_help),
        (words.p95_latency, speech.milliseconds(found.latency_ms["p95"]), words.latency_help),
        (words.error_rate, speech.share(found.error_rate, 2), None),
    ]
    with st.container(horizontal=True):
        for label, value, about in metrics:
            st.metric(label, value, help=about, border=True, width=150)


def _shares(speech: Speech, found: Stats, course: list[Step], step: int) -> None:
    words = speech.words
    named = {"approve": words.common.approve, "refuse": words.common.refuse}
    colours = {named[decision]: colour for decision, colour in OF_DECISION.items()}
    left, right = st.columns([1, 2])
    with left:
        st.subheader(words.overview.donut)
        counts = {label: found.by_decision.get(decision, 0) for decision, label in named.items()}
        show(speech, donut(speech, counts, colours))
    with right:
        st.subheader(f"{words.overview.volume}, {_by(speech, step)}")
        stacked = _stacked(course, step, lambda one: named[one.decision])
        show(speech, columns(speech, stacked, colours, words.common.decisions))


def _probabilities(speech: Speech, database: Database, choice: Choice, found: Stats) -> None:
    words = speech.words.overview
    spread = read_histograms(database, choice.hours, choice.scenario)
    last = newest(database, found.last_us)
    left, right = st.columns([2, 1])
    with left:
        st.subheader(words.probabilities)
        if last is None:
            st.info(speech.words.common.none_found)
        else:
            show(speech, histogram(speech, spread.pd, last.threshold))
    with right:
        st.subheader(words.risk_levels)
        named = speech.words.common.risk_levels
        counts = {named[level]: found.by_risk_level.get(level, 0) for level in named}
        colours = {named[level]: colour for level, colour in OF_RISK.items()}
        show(speech, bars(speech, counts, colours, speech.words.common.decisions))


def _versions(speech: Speech, course: list[Step], step: int) -> None:
    words = speech.words
    st.subheader(words.overview.versions)
    versions = sorted({one.model_version for one in course})
    colours = {version: OF_SERIES[i] if i < len(OF_SERIES) else GREY for i, version in enumerate(versions)}
    stacked = _stacked(course, step, lambda one: one.model_version)
    show(speech, columns(speech, stacked, colours, words.common.decisions))


def _stacked(course: list[Step], step: int, label: Callable[[Step], str]) -> list[Column]:
    times: dict[int, Counter[str]] = {}
    for one in course:
        times.setdefault(one.start_us, Counter())[label(one)] += one.decisions
    return [Column(start, start + step * HOUR_US, counts) for start, counts in times.items()]


def _by(speech: Speech, step: int) -> str:
    return speech.words.common.by_hour if step == 1 else speech.words.common.by_day

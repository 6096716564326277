"""Which decisions are looked at: of what time, and of which traffic."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

import streamlit as st

from dashboard.speech import Speech
from records.database import Database
from records.hours import DAY, Hours, hour_of
from records.stats import Stats, read_stats
from records.views.scenarios import scenarios

_LENGTHS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
_ALL, _RANGE = "all", "range"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see."""

    hours: Hours
    scenario: str
    """Of simulated traffic; '' is real traffic."""


def recorded(speech: Speech, database: Database, *, or_refused: bool = False) -> tuple[Choice, Stats] | None:
    """The reader's choice and what is recorded of it; `None`, with a word of why, when there is nothing.

    With *or_refused*, requests that were answered by an error are something.
    """
    choice = _ask(speech, database)
    if choice is None:
        return None
    found = read_stats(database, choice.hours, choice.scenario, by_hour=False)
    if found.decisions or (or_refused and found.errors):
        return choice, found
    words = speech.words.common
    st.info(words.no_data if database.head().seq == 0 else words.no_data_of_time)
    return None


def _ask(speech: Speech, database: Database) -> Choice | None:
    """The reader's choice; `None` while it is half made."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hours = _hours(speech)
        return None if hours is None else Choice(hours, _scenario(speech, scenarios(database)))


def _hours(speech: Speech) -> Hours | None:
    words = speech.words.common
    names = {
        "24h": words.last_24_hours,
        "7d": words.last_7_days,
        "30d": words.last_30_days,
        _ALL: words.all_time,
        _RANGE: words.own_range,
    }
    chosen = st.segmented_control(
        words.period,
        list(names),
        default="7d",
        format_func=names.__getitem__,
        key="time",
        persist_state="session",
        required=True,
    )
    if chosen == _RANGE:
        return _range(speech)
    return Hours() if chosen == _ALL else last(_LENGTHS[str(chosen)], time.time_ns() // 1000)


def last(length: int, now_us: int) -> Hours:
    """The last so many hours, the present one, which is not over, among them.

    >>> last(24, 100 * 3_600_000_000)
    Hours(first=77, end=101)
    """
    end = hour_of(now_us) + 1
    return Hours(end - length, end)


def _range(speech: Speech) -> Hours | None:
    today = datetime.now(UTC).date()
    chosen = st.date_input(
        speech.words.common.from_day_to_day,
        (today - timedelta(days=6), today),
        max_value=today,
        format=day_form(speech),
        key="days",
        persist_state="session",
    )
    if len(chosen) != 2:
        st.info(speech.words.common.choose_both_days)
        return None
    return whole_days(*chosen)


def day_form(speech: Speech) -> str:
    """How Streamlit writes a day in this language."""
    return "DD/MM/YYYY" if speech.language == "fr" else "YYYY-MM-DD"


def whole_days(first: date, final: date) -> Hours:
    """The hours of all days from *first* to *final*, both included.

    >>> whole_days(date(1970, 1, 2), date(1970, 1, 2))
    Hours(first=24, end=48)
    """
    return Hours.around(
        datetime.combine(first, clock(), UTC), datetime.combine(final + timedelta(days=1), clock(), UTC)
    )


def _scenario(speech: Speech, names: list[str]) -> str:
    if not names:
        return ""
    words = speech.words.common
    told = {"": words.real_traffic} | {name: words.simulation.format(name=name) for name in names}
    return st.selectbox(
        words.traffic,
        list(told),
        format_func=told.__getitem__,
        key="traffic",
        persist_state="session",
        width=260,
    )

"""Decisions: what was decided in one case, from what, and does it come out again?"""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict

import streamlit as st

from dashboard import full_decision, period
from dashboard.speech import Speech
from dashboard.table import filled
from dashboard.visit import Visit
from records.database import Database
from records.hours import HOUR_US, written
from records.views.calls import Call, Search, read_calls, read_newest_calls

_ROWS = 25
_MOST_EXPORTED = 10_000


def body(visit: Visit) -> None:
    """Search, the list of what was found, and one decision of it in full."""
    speech = visit.speech
    with visit.records() as database:
        asked = st.text_input(speech.words.decisions.decision_id, key="id", bind="query-params").strip()
        chosen = asked or _from_history(visit, database)
        if chosen:
            full_decision.draw(visit, database, chosen)


def _from_history(visit: Visit, database: Database) -> str | None:
    speech = visit.speech
    words = speech.words.decisions
    search = _search(speech)
    if search is None:
        return None
    page = st.session_state.get("page", 1)
    calls = read_calls(database, search, _ROWS + 1, (page - 1) * _ROWS)
    st.subheader(words.history)
    if not calls and page == 1:
        if database.head().seq == 0:
            st.info(speech.words.common.no_data)
        else:
            st.info(words.nothing_found)
        return None
    st.caption(words.history_about)
    shown = calls[:_ROWS]
    selected = st.dataframe(
        filled([_row(speech, call) for call in shown]),
        hide_index=True,
        key="history",
        on_select="rerun",
        selection_mode="single-row",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(words.page, 1, page + (len(calls) > _ROWS), key="page", width=140)
        _export(visit, search)
    rows = selected["selection"]["rows"]
    return shown[rows[0]].decision_id if rows and rows[0] < len(shown) else None


def _search(speech: Speech) -> Search | None:
    words = speech.words.decisions
    names = {"": words.any_decision, "approve": words.approved, "refuse": words.refused}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        client = st.number_input(words.client, 1, value=None, step=1, key="client", width=180)
        decision = st.selectbox(
            words.outcome, list(names), format_func=names.__getitem__, key="decision", width=160
        )
        days = st.date_input(words.days, [], format=period.day_form(speech), key="between", width=260)
    search = Search(sk_id_curr=client, decision=decision or None)
    if not isinstance(days, tuple) or not days:
        return search
    if len(days) == 1:
        st.info(speech.words.common.choose_both_days)
        return None
    hours = period.whole_days(days[0], days[1])
    return Search(
        since_us=hours.first * HOUR_US,
        until_us=hours.end * HOUR_US,
        sk_id_curr=search.sk_id_curr,
        decision=search.decision,
    )


def _row(speech: Speech, call: Call) -> dict[str, str | None]:
    words = speech.words
    names = {"approve": words.decisions.approved, "refuse": words.decisions.refused}
    return {
        words.common.time: speech.moment(call.decided_at_us),
        words.decisions.outcome: names.get(call.decision, call.decision),
        words.decisions.probability: speech.share(call.probability_default, 2),
        words.common.risk_level: words.common.risk_levels.get(call.risk_level, call.risk_level),
        words.common.route: call.route,
        "ms": speech.decimal(call.latency_us / 1000, 1),
        words.decisions.scenario: call.scenario,
        words.decisions.decision_id: call.decision_id,
    }


def _export(visit: Visit, search: Search) -> None:
    words = visit.speech.words.decisions

    def written_out() -> bytes:
        with visit.records() as database:
            return table(read_newest_calls(database, search, _MOST_EXPORTED))

    about = words.export_about.format(most=visit.speech.whole(_MOST_EXPORTED))
    st.download_button(words.export, written_out, "decisions.csv", "text/csv", on_click="ignore", help=about)


def table(calls: Iterable[Call]) -> bytes:
    """The CSV of *calls*; times in RFC 3339."""
    file = io.StringIO()
    names = ["decided_at", *(name for name in Call.__dataclass_fields__ if name != "decided_at_us")]
    sheet = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    sheet.writeheader()
    for call in calls:
        sheet.writerow({"decided_at": written(call.decided_at_us), **asdict(call)})
    return file.getvalue().encode()

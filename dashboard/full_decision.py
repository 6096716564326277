"""One decision in full: inputs, probability against threshold, versions, place in the chain, replay."""

import streamlit as st

from credit.errors import UnknownDecision
from dashboard.charts.gauge import gauge
from dashboard.charts.style import show
from dashboard.speech import Speech
from dashboard.table import show_table
from dashboard.visit import Visit
from records.database import Database
from records.decision import RecordedDecision, read_decision
from records.tables import predictions


def draw(visit: Visit, database: Database, decision_id: str) -> None:
    """Everything the records hold of it."""
    speech = visit.speech
    words = speech.words.decisions
    try:
        found = read_decision(database, decision_id)
    except UnknownDecision:
        st.warning(words.not_there.format(decision_id=f"`{decision_id}`"))
        return
    st.subheader(words.full.format(decision_id=f"`{found.decision_id}`"))
    _outcome(speech, found)
    left, right = st.columns(2)
    with left:
        _versions(speech, found)
    with right:
        _chain(speech, found)
        _warnings(speech, found)
        _afterwards(speech, found)
    _replay(speech, database, found)
    _inputs(speech, database, found)


def _outcome(speech: Speech, found: RecordedDecision) -> None:
    words = speech.words.decisions
    names = {"approve": words.approved, "refuse": words.refused}
    level = speech.words.common.risk_levels.get(found.risk_level, found.risk_level)
    figures = [
        (words.decision, names.get(found.decision, found.decision), None),
        (words.probability, speech.share(found.probability_default, 3), words.probability_help),
        (words.threshold, speech.share(found.threshold, 3), None),
        (words.confidence, speech.share(found.confidence, 1), words.confidence_help),
        (speech.words.common.risk_level, level, None),
    ]
    with st.container(horizontal=True):
        for label, value, about in figures:
            st.metric(label, value, help=about, border=True, width=150)
    show(speech, gauge(speech, found.probability_default, found.threshold, found.decision))


def _versions(speech: Speech, found: RecordedDecision) -> None:
    words = speech.words.decisions
    st.markdown(f"**{words.versions}**")
    st.markdown(
        _list(
            speech.said(words.model, f"`{found.model_version}`"),
            speech.said("SHA-256", f"`{found.model_sha256}`"),
            speech.said(words.policy, f"`{found.policy_version}`"),
        )
    )
    st.markdown(f"**{words.request}**")
    lines = [
        found.decided_at,
        f"`{found.route}`, {speech.milliseconds(found.latency_ms)}",
        speech.said(words.request_id, f"`{found.request_id}`"),
    ]
    if found.sk_id_curr is not None:
        lines.append(speech.said(words.client, found.sk_id_curr))
    if found.scenario is not None:
        lines.append(speech.said(words.scenario, f"`{found.scenario}`"))
    st.markdown(_list(*lines))


def _chain(speech: Speech, found: RecordedDecision) -> None:
    words = speech.words.decisions
    st.markdown(f"**{words.chain}**")
    number, link = speech.whole(found.seq), f"`{found.chain_hash}`"
    st.markdown(_list(speech.said(words.place, number), speech.said(words.hash, link)))


def _warnings(speech: Speech, found: RecordedDecision) -> None:
    words = speech.words.decisions
    st.markdown(f"**{words.warnings}**")
    lines = [speech.said(f"`{one.field}` ({one.rule})", one.message) for one in found.warnings]
    st.markdown(_list(*lines) or words.no_warnings)


def _list(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _afterwards(speech: Speech, found: RecordedDecision) -> None:
    words = speech.words.decisions
    if found.outcome is None:
        st.caption(words.outcome_unknown)
        return
    names = {"repaid": words.repaid, "defaulted": words.defaulted}
    st.info(words.outcome_known.format(outcome=names[found.outcome.outcome], date=found.outcome.date))


def _replay(speech: Speech, database: Database, found: RecordedDecision) -> None:
    words = speech.words.decisions
    if not st.button(words.replay, help=words.replay_about, icon=":material/replay:", key="replay"):
        return
    # The model store and the runtime take seconds to load, and most visitors never ask.
    from records.replaying.__main__ import replay  # noqa: PLC0415

    with st.spinner(words.replay_about):
        again = replay(database, predictions.c.decision_id == found.decision_id, lambda _: None)
    for one in again.differences:
        st.error(words.replay_different.format(what=one.what, recorded=one.recorded, replayed=one.replayed))
    for reason in again.without_model:
        st.warning(words.replay_without_model.format(reason=reason))
    if again.erased:
        st.info(words.replay_erased)
    if again.same:
        st.success(words.replay_same, icon=":material/verified:")


def _inputs(speech: Speech, database: Database, found: RecordedDecision) -> None:
    words = speech.words.decisions
    st.markdown(f"**{words.inputs}**")
    if found.inputs is None:
        st.info(words.erased)
        return
    given = sum(value is not None for value in found.inputs.values())
    st.caption(words.inputs_given.format(given=speech.whole(given), total=speech.whole(len(found.inputs))))
    missing_too = st.toggle(words.inputs_all, key="missing", persist_state="session")
    used = {feature.name for feature in database.features(found.model_sha256) if feature.is_used}
    rows = [
        {
            words.feature: name,
            words.value: _written(value),
            words.read_by_model: words.yes if name in used else None,
        }
        for name, value in found.inputs.items()
        if missing_too or value is not None
    ]
    show_table(rows, 420)


def _written(value: float | str | None) -> str | None:
    """A value as it was recorded: every digit, for it is what a replay starts from."""
    return None if value is None else str(value)

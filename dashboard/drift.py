"""Drift: do the applicants still look like those the model learned from?"""

from pathlib import Path

import streamlit as st

from dashboard.charts.lines import Point, lines
from dashboard.charts.pairs import pairs
from dashboard.charts.ranking import Rank, ranking
from dashboard.charts.style import show
from dashboard.palette import BLUE
from dashboard.speech import Speech
from dashboard.table import show_table
from dashboard.visit import Visit
from monitoring.drift.budget import SHARE_FOR_RETRAINING
from monitoring.drift.report import ENOUGH
from monitoring.drift.subject import TRAINING
from monitoring.reporting.history import scores
from monitoring.reporting.kept import Kept, KeptFeature, read_kept
from records.database import Database
from records.drift_log import DriftLog, KeptReport, list_reports, read_report

_MOST_REPORTS = 60
_RANKED = 15
_SIGNS = {"below ": "< ", " to ": " \N{EN DASH} ", "from ": "\N{GREATER-THAN OR EQUAL TO} ", "above ": "> "}
_COMMAND = "python -m monitoring drift --days 7"


def body(visit: Visit) -> None:
    """One report in full, and how those before it came out."""
    speech = visit.speech
    words = speech.words.drift
    with visit.records() as database:
        reports = list_reports(database, _MOST_REPORTS)
        if not reports:
            st.info(words.none_yet)
        else:
            _report(visit, database, reports)
    st.markdown(words.make_one)
    st.code(_COMMAND, language="bash")


def _report(visit: Visit, database: Database, reports: list[KeptReport]) -> None:
    speech = visit.speech
    by_id = {one.id: one for one in reports}
    chosen = st.selectbox(
        speech.words.drift.report,
        list(by_id),
        format_func=lambda report_id: _named(speech, by_id[report_id]),
        key="report",
        persist_state="session",
    )
    body_ = read_report(database, chosen)
    report = read_kept(body_)
    _about(speech, report)
    if report.features:
        _kpis(speech, report)
        _alerts(speech, report)
        _features(speech, report)
    else:
        told = {"decisions": speech.whole(report.decisions), "enough": speech.whole(ENOUGH)}
        st.info(speech.words.drift.too_few.format(**told))
    _history(speech, database, report)
    _stored(speech, visit.settings.reports, report, body_)


def _named(speech: Speech, report: KeptReport) -> str:
    return speech.words.drift.report_of.format(
        time=speech.moment(report.made_at_us),
        decisions=speech.whole(report.decisions),
        model=report.model_sha256[:12],
    )


def _about(speech: Speech, report: Kept) -> None:
    words = speech.words.drift
    told = words.against_training if report.against == TRAINING else words.against_previous
    text = told.format(
        since=speech.moment(report.since_us),
        until=speech.moment(report.until_us),
        before=speech.whole(report.decisions_before),
    )
    if report.scenario:
        text += f" ({speech.words.common.simulation.format(name=report.scenario)})"
    st.caption(text)


def _kpis(speech: Speech, report: Kept) -> None:
    words = speech.words.drift
    affected = words.affected_of.format(
        drifted=speech.whole(len(report.drifted)), features=speech.whole(len(report.features))
    )
    kpis = [
        (words.verdict, words.yes if report.drifted else words.no, None),
        (words.share, speech.share(report.share), None),
        (words.affected, affected, None),
        (words.limit, speech.share(SHARE_FOR_RETRAINING, 0), words.limit_help),
    ]
    with st.container(horizontal=True):
        for label, value, about in kpis:
            st.metric(label, value, help=about, border=True, width=150)


def _alerts(speech: Speech, report: Kept) -> None:
    words = speech.words.drift
    if report.alerts:
        told = "\n".join(f"- {line}" for line in _alert_lines(speech, report))
        st.warning(f"**{words.alerts}**\n{told}", icon=":material/notifications:")


def _alert_lines(speech: Speech, report: Kept) -> list[str]:
    """The report's alerts in the reader's language."""
    words = speech.words.drift
    told = {"share": words.retrain, "probability": words.probability_drifted}
    lines = [told[alert.kind] for alert in report.alerts if alert.kind in told]
    return lines + [
        words.important_drifted.format(
            feature=f"`{one.name}`", reasons=", ".join(_reason(speech, reason) for reason in one.reasons)
        )
        for one in report.features
        if one.drifted and one.is_important
    ]


def _features(speech: Speech, report: Kept) -> None:
    words = speech.words.drift
    ranked = sorted(report.features, key=lambda one: (not one.drifted, -one.psi / one.limit))
    st.subheader(words.ranked)
    st.caption(words.ranked_about)
    ranks = [Rank(one.name, one.psi / one.limit, one.drifted) for one in ranked[:_RANKED]]
    show(speech, ranking(speech, ranks))
    show_table([_row(speech, one) for one in ranked], 280)
    by_name = {one.name: one for one in ranked}
    if report.probability is not None:
        by_name[words.probability] = report.probability
    name = st.selectbox(
        words.distribution,
        list(by_name),
        key="feature",
        persist_state="session",
        help=words.distribution_help,
    )
    _distribution(speech, by_name[name])


def _row(speech: Speech, feature: KeptFeature) -> dict[str, str | None]:
    words = speech.words.drift
    p = feature.tested.p_value if feature.tested else None
    return {
        words.feature: feature.name,
        words.important: words.yes if feature.is_important else None,
        words.drifted_by: ", ".join(_reason(speech, reason) for reason in feature.reasons),
        words.psi: speech.decimal(feature.psi, 3),
        words.psi_limit: speech.decimal(feature.limit, 2),
        "p (KS, \N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO})": None if p is None else f"{p:.1g}",
        words.missing_before: speech.share(feature.missing_before),
        words.missing_now: speech.share(feature.missing_now),
        words.unseen: speech.share(feature.unseen_now),
    }


def _reason(speech: Speech, reason: str) -> str:
    words = speech.words.drift
    told = {"values": words.reason_values, "missing": words.reason_missing, "unseen": words.reason_unseen}
    return told.get(reason, reason)


def _distribution(speech: Speech, feature: KeptFeature) -> None:
    words = speech.words.drift
    told = {"missing": words.missing, "never seen": words.never_seen, "any": words.any_value}
    labels = [
        told.get(label) or (_in_signs(speech, label) if feature.test == "ks" else label)
        for label in feature.labels
    ]
    show(speech, pairs(speech, labels, feature.before, feature.now))


def _in_signs(speech: Speech, label: str) -> str:
    """A bin of numbers, which reports name in English, as every language writes it.

    >>> from dashboard.speech import Language
    >>> french = Speech(Language.FRENCH)
    >>> [_in_signs(french, label) for label in ("below 0", "0 to 1.5", "from 1.5", "above 2", "7")]
    ['< 0', '0 – 1,5', '≥ 1,5', '> 2', '7']
    """
    for word, sign in _SIGNS.items():
        label = label.replace(word, sign)
    return speech.marked(label)


def _history(speech: Speech, database: Database, report: Kept) -> None:
    """The course of those that ask the same of the same model."""
    words = speech.words.drift
    kept = DriftLog(database, report.model_sha256).kept(_MOST_REPORTS)
    points = [Point(one.until_us, words.share, one.share) for one in scores(kept, report)]
    if points:
        st.subheader(words.history)
        show(speech, lines(speech, points, {words.share: BLUE}, words.share, ".0%", SHARE_FOR_RETRAINING))


def _stored(speech: Speech, folder: Path, report: Kept, body_: str) -> None:
    words = speech.words.drift
    st.subheader(words.stored)
    page = folder / f"{report.name}.html"
    html = page.read_bytes() if page.is_file() else None
    with st.container(horizontal=True):
        if html is not None:
            st.download_button(words.download_page, html, page.name, "text/html", on_click="ignore")
        st.download_button(
            words.download_json, body_, f"{report.name}.json", "application/json", on_click="ignore"
        )
    if html is None:
        st.caption(words.page_elsewhere)
    elif st.toggle(words.open_page, key="open"):
        st.iframe(html.decode(), height=800)

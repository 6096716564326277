"""Business: who applies, what is decided for whom, and what may it cost."""

import streamlit as st

from credit.cost import Costs
from dashboard import period
from dashboard.charts.amounts import amounts
from dashboard.charts.lines import Point, lines
from dashboard.charts.split import Group, split
from dashboard.charts.style import show
from dashboard.palette import BLUE, OF_DECISION, VERMILLION
from dashboard.speech import Speech
from dashboard.table import show_table
from dashboard.visit import Visit
from records.views.amounts import credit_amounts
from records.views.bands import Band, Trait, bands
from records.views.course import Step, read_course
from records.views.sample import Sample, read_sample
from runners.bundle import read_policy

_SIGMAS = 1.96
_PROFILES = (Trait.INCOME, Trait.CREDIT, Trait.AGE, Trait.PRODUCT)
_FAIR = (Trait.SEX, Trait.AGE)


def body(visit: Visit) -> None:
    """Profiles, amounts, expectations, fairness."""
    speech = visit.speech
    with visit.records() as database:
        chosen = period.recorded(speech, database)
        if chosen is None:
            return
        choice, found = chosen
        course = read_course(database, choice.hours, choice.scenario)
        sample = read_sample(database, found, choice.scenario, list(Trait))
    policy = visit.settings.policy
    _over_time(speech, course, read_policy(policy).costs if policy else Costs())
    if not sample.size:
        st.info(speech.words.common.none_found)
        return
    st.caption(f"{_read(speech, sample)} {speech.words.business.bars_about}")
    _profiles(speech, sample)
    _amounts(speech, sample)
    _fairness(speech, sample)


def _read(speech: Speech, sample: Sample) -> str:
    words = speech.words.business
    if sample.is_whole:
        return words.whole.format(count=speech.whole(sample.size))
    return words.sample.format(
        count=speech.whole(sample.size),
        total=speech.whole(sample.of),
        error=speech.decimal(100 * _SIGMAS * (0.25 / max(1, sample.size)) ** 0.5, 1),
    )


def _over_time(speech: Speech, course: list[Step], costs: Costs) -> None:
    words = speech.words.business
    times: dict[int, list[Step]] = {}
    for one in course:
        times.setdefault(one.start_us, []).append(one)
    rates, expected = [], []
    for at, steps in times.items():
        everybody, approved = sum(one.decisions for one in steps), _approved(steps)
        rates.append(Point(at, words.default_rate_all, sum(one.pd_sum for one in steps) / everybody))
        if approved:
            let_in = sum(one.pd_sum for one in steps if one.decision == "approve")
            rates.append(Point(at, words.default_rate_approved, let_in / approved))
        cost = sum(one.cost(costs.fn, costs.fp) for one in steps) / everybody
        expected.append(Point(at, words.cost_per_client, cost))
    left, right = st.columns(2)
    with left:
        st.subheader(words.default_rate)
        colours = {words.default_rate_all: BLUE, words.default_rate_approved: OF_DECISION["approve"]}
        show(speech, lines(speech, rates, colours, words.expected_default_rate, ".1%"))
    with right:
        prices = {"fn": f"{costs.fn:g}", "fp": f"{costs.fp:g}"}
        st.subheader(words.cost.format(**prices))
        show(
            speech, lines(speech, expected, {words.cost_per_client: VERMILLION}, words.cost_per_client, ".3f")
        )
    st.caption(words.cost_about.format(**prices))


def _approved(steps: list[Step]) -> int:
    return sum(one.decisions for one in steps if one.decision == "approve")


def _profiles(speech: Speech, sample: Sample) -> None:
    for pair in (_PROFILES[:2], _PROFILES[2:]):
        for column, trait in zip(st.columns(2), pair, strict=True):
            with column:
                st.subheader(_title(speech, trait))
                show(speech, split(speech, [_group(speech, trait, band) for band in bands(sample, trait)]))


def _amounts(speech: Speech, sample: Sample) -> None:
    words, found = speech.words.business, credit_amounts(sample)
    st.subheader(words.amounts)
    if found is None:
        st.info(speech.words.common.no_data_of_time)
        return
    medians = {
        words.asked: found.median,
        words.median_approved: found.median_approved,
        words.median_refused: found.median_refused,
    }
    with st.container(horizontal=True):
        for label, value in medians.items():
            st.metric(label, speech.whole(value), border=True, width=150)
    st.caption(words.amounts_about)
    show(speech, amounts(speech, found.edges, found.approved, found.refused))


def _fairness(speech: Speech, sample: Sample) -> None:
    words = speech.words.business
    st.subheader(words.fairness)
    st.caption(words.fairness_about)
    for trait in _FAIR:
        st.markdown(f"**{_title(speech, trait)}**")
        found = bands(sample, trait)
        if all(band.is_unknown for band in found):
            st.info(words.fairness_none)
        else:
            show_table([_row(speech, trait, band) for band in found])


def _row(speech: Speech, trait: Trait, band: Band) -> dict[str, str]:
    words = speech.words.business
    low, high = band.interval
    return {
        words.group: _label(speech, trait, band),
        speech.words.common.decisions: speech.whole(band.decisions),
        words.interval: f"{speech.share(band.approval_rate)} "
        f"({speech.share(low)} \N{EN DASH} {speech.share(high)})",
        words.expected_default_rate: speech.share(band.default_rate),
    }


def _group(speech: Speech, trait: Trait, band: Band) -> Group:
    return Group(_label(speech, trait, band), band.approved, band.refused)


def _title(speech: Speech, trait: Trait) -> str:
    words = speech.words.business
    return {
        Trait.INCOME: words.income,
        Trait.CREDIT: words.credit,
        Trait.AGE: words.age,
        Trait.PRODUCT: words.product,
        Trait.SEX: words.sex,
    }[trait]


def _label(speech: Speech, trait: Trait, band: Band) -> str:
    words = speech.words.business
    if band.is_unknown:
        return words.unknown
    if band.word is not None:
        return band.word
    unit = f" {words.years}" if trait is Trait.AGE else ""
    low, high = (speech.whole(band.low), speech.whole(band.high))
    if band.low is None:
        return f"< {high}{unit}"
    if band.high is None:
        return f"\N{GREATER-THAN OR EQUAL TO} {low}{unit}"
    return f"{low} \N{EN DASH} {high}{unit}"

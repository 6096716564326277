"""The texts of the dashboard: every language has each of them, and braces name what is filled in."""

from dataclasses import dataclass
from typing import NamedTuple


class Told(NamedTuple):
    """A page in the list of pages."""

    title: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonWords:
    """What several pages say."""

    language: str
    live: str
    live_help: str
    updated: str
    no_data: str
    no_data_of_time: str
    database_gone: str
    database_gone_advice: str
    settings_wrong: str
    traffic: str
    real_traffic: str
    simulation: str
    period: str
    last_24_hours: str
    last_7_days: str
    last_30_days: str
    all_time: str
    own_range: str
    from_day_to_day: str
    choose_both_days: str
    time: str
    decisions: str
    approve: str
    refuse: str
    share: str
    model: str
    route: str
    by_hour: str
    by_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardWords:
    """What is said at the door."""

    closed: str
    key: str
    enter: str
    wrong_key: str
    no_key_set: str
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeWords:
    """The first page."""

    lead: str
    state: str
    green: str
    amber: str
    red: str
    service: str
    service_ready: str
    service_not_ready: str
    service_not_ready_advice: str
    service_away: str
    service_away_advice: str
    model: str
    model_certified: str
    model_uncertified: str
    model_uncertified_advice: str
    model_hidden: str
    model_hidden_advice: str
    model_unknown: str
    model_unknown_advice: str
    model_recorded: str
    database: str
    database_answers: str
    backlog: str
    backlog_empty: str
    backlog_waits: str
    backlog_advice: str
    backlog_nowhere: str
    backlog_nowhere_advice: str
    drift: str
    drift_none: str
    drift_none_advice: str
    drift_measured: str
    drift_quiet: str
    drift_some: str
    drift_alert: str
    drift_alert_advice: str
    drift_too_few: str
    drift_too_few_advice: str
    disk: str
    disk_free: str
    disk_advice: str
    pages: str
    legend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewWords:
    """Totals and shares."""

    total: str
    approval_rate: str
    mean_latency: str
    p95_latency: str
    error_rate: str
    latency_help: str
    donut: str
    volume: str
    probabilities: str
    probability_default: str
    threshold: str
    below_threshold: str
    from_threshold: str
    risk_levels: str
    low: str
    medium: str
    high: str
    versions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All texts of one language."""

    pages: dict[str, Told]
    common: CommonWords
    guard: GuardWords
    home: HomeWords
    overview: OverviewWords

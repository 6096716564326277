"""Credits elsewhere, as the credit bureau reports them."""

from dataclasses import dataclass

import numpy as np

from features.made_up import marginal, normal
from features.made_up.client import Clients, mixed, owners
from features.made_up.columns import Columns, Flags, Integers, Values, Words, missing
from features.made_up.normal import Floats
from features.made_up.statistics import Column, load

_RISK = 0.5
"""How much a client's appetite for credit, and lateness, tell of the risk."""


@dataclass(frozen=True)
class _Kind:
    """A type of credit: how long it runs, and how large it is."""

    name: str
    days: float
    """Median of the planned days."""
    spread: float
    """Of their logarithm."""
    size: float
    """Shift of the amount's normal score."""


_KINDS = (
    _Kind("Mortgage", 5500.0, 0.4, 2.2),
    _Kind("Loan for business development", 1000.0, 0.5, 1.2),
    _Kind("Loan for working capital replenishment", 800.0, 0.5, 1.2),
    _Kind("Car loan", 1500.0, 0.35, 1.3),
    _Kind("Another type of loan", 700.0, 0.6, 0.0),
    _Kind("Cash loan (non-earmarked)", 800.0, 0.5, 0.0),
    _Kind("Unknown type of loan", 500.0, 0.7, -0.5),
    _Kind("Consumer credit", 480.0, 0.8, -0.02),
    _Kind("Credit card", 1200.0, 0.55, -0.1),
    _Kind("Microloan", 60.0, 0.9, -1.6),
)
"""From the kind a sound client has to the kind a poor one has."""
_CARD = "Credit card"
_ENDLESS_DAYS = 30_900.0
"""Planned days of a card that never ends."""
_RUNNING_SHARE = 0.365


@dataclass(frozen=True)
class Credits:
    """Credits while they are made; one entry per row of the bureau table."""

    owner: Integers
    kind: Words
    start: Floats
    planned_end: Floats
    end: Floats
    """Day it was closed; NaN while it runs."""
    size: Floats
    """Normal score of the amount."""
    lateness: Floats
    """Normal score of paying late, that the monthly status shares."""

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def running(self) -> Flags:
        return np.isnan(self.end)


def credits_of(rng: np.random.Generator, clients: Clients) -> Credits:
    """Credits of the clients the bureau knows."""
    table = load().tables["bureau"]
    owner = owners(clients.counts(rng, "bureau", normal.cdf(clients.scores["BUREAU_ABSENT"])))
    appetite = clients.habit(rng, _RISK)
    kinds = marginal.choice(table["CREDIT_TYPE"], [kind.name for kind in _KINDS])
    kind = kinds(mixed(rng, appetite, owner, 0.4))
    start = np.minimum(marginal.numeric(table["DAYS_CREDIT"])(mixed(rng, appetite, owner, 0.4)), -1.0)
    length = rng.standard_normal(len(owner))
    planned = _planned_days(rng, kind, length)
    end = np.rint(start + planned * _share_lived(rng, appetite[owner]))
    income = clients.scores["AMT_INCOME_TOTAL"][owner]
    shift = np.array([each.size for each in _KINDS])[kind.codes]
    return Credits(
        owner=owner,
        kind=kind,
        start=start,
        planned_end=np.rint(start + planned),
        end=np.where(end < 0, end, np.nan),
        size=shift + 0.35 * income + 0.6 * length + 0.62 * rng.standard_normal(len(owner)),
        lateness=mixed(rng, clients.habit(rng, _RISK), owner, 0.7),
    )


def _planned_days(rng: np.random.Generator, kind: Words, length: Floats) -> Floats:
    """Days from the start to the planned end."""
    median, spread = np.array([[each.days, each.spread] for each in _KINDS])[kind.codes].T
    days = np.maximum(median * np.exp(spread * length), 5.0)
    endless = kind.equals(_CARD) & (rng.random(len(days)) < 0.12)
    return np.where(endless, _ENDLESS_DAYS + 2000 * rng.random(len(days)), days)


def _share_lived(rng: np.random.Generator, appetite: Floats) -> Floats:
    """How much of its planned time a credit lives: many are paid back early, poor clients' later."""
    rows = len(appetite)
    early = rng.random(rows) < normal.cdf(-0.05 - 0.35 * appetite)
    return np.where(early, 0.12 + 0.88 * rng.random(rows), 1.0 + 0.25 * rng.standard_exponential(rows))


def rows(rng: np.random.Generator, credits_: Credits) -> Columns:
    """All columns of the bureau table but the ids."""
    return {**_contract(rng, credits_), **_amounts(rng, credits_), **_arrears(rng, credits_)}


def _contract(rng: np.random.Generator, credits_: Credits) -> Columns:
    table = load().tables["bureau"]
    running = credits_.running
    sold = running & (credits_.lateness > normal.quantile(1.0 - 0.00435 / _RUNNING_SHARE))
    state = np.where(running, np.where(sold, 2, 0), 1).astype(np.int16)
    currency = marginal.choice(table["CREDIT_CURRENCY"], table["CREDIT_CURRENCY"].words)
    return {
        "CREDIT_ACTIVE": Words(state, ("Active", "Closed", "Sold")),
        "CREDIT_CURRENCY": currency(rng.standard_normal(len(credits_))),
        "DAYS_CREDIT": credits_.start,
        "DAYS_CREDIT_ENDDATE": _some(rng, table["DAYS_CREDIT_ENDDATE"], credits_.planned_end),
        "DAYS_ENDDATE_FACT": credits_.end,
        "CREDIT_TYPE": credits_.kind,
        "DAYS_CREDIT_UPDATE": _updated(rng, credits_),
    }


def _updated(rng: np.random.Generator, credits_: Credits) -> Floats:
    """Day of the last report: some weeks ago while the credit runs, else some time after its end."""
    count = len(credits_)
    recent = -np.ceil(rng.lognormal(3.0, 0.75, count))
    delay = rng.exponential(25.0, count) + np.where(
        rng.random(count) < 0.25, rng.exponential(300.0, count), 0.0
    )
    after_end = np.minimum(np.rint(credits_.end + delay), recent)
    return np.where(credits_.running, np.maximum(recent, credits_.start), after_end)


def _amounts(rng: np.random.Generator, credits_: Credits) -> Columns:
    table = load().tables["bureau"]
    count = len(credits_)
    total = marginal.numeric(table["AMT_CREDIT_SUM"], 0.5)(credits_.size)
    planned = np.maximum(credits_.planned_end - credits_.start, 1.0)
    passed = np.clip(-credits_.start / planned, 0.0, 1.0)
    burden = np.clip(1.05 - passed + 0.12 * credits_.lateness + 0.1 * rng.standard_normal(count), 0.0, 1.1)
    owing = credits_.running & (rng.random(count) < 0.92)
    debt = np.where(owing, np.rint(total * burden * 2) / 2, 0.0)
    limited = credits_.kind.equals(_CARD) & credits_.running & (rng.random(count) < 0.6)
    annuity = marginal.numeric(table["AMT_ANNUITY"], 0.5)
    score = 0.6 * credits_.size + 0.8 * rng.standard_normal(count)
    return {
        "AMT_CREDIT_SUM": total,
        "AMT_CREDIT_SUM_DEBT": _some(rng, table["AMT_CREDIT_SUM_DEBT"], debt),
        "AMT_CREDIT_SUM_LIMIT": _some(
            rng, table["AMT_CREDIT_SUM_LIMIT"], np.where(limited, np.maximum(total - debt, 0.0), 0.0)
        ),
        "AMT_ANNUITY": _some(rng, table["AMT_ANNUITY"], annuity(score)),
    }


def _arrears(rng: np.random.Generator, credits_: Credits) -> Columns:
    table = load().tables["bureau"]
    count = len(credits_)
    share = (1.0 - table["CREDIT_DAY_OVERDUE"].zero) / _RUNNING_SHARE
    overdue = credits_.running & (credits_.lateness > normal.quantile(1.0 - share))
    worst = marginal.numeric(table["AMT_CREDIT_MAX_OVERDUE"], 0.5)
    prolonged = marginal.numeric(table["CNT_CREDIT_PROLONG"])
    return {
        "CREDIT_DAY_OVERDUE": np.where(overdue, np.ceil(rng.lognormal(3.5, 1.5, count).clip(1, 2700)), 0.0),
        "AMT_CREDIT_SUM_OVERDUE": np.where(overdue, np.ceil(rng.lognormal(7.5, 1.5, count) * 2) / 2, 0.0),
        "AMT_CREDIT_MAX_OVERDUE": _some(
            rng, table["AMT_CREDIT_MAX_OVERDUE"], worst(normal.blurred(rng, credits_.lateness, 0.7))
        ),
        "CNT_CREDIT_PROLONG": prolonged(normal.blurred(rng, credits_.lateness, 0.3)),
    }


def _some(rng: np.random.Generator, column: Column, values: Floats) -> Values:
    """The values, missing as often as in the column."""
    return missing(values, rng.random(len(values)) < column.null)

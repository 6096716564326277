"""Credit cards of the lender: what is owed, drawn and paid, month by month."""

from dataclasses import dataclass

import numpy as np

from features.made_up import marginal, normal
from features.made_up.client import Clients, chance, mixed, owners, positions
from features.made_up.columns import Columns, Flags, Integers, Words, array
from features.made_up.contract import Contracts
from features.made_up.instalments import delay
from features.made_up.normal import Floats
from features.made_up.statistics import Column, load

_RISK = 0.55
_MONTH_DAYS = 30.4375
_OLDEST = 96
_LIMITS = (
    45000,
    67500,
    90000,
    112500,
    135000,
    157500,
    180000,
    225000,
    270000,
    315000,
    360000,
    450000,
    585000,
    675000,
    765000,
)
_LIMIT_SHARES = (0.12, 0.07, 0.09, 0.1, 0.12, 0.05, 0.16, 0.06, 0.05, 0.02, 0.02, 0.1, 0.01, 0.015, 0.015)
_STATES = ("Active", "Completed", "Signed", "Sent proposal")
_WAYS = ("ATM", "OTHER", "POS")


@dataclass(frozen=True)
class _Months:
    """One entry per month of a card, from old to new."""

    owner: Integers
    step: Integers
    month: Integers
    begins: Integers
    """Step of the first use; beyond the last one for a card that is never used."""
    ends: Integers
    """Step from which nothing is owed any more."""
    wealth: Floats
    """Normal score of the limit."""
    appetite: Floats
    """Normal score of drawing much."""

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def in_use(self) -> Flags:
        flags: Flags = (self.step >= self.begins) & (self.step < self.ends)
        return flags


def monthly(rng: np.random.Generator, cards: Contracts, clients: Clients) -> Columns:
    """Rows of credit_card_balance."""
    months = _months(rng, cards, clients)
    limit = _limit(rng, months)
    balance = _balance(rng, months, limit)
    made: Columns = {
        "SK_ID_PREV": cards.sk_id_prev[months.owner],
        "SK_ID_CURR": cards.sk_id_curr[months.owner],
        "MONTHS_BALANCE": months.month,
        "AMT_CREDIT_LIMIT_ACTUAL": limit,
    }
    made |= _owed(rng, balance)
    made |= _drawn(rng, months, balance > 0)
    made |= _paid(rng, months, balance)
    made |= _standing(rng, months)
    return made


def _months(rng: np.random.Generator, cards: Contracts, clients: Clients) -> _Months:
    each = len(cards)
    newest = np.where(rng.random(each) < 0.8, 1, rng.integers(1, 25, each))
    wanted = marginal.as_integers(marginal.count(_known_months())(rng.standard_normal(each)))
    counts = np.minimum(wanted, _OLDEST)
    newest = np.minimum(newest, _OLDEST + 1 - counts)
    owner, step = owners(counts), positions(counts)
    begins = np.where(rng.random(each) < 0.15, _OLDEST, rng.integers(0, 5, each))
    appetite = mixed(rng, clients.habit(rng, _RISK), cards.owner, 0.9)
    stops = rng.random(each) < normal.cdf(1.1 - 0.4 * appetite)
    ends = np.where(stops, np.ceil(counts * rng.random(each) ** 1.5), _OLDEST).astype(np.int64)
    wealth = mixed(rng, clients.scores["AMT_INCOME_TOTAL"], cards.owner, 0.5)
    return _Months(
        owner=owner,
        step=step,
        month=step - (newest + counts - 1)[owner],
        begins=begins[owner],
        ends=ends[owner],
        wealth=wealth[owner],
        appetite=appetite[owner],
    )


def _known_months() -> tuple[float, ...]:
    """Quantiles of the months of a card: known by client, who has one, and a little otherwise by card."""
    spreads = load().spreads
    known = (spreads[f"credit_card_balance|{by}"].quantiles for by in ("train", "rows_per_SK_ID_PREV"))
    return tuple((2 * one + other) / 3 for one, other in zip(*known, strict=True))


def _limit(rng: np.random.Generator, months: _Months) -> Floats:
    """The limit, which drops to nothing for half of the cards some months after their last use."""
    limits = np.array(_LIMITS, dtype=np.float64)[np.searchsorted(marginal.cuts(_LIMIT_SHARES), months.wealth)]
    kept = (rng.random(int(months.owner.max(initial=-1)) + 1) < 0.45)[months.owner]
    unused = np.where(months.begins >= _OLDEST, months.step - 6, months.step - months.ends - 3) > 0
    return np.where(unused & ~kept, 0.0, limits)


def _balance(rng: np.random.Generator, months: _Months, limit: Floats) -> Floats:
    """Owed at the end of the month: moves slowly, and hardly beyond the limit."""
    wave = np.sin(months.step / 6.0 + 2 * np.pi * np.modf(months.owner * 0.618)[0])
    score = (
        0.45 * months.wealth + 0.65 * months.appetite + 0.4 * wave + 0.45 * rng.standard_normal(len(months))
    )
    owed = marginal.nonzero(load().tables["credit_card_balance"]["AMT_BALANCE"])(score)
    owed = np.minimum(owed, 1.05 * limit * (0.93 + 0.07 * rng.random(len(months))))
    return np.where(months.in_use, np.rint(owed * 200) / 200, 0.0)


def _owed(rng: np.random.Generator, balance: Floats) -> Columns:
    """The four ways the table states what is owed."""
    overpaid = (balance == 0) & (chance(rng, len(balance)) < 0.022)
    receivable = np.where(
        overpaid, -np.rint(rng.exponential(600.0, len(balance))), np.rint(balance * 199.6) / 200
    )
    fresh = chance(rng, len(balance)) < 0.08
    principal = np.where(fresh, 0.0, np.rint(balance * 193) / 200)
    return {
        "AMT_BALANCE": balance,
        "AMT_RECEIVABLE_PRINCIPAL": principal,
        "AMT_RECIVABLE": receivable,
        "AMT_TOTAL_RECEIVABLE": receivable,
    }


def _drawn(rng: np.random.Generator, months: _Months, owing: Flags) -> Columns:
    """Money drawn, by way; the ways are unknown for every fifth card."""
    table = load().tables["credit_card_balance"]
    rows = len(months)
    never = months.begins >= _OLDEST
    unknown = never | (rng.random(int(months.owner.max(initial=-1)) + 1) < 0.076)[months.owner]
    possible = max(float(owing[~unknown].mean()), 1e-9) if (~unknown).any() else 1.0
    tide = rng.standard_normal(rows)
    made: Columns = {}
    money, times = np.zeros(rows), np.zeros(rows)
    for way in _WAYS:
        amount, count = table[f"AMT_DRAWINGS_{way}_CURRENT"], table[f"CNT_DRAWINGS_{way}_CURRENT"]
        share = min((1.0 - _zero(count)) / possible, 0.9)
        wish = 0.5 * months.appetite + 0.6 * tide + 0.625 * rng.standard_normal(rows)
        drawing = owing & (wish > normal.quantile(1.0 - share))
        many = rng.standard_normal(rows)
        spent = _positive(
            amount, 0.6 * many + 0.8 * rng.standard_normal(rows), 4500.0 if way == "ATM" else 0.01
        )
        made[f"AMT_DRAWINGS_{way}_CURRENT"] = np.where(unknown, np.nan, np.where(drawing, spent, 0.0))
        often = np.where(drawing, np.maximum(_positive(count, many, 1.0), 1.0), 0.0)
        made[f"CNT_DRAWINGS_{way}_CURRENT"] = np.where(unknown, np.nan, often)
        money, times = money + np.where(drawing, spent, 0.0), times + often
    return made | {"AMT_DRAWINGS_CURRENT": money, "CNT_DRAWINGS_CURRENT": times}


def _zero(column: Column) -> float:
    return column.shares[column.values.index(0.0)] if column.values else column.zero


def _positive(column: Column, score: Floats, step: float) -> Floats:
    """A value above zero; where hardly any is known, a lognormal one."""
    if column.values:
        return np.maximum(np.rint(np.exp(0.5 * score)), 1.0)
    if sum(value > 0 for value in column.quantiles) < 2:
        return np.rint(np.exp(10.0 + score) / step) * step
    return np.maximum(marginal.nonzero(column, step)(score), step)


def _paid(rng: np.random.Generator, months: _Months, balance: Floats) -> Columns:
    table = load().tables["credit_card_balance"]
    rows = len(months)
    paying = balance > 0
    score = 0.5 * months.wealth + np.sqrt(0.75) * rng.standard_normal(rows)
    paid = np.where(paying, marginal.nonzero(table["AMT_PAYMENT_TOTAL_CURRENT"], 0.01)(score), 0.0)
    small = np.where(
        chance(rng, rows) < 0.27, 0.0, np.rint(rng.lognormal(5.7, 1.6, rows).clip(0, 2200) * 100) / 100
    )
    least = marginal.nonzero(table["AMT_INST_MIN_REGULARITY"], 0.01)(
        0.8 * months.wealth + 0.6 * rng.standard_normal(rows)
    )
    mature = np.clip(np.minimum(months.step, months.ends + 8) - months.begins + 1, 0, None)
    unknown = chance(rng, rows) < 0.0747
    return {
        "AMT_INST_MIN_REGULARITY": np.where(
            unknown, np.nan, np.where(paying & (months.step > 0), least, 0.0)
        ),
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_PAYMENT_CURRENT": np.where(
            ~paying & (chance(rng, rows) < 0.38), np.nan, np.where(paying, paid, small)
        ),
        "CNT_INSTALMENT_MATURE_CUM": np.where(unknown, np.nan, mature),
    }


def _standing(rng: np.random.Generator, months: _Months) -> Columns:
    rows = len(months)
    late = months.in_use & (chance(rng, rows) < normal.cdf(-1.75 + 0.6 * months.appetite))
    days = np.where(late, np.ceil(rng.lognormal(2.2, 2.0, rows).clip(1, 3000)), 0.0)
    state = np.searchsorted(np.array([0.9619, 0.9976, 0.9998]), chance(rng, rows))
    return {
        "NAME_CONTRACT_STATUS": Words(state.astype(np.int16), _STATES),
        "SK_DPD": days,
        "SK_DPD_DEF": np.where(chance(rng, rows) < 0.55, np.minimum(days, 1.0), 0.0),
    }


def payments(rng: np.random.Generator, balance: Columns, late: Floats) -> Columns:
    """Rows of installments_payments for cards: a few for each month with something paid, version 0."""
    paid = np.flatnonzero(array(balance["AMT_PAYMENT_TOTAL_CURRENT"]) > 0)
    times = 1 + rng.poisson(1.25, len(paid))
    month = paid[owners(times)]
    rows = len(month)
    total = array(balance["AMT_PAYMENT_TOTAL_CURRENT"])[month]
    part = rng.random(rows) ** 4 + 1e-4
    share = part / np.bincount(owners(times), part, len(paid))[owners(times)]
    amount = np.maximum(np.rint(total * share * 200) / 200, 0.005)
    day = np.rint(array(balance["MONTHS_BALANCE"])[month] * _MONTH_DAYS) + rng.integers(-8, 8, rows)
    day = np.minimum(day, -2.0)
    sk_id_prev = array(balance["SK_ID_PREV"])[month]
    return {
        "SK_ID_PREV": sk_id_prev,
        "SK_ID_CURR": array(balance["SK_ID_CURR"])[month],
        "NUM_INSTALMENT_VERSION": np.zeros(rows),
        "NUM_INSTALMENT_NUMBER": positions(np.unique(sk_id_prev, return_counts=True)[1]) + 1,
        "DAYS_INSTALMENT": day,
        "DAYS_ENTRY_PAYMENT": np.minimum(day + delay(rng, late[month]), -1.0),
        "AMT_INSTALMENT": amount,
        "AMT_PAYMENT": amount,
    }

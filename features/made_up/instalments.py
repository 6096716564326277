"""Loans with instalments: their monthly balance and every payment."""

import numpy as np

from features.made_up import normal
from features.made_up.client import Clients, chance, mixed, owners, positions
from features.made_up.columns import Columns, Flags, Integers, Words, array
from features.made_up.contract import Contracts
from features.made_up.normal import Floats

_RISK = 0.45
_MONTH_DAYS = 30.4375
_OLDEST = 96
_STATES = (
    "Active",
    "Completed",
    "Signed",
    "Returned to the store",
    "Demand",
    "Approved",
    "Amortized debt",
    "Canceled",
)
_RARE_CUTS = (0.99777, 0.99842, 0.99927, 0.99982, 0.99993)
"""Where the rare states begin: the rest of active months lies below."""


def lateness(rng: np.random.Generator, contracts: Contracts, clients: Clients) -> Floats:
    """How late each contract is paid, as a normal score; clients keep their ways."""
    return mixed(rng, clients.habit(rng, _RISK), contracts.owner, 0.75)


def monthly(rng: np.random.Generator, contracts: Contracts, late: Floats) -> Columns:
    """Rows of POS_CASH_balance: each contract's months from its start to its end, or to last month."""
    start = np.clip(np.ceil(-contracts.start / _MONTH_DAYS).astype(np.int64), 1, _OLDEST)
    counts = np.minimum(contracts.paid + 1, start)
    owner, step = owners(counts), positions(counts)
    done = step == contracts.paid[owner]
    agreed = np.where(done, contracts.paid[owner], contracts.instalments[owner])
    unknown = chance(rng, len(owner)) < 0.0027
    overdue = _days_past_due(rng, late[owner])
    tolerated = np.where(chance(rng, len(owner)) < 0.4, np.minimum(overdue, 30.0), 0.0)
    return {
        "SK_ID_PREV": contracts.sk_id_prev[owner],
        "SK_ID_CURR": contracts.sk_id_curr[owner],
        "MONTHS_BALANCE": step - start[owner],
        "CNT_INSTALMENT": np.where(unknown, np.nan, agreed),
        "CNT_INSTALMENT_FUTURE": np.where(unknown | done, np.where(unknown, np.nan, 0.0), agreed - step),
        "NAME_CONTRACT_STATUS": _state(rng, done, step),
        "SK_DPD": overdue,
        "SK_DPD_DEF": tolerated,
    }


def _state(rng: np.random.Generator, done: Flags, step: Integers) -> Words:
    drawn = chance(rng, len(done))
    rare = np.searchsorted(np.array(_RARE_CUTS), drawn)
    code = np.where(rare > 0, rare + 2, np.where((step == 0) & (drawn < 0.085), 2, 0))
    return Words(np.where(done, 1, code).astype(np.int16), _STATES)


def _days_past_due(rng: np.random.Generator, late: Floats) -> Floats:
    """Days past due at the end of a month: mostly none, sometimes days, seldom years."""
    at = np.flatnonzero(chance(rng, len(late)) < normal.cdf(-2.2 + 0.7 * late))
    days = np.zeros(len(late))
    days[at] = np.ceil(rng.lognormal(2.6, 2.2, len(at)).clip(1, 3500))
    return days


def payments(rng: np.random.Generator, contracts: Contracts, late: Floats) -> Columns:
    """Rows of installments_payments for loans: one per instalment due so far, a few in two parts."""
    first_due = contracts.start + 30
    due_so_far = np.maximum(np.floor((-2 - first_due) / _MONTH_DAYS) + 1, 0).astype(np.int64)
    counts = np.minimum(contracts.paid, due_so_far)
    owner, step = owners(counts), positions(counts)
    day = np.rint(first_due[owner] + _MONTH_DAYS * step)
    amount, ends_early = _amount(contracts, owner, step)
    changed = (1 + rng.geometric(0.6, len(counts)) * (rng.random(len(counts)) < 0.07))[owner]
    rows: Columns = {
        "SK_ID_PREV": contracts.sk_id_prev[owner],
        "SK_ID_CURR": contracts.sk_id_curr[owner],
        "NUM_INSTALMENT_VERSION": changed + ends_early.astype(np.float64),
        "NUM_INSTALMENT_NUMBER": step + 1,
        "DAYS_INSTALMENT": day,
        "DAYS_ENTRY_PAYMENT": np.minimum(day + delay(rng, late[owner]), -1.0),
        "AMT_INSTALMENT": amount,
        "AMT_PAYMENT": amount,
    }
    return _in_parts(rng, rows, late[owner])


def _amount(contracts: Contracts, owner: Integers, step: Integers) -> tuple[Floats, Flags]:
    """The instalments, the last of which pays the rest when a loan ends early; and where that is."""
    amount = contracts.annuity[owner]
    left = contracts.instalments - contracts.paid
    ends_early = (step == contracts.paid[owner] - 1) & (left > 0)[owner]
    return _to_cents(np.where(ends_early, amount * (1.0 + 0.8 * left[owner]), amount)), ends_early


def _to_cents(amount: Floats) -> Floats:
    return np.rint(amount * 200) / 200


def delay(rng: np.random.Generator, late: Floats) -> Floats:
    """Days from the due day to the payment, negative when early."""
    rows = len(late)
    days_late = np.ceil(rng.standard_exponential(rows) * np.exp(1.6 + 0.35 * late))
    days_early = np.floor(rng.standard_gamma(1.1, rows) * np.clip(9.0 - 1.5 * late, 4.0, 14.0))
    return np.where(chance(rng, rows) < normal.cdf(-1.6 + 0.5 * late), days_late, -days_early)


def _in_parts(rng: np.random.Generator, rows: Columns, late: Floats) -> Columns:
    """Some instalments come in two payments, the second one later; a few stay short."""
    split = chance(rng, len(late)) < normal.cdf(-1.6 + 0.3 * late)
    times = 1 + split.astype(np.int64)
    owner, second = owners(times), positions(times) == 1
    made: Columns = {name: array(values)[owner] for name, values in rows.items()}
    part = (0.02 + 0.96 * rng.random(len(late)))[owner]
    part = np.where(split[owner], np.where(second, 1.0 - part, part), 1.0)
    part = np.where(second & (chance(rng, len(owner)) < 0.25), 0.5 * part, part)
    made["AMT_PAYMENT"] = _to_cents(array(made["AMT_PAYMENT"]) * part)
    later = np.where(second, rng.integers(0, 20, len(owner)), 0)
    made["DAYS_ENTRY_PAYMENT"] = np.minimum(array(made["DAYS_ENTRY_PAYMENT"]) + later, -1.0)
    return made

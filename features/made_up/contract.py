"""The terms of earlier applications, and the contracts that came of them."""

from dataclasses import dataclass

import numpy as np

from features.made_up import marginal
from features.made_up.client import Clients
from features.made_up.columns import Columns, Flags, Integers, Words
from features.made_up.normal import Floats
from features.made_up.previous import APPROVED, CANCELED, CARD, CASH, CONSUMER, REFUSED, Asked
from features.made_up.statistics import SENTINEL, load

_TERMS = {
    CONSUMER: ((4, 6, 8, 10, 12, 18, 24), (0.03, 0.26, 0.05, 0.26, 0.28, 0.05, 0.07)),
    CASH: ((6, 12, 18, 24, 36, 48, 60), (0.12, 0.36, 0.12, 0.2, 0.13, 0.05, 0.02)),
}
"""Instalments agreed on and how often; those refused asked for longer loans."""
_REFUSED_TERMS = ((12, 24, 36, 48, 60), (0.1, 0.2, 0.25, 0.27, 0.18))
_SIZES = np.array([-0.6, 0.66, 0.45])
"""Shift of the amount's normal score by kind."""
YIELDS = ("high", "middle", "low_normal", "low_action")
_YIELD_SHARES = {
    CONSUMER: (0.33, 0.31, 0.23, 0.13),
    CASH: (0.26, 0.386, 0.354, 0.0),
    CARD: (0.0, 0.0, 1.0, 0.0),
}
_YIELD_RATES = np.array([[0.78, 0.55, 0.34, 0.13], [0.42, 0.3, 0.18, 0.07], [0.05, 0.05, 0.05, 0.05]])
"""Interest a year, by kind and yield group."""
_CARD_RATE = 0.05
_PERIOD = 30.0


@dataclass(frozen=True)
class Terms:
    """What was asked for and offered; one entry per application."""

    detailed: Flags
    """The application got as far as terms: portfolio, annuity and instalments are known together."""
    goods: Floats
    """Price of the goods, 0 where none was stated."""
    credit: Floats
    down_share: Floats
    instalments: Integers
    """0 for a card."""
    paid: Integers
    """Instalments after which the contract ends, early repayment included."""
    annuity: Floats
    grade: Integers
    """Position in `YIELDS`."""


@dataclass(frozen=True)
class Contracts:
    """Loans and cards the client got here; one entry per contract."""

    sk_id_prev: Integers
    sk_id_curr: Integers
    owner: Integers
    """Position of the client in the group."""
    start: Floats
    """Day of the decision, negative."""
    instalments: Integers
    paid: Integers
    annuity: Floats

    def __len__(self) -> int:
        return len(self.sk_id_prev)

    def where(self, keep: Flags) -> "Contracts":
        return Contracts(**{name: values[keep] for name, values in vars(self).items()})


def terms(rng: np.random.Generator, asked: Asked, clients: Clients) -> Terms:
    """Amounts and instalments of all applications."""
    rows = len(asked)
    detailed = _detailed(rng, asked)
    income = clients.scores["AMT_INCOME_TOTAL"][asked.owner]
    more = np.where(asked.outcome == REFUSED, 0.25, -0.03)
    size = _SIZES[asked.kind] + more + 0.3 * income + 0.68 * rng.standard_normal(rows)
    prices = marginal.numeric(load().tables["previous_application"]["AMT_GOODS_PRICE"], 4.5)
    unstated = ~detailed & (rng.random(rows) < 0.985)
    goods = np.where(unstated, 0.0, np.maximum(prices(size), 45.0))
    down = _down_share(rng, asked)
    fee = 1.0 + np.where(asked.kind == CASH, 0.22, 0.08) * rng.random(rows) * (rng.random(rows) < 0.7)
    credit = np.rint(goods * (1.0 - down) * fee / 4.5) * 4.5
    instalments = _instalments(rng, asked, size)
    grade = _grade(rng, asked)
    loan_annuity = _annuity(rng, credit, instalments, _YIELD_RATES[asked.kind, grade])
    annuity = np.where(asked.kind == CARD, _CARD_RATE * credit, loan_annuity)
    return Terms(detailed, goods, credit, down, instalments, _paid(rng, instalments), annuity, grade)


def _detailed(rng: np.random.Generator, asked: Asked) -> Flags:
    stopped_early = rng.random(len(asked)) < np.array([0.6, 0.1, 0.08])[asked.kind]
    detailed: Flags = (asked.outcome != CANCELED) & ~((asked.outcome == REFUSED) & stopped_early)
    return detailed


def _down_share(rng: np.random.Generator, asked: Asked) -> Floats:
    """Down payment in parts of the goods price, for consumer loans."""
    shares = marginal.nonzero(load().tables["previous_application"]["RATE_DOWN_PAYMENT"])
    drawn = np.minimum(shares(rng.standard_normal(len(asked))), 0.9)
    paying = (asked.kind == CONSUMER) & (rng.random(len(asked)) < 0.575)
    return np.where(paying, drawn, 0.0)


def _instalments(rng: np.random.Generator, asked: Asked, size: Floats) -> Integers:
    """Larger loans run longer."""
    rows = len(asked)
    score = 0.65 * (size - _SIZES[asked.kind]) / 0.75 + 0.76 * rng.standard_normal(rows)
    chosen = np.zeros(rows, dtype=np.int64)
    for kind, (months, shares) in _TERMS.items():
        drawn = np.array(months)[np.searchsorted(marginal.cuts(shares), score)]
        chosen = np.where(asked.kind == kind, drawn, chosen)
    longer_months, longer_shares = _REFUSED_TERMS
    longer = np.array(longer_months)[np.searchsorted(marginal.cuts(longer_shares), score)]
    return np.where((asked.kind == CASH) & (asked.outcome == REFUSED), longer, chosen)


def _grade(rng: np.random.Generator, asked: Asked) -> Integers:
    """Position in the yield groups; the riskier the client, the dearer."""
    score = rng.standard_normal(len(asked)) * 0.97 - 0.25 * asked.risk
    grade = np.zeros(len(asked), dtype=np.int64)
    for kind, shares in _YIELD_SHARES.items():
        grade = np.where(asked.kind == kind, np.searchsorted(marginal.cuts(shares), score), grade)
    return grade


def _annuity(rng: np.random.Generator, credit: Floats, instalments: Integers, yearly: Floats) -> Floats:
    """The monthly payment of a loan at about this rate a year."""
    rate = yearly * (0.85 + 0.3 * rng.random(len(credit))) / 12
    return credit * rate / (1.0 - (1.0 + rate) ** -np.maximum(instalments, 1))


def _paid(rng: np.random.Generator, instalments: Integers) -> Integers:
    """Instalments really paid: many loans are repaid early."""
    early = rng.random(len(instalments)) < 0.4
    share = np.where(early, 0.25 + 0.75 * rng.random(len(instalments)), 1.0)
    return np.ceil(instalments * share).astype(np.int64)


def amounts(rng: np.random.Generator, asked: Asked, offered: Terms) -> Columns:
    """The columns of the amounts."""
    rows = len(asked)
    down_known = offered.detailed & (
        (asked.kind == CONSUMER) | ((asked.kind == CARD) & (rng.random(rows) < 0.59))
    )
    no_price = (offered.goods == 0) & (rng.random(rows) < 0.98)
    grade = Words(offered.grade.astype(np.int16), YIELDS)
    return {
        "AMT_APPLICATION": offered.goods,
        "AMT_CREDIT": offered.credit,
        "AMT_GOODS_PRICE": np.where(no_price, np.nan, offered.goods),
        "AMT_ANNUITY": np.where(offered.detailed, np.rint(offered.annuity * 200) / 200, np.nan),
        "CNT_PAYMENT": np.where(offered.detailed, offered.instalments, np.nan),
        "AMT_DOWN_PAYMENT": np.where(down_known, np.rint(offered.goods * offered.down_share * 2) / 2, np.nan),
        "RATE_DOWN_PAYMENT": np.where(down_known, offered.down_share, np.nan),
        "NAME_YIELD_GROUP": grade.replaced(~offered.detailed | (asked.kind == CARD), "XNA"),
    }


def dates(rng: np.random.Generator, asked: Asked, offered: Terms) -> Columns:
    """Days of drawing, first and last instalment and end; 365243 for what has not happened."""
    rows = len(asked)
    card = asked.kind == CARD
    first_due = asked.day + _PERIOD + rng.integers(0, 5, rows)
    undrawn = card & (rng.random(rows) < 0.44)
    last = first_due + _PERIOD * (offered.paid - 1)
    running = card | (last > -2)
    values = {
        "DAYS_FIRST_DRAWING": np.where(card & ~undrawn, np.minimum(asked.day + 5, -1), SENTINEL),
        "DAYS_FIRST_DUE": np.where(undrawn, SENTINEL, first_due),
        "DAYS_LAST_DUE_1ST_VERSION": np.where(
            card, SENTINEL, first_due + _PERIOD * (offered.instalments - 1)
        ),
        "DAYS_LAST_DUE": np.where(running, SENTINEL, last),
        "DAYS_TERMINATION": np.where(running, SENTINEL, np.minimum(last + rng.integers(2, 12, rows), -1)),
        "NFLAG_INSURED_ON_APPROVAL": (rng.random(rows) < 0.338).astype(np.float64),
    }
    unknown = (asked.outcome != APPROVED) | (rng.random(rows) < 0.041)
    return {name: np.where(unknown, np.nan, value) for name, value in values.items()}

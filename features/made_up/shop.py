"""Where and how each earlier application was made: seller, goods, product, reasons."""

from collections.abc import Sequence

import numpy as np

from features.made_up import marginal
from features.made_up.columns import Columns, Flags, Words, missing
from features.made_up.contract import YIELDS, Terms
from features.made_up.previous import APPROVED, CARD, CASH, CONSUMER, REFUSED, UNUSED, Asked
from features.made_up.statistics import Column, load

_KINDS = ("Consumer loans", "Cash loans", "Revolving loans")
_OUTCOMES = ("Approved", "Unused offer", "Canceled", "Refused")
_PORTFOLIOS = ("POS", "Cash", "Cards")
_SHOP_CHANNELS = ("Country-wide", "Stone", "Regional / Local", "Car dealer")
_CROSS_SHARES = {"high": 0.51, "middle": 0.81, "low_normal": 0.79, "low_action": 0.79}
"""Cash loans of each yield group that were offered to a client, not asked for."""
_CROSS_CARDS = 0.6
_LEVELS = {"high": "high", "middle": "middle", "low_normal": "low", "low_action": "low"}
_SEEN_ELSEWHERE = 0.086
"""Cash loans and cards taken at a seller's."""


def columns(rng: np.random.Generator, asked: Asked, offered: Terms) -> Columns:
    """All the words of previous_application, and what is left of its numbers."""
    draw = _Draw(rng, len(asked))
    made: Columns = {
        "NAME_CONTRACT_TYPE": Words(asked.kind.astype(np.int16), _KINDS),
        "NAME_CONTRACT_STATUS": Words(asked.outcome.astype(np.int16), _OUTCOMES),
        "DAYS_DECISION": asked.day,
        "CODE_REJECT_REASON": _reasons(draw, asked),
        "NAME_CLIENT_TYPE": _client_types(rng, asked),
        "NAME_CASH_LOAN_PURPOSE": _purposes(rng, draw, asked),
    }
    made |= _seller(rng, draw, asked)
    made |= _product(rng, draw, asked, offered)
    return made


class _Draw:
    """Draws a word for each row from some of the words of a column, in their known proportions."""

    def __init__(self, rng: np.random.Generator, rows: int) -> None:
        self._rng = rng
        self._rows = rows

    def but(self, name: str, *without: str) -> Words:
        column = load().tables["previous_application"][name]
        return marginal.choice(column, column.words, without)(self._rng.standard_normal(self._rows))

    def of(self, name: str, words: Sequence[str]) -> Words:
        column = load().tables["previous_application"][name]
        return marginal.choice(column, words)(self._rng.standard_normal(self._rows))

    def starting(self, name: str, start: str) -> Words:
        column = load().tables["previous_application"][name]
        return self.of(name, [word for word in column.words if word.startswith(start)])


def rest(rng: np.random.Generator, made: Columns, rows: int) -> Columns:
    """The columns nothing else depends on."""
    drawn: Columns = {}
    for name, column in load().tables["previous_application"].items():
        if name not in made:
            drawn[name] = missing(_any(rng, column, rows), rng.random(rows) < column.null)
    return drawn


def _any(
    rng: np.random.Generator, column: Column, rows: int
) -> "Words | np.ndarray[tuple[int], np.dtype[np.float64]]":
    score = rng.standard_normal(rows)
    return (
        marginal.choice(column, column.words)(score)
        if column.is_category
        else marginal.numeric(column)(score)
    )


def _reasons(draw: _Draw, asked: Asked) -> Words:
    """Why an application was refused; XAP otherwise, CLIENT for an unused offer."""
    drawn = draw.but("CODE_REJECT_REASON", "XAP", "CLIENT")
    return drawn.replaced(asked.outcome != REFUSED, "XAP").replaced(asked.outcome == UNUSED, "CLIENT")


def _client_types(rng: np.random.Generator, asked: Asked) -> Words:
    code = np.where(asked.position == 0, 0, np.where(rng.random(len(asked)) < 0.1, 2, 1))
    unknown = rng.random(len(asked)) < 0.0011
    return Words(code.astype(np.int16), ("New", "Repeater", "Refreshed")).replaced(unknown, "XNA")


def _purposes(rng: np.random.Generator, draw: _Draw, asked: Asked) -> Words:
    """What a cash loan is for, which is seldom told."""
    untold = rng.random(len(asked)) < 0.91
    drawn = draw.but("NAME_CASH_LOAN_PURPOSE", "XAP", "XNA")
    return drawn.replaced(untold, "XNA").replaced(asked.kind != CASH, "XAP")


def _seller(rng: np.random.Generator, draw: _Draw, asked: Asked) -> Columns:
    """Goods, seller and channel: shops for consumer loans, offices for the others."""
    table = load().tables["previous_application"]
    shop = asked.kind == CONSUMER
    visited = shop | (rng.random(len(asked)) < _SEEN_ELSEWHERE)
    offices = [word for word in table["CHANNEL_TYPE"].words if word not in _SHOP_CHANNELS]
    area = marginal.nonzero(table["SELLERPLACE_AREA"])(rng.standard_normal(len(asked)))
    elsewhere = np.where(rng.random(len(asked)) < 0.078, 0.0, -1.0)
    suite = draw.but("NAME_TYPE_SUITE")
    return {
        "NAME_GOODS_CATEGORY": draw.but("NAME_GOODS_CATEGORY", "XNA").replaced(~shop, "XNA"),
        "NAME_SELLER_INDUSTRY": draw.but("NAME_SELLER_INDUSTRY", "XNA").replaced(~visited, "XNA"),
        "CHANNEL_TYPE": _either(
            visited, draw.of("CHANNEL_TYPE", _SHOP_CHANNELS), draw.of("CHANNEL_TYPE", offices)
        ),
        "SELLERPLACE_AREA": np.where(visited, area, elsewhere),
        "NAME_TYPE_SUITE": suite.where(rng.random(len(asked)) < np.where(shop, 0.7, 0.366)),
        "NAME_PAYMENT_TYPE": draw.but("NAME_PAYMENT_TYPE", "XNA").replaced(_unpaid(rng, asked), "XNA"),
    }


def _unpaid(rng: np.random.Generator, asked: Asked) -> Flags:
    """Where no way of paying was agreed on: nearly all that came to nothing, and some that were approved."""
    share = np.where(asked.outcome == APPROVED, 0.05, 0.92)
    flags: Flags = rng.random(len(asked)) < share
    return flags


def _product(rng: np.random.Generator, draw: _Draw, asked: Asked, offered: Terms) -> Columns:
    share = np.array([_CROSS_SHARES[group] for group in YIELDS])[offered.grade]
    cross = offered.detailed & (rng.random(len(asked)) < np.where(asked.kind == CARD, _CROSS_CARDS, share))
    product = Words(np.where(cross, 0, 1).astype(np.int16), ("x-sell", "walk-in"))
    portfolio = Words(asked.kind.astype(np.int16), _PORTFOLIOS)
    return {
        "NAME_PORTFOLIO": portfolio.replaced(~offered.detailed, "XNA"),
        "NAME_PRODUCT_TYPE": product.replaced(~offered.detailed | (asked.kind == CONSUMER), "XNA"),
        "PRODUCT_COMBINATION": _combination(draw, asked, offered, cross),
    }


def _combination(draw: _Draw, asked: Asked, offered: Terms, cross: Flags) -> Words:
    """The product's full name, in line with kind, way of selling and yield."""
    words = draw.starting("PRODUCT_COMBINATION", "POS")
    for position, group in enumerate(YIELDS):
        for way, offered_so in (("X-Sell", cross), ("Street", ~cross)):
            at = (asked.kind == CASH) & (offered.grade == position) & offered_so
            words = words.replaced(at, f"Cash {way}: {_LEVELS[group]}")
    words = words.replaced((asked.kind == CASH) & ~offered.detailed, "Cash")
    words = words.replaced((asked.kind == CARD) & cross, "Card X-Sell")
    return words.replaced((asked.kind == CARD) & ~cross, "Card Street")


def _either(first: Flags, one: Words, other: Words) -> Words:
    """*one* where *first* is true, *other* elsewhere."""
    codes = np.where(first, one.codes, other.codes + np.int16(len(one.words)))
    return Words(codes, (*one.words, *other.words))

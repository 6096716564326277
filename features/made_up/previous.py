"""Earlier applications at the same lender: who asked when, for what, and was told what."""

from dataclasses import dataclass

import numpy as np

from features.made_up import marginal
from features.made_up.client import Clients, mixed, owners, positions
from features.made_up.columns import Flags, Integers
from features.made_up.normal import Floats
from features.made_up.statistics import load

CONSUMER, CASH, CARD = range(3)
APPROVED, UNUSED, CANCELED, REFUSED = range(4)

LOST = np.array([0.0452, 0.0452, 0.1225])
"""Share of the contracts of each kind that have balances but no row in previous_application."""

_RISK = 0.47
_SHARES = np.array(
    [
        # approved, unused, canceled, refused
        [0.3620, 0.0158, 0.0006, 0.0400],  # consumer loans
        [0.1865, 0.0002, 0.1730, 0.1020],  # cash loans
        [0.0559, 0.0000, 0.0332, 0.0303],  # revolving loans
    ]
)
"""Of all rows, by kind and outcome: split so that both the kinds and the outcomes have their known shares."""
_SECOND_CARDS = 0.0226
"""Cards drawn as approved for clients who have one already; they become canceled, as nobody has two."""
_FIRST = np.array([0.86, 0.14, 0.0])
"""Kinds of the contract that made a client of them: consumer, cash, revolving; always approved."""


@dataclass(frozen=True)
class Asked:
    """Earlier applications, each client's from old to new; one entry per application."""

    owner: Integers
    position: Integers
    """Within the client's, from 0."""
    day: Floats
    kind: Integers
    outcome: Integers
    risk: Floats
    """The client's habit of being refused, as a normal score."""

    def __len__(self) -> int:
        return len(self.owner)


def asked(rng: np.random.Generator, clients: Clients) -> Asked:
    """All earlier applications of the clients."""
    counts = clients.counts(rng, "previous_application", rng.random(len(clients)))
    owner, position = owners(counts), positions(counts)
    refusal = clients.habit(rng, _RISK)
    score = _recency(rng, clients, owner)
    recent = score[np.lexsort((score, owner))]
    day = marginal.numeric(load().tables["previous_application"]["DAYS_DECISION"])(recent)
    first = position == 0
    kind = _kinds(rng, first)
    told = 0.87 * mixed(rng, refusal, owner, 0.55) + 0.5 * recent
    # The first applications are the oldest: without them the score would not be centred.
    outcome = _outcomes(_standard(told, ~first), kind, first)
    outcome[_second_cards(owner, (kind == CARD) & (outcome == APPROVED))] = CANCELED
    return Asked(owner, position, np.minimum(day, -2.0), kind, outcome, refusal[owner])


def _recency(rng: np.random.Generator, clients: Clients, owner: Integers) -> Floats:
    """Normal score of how recently each application was made; poor clients ask more recently."""
    return mixed(rng, clients.habit(rng, _RISK), owner, 0.45)


def _to_draw(first_share: float) -> Floats:
    """Shares of the applications after each client's first, by kind and outcome.

    The first ones are approved whatever the shares, and lost contracts must be drawn as well.
    """
    wanted = _SHARES.copy()
    wanted[CARD, APPROVED] += _SECOND_CARDS
    wanted[CARD, CANCELED] -= _SECOND_CARDS
    wanted[:, APPROVED] /= 1.0 - LOST
    wanted /= wanted.sum()
    wanted[:, APPROVED] -= first_share * _FIRST
    wanted = np.maximum(wanted, 1e-6)
    return np.asarray(wanted / wanted.sum())


def _kinds(rng: np.random.Generator, first: Flags) -> Integers:
    drawn = rng.random(len(first))
    later = np.cumsum(_to_draw(first.sum() / max(len(first), 1)).sum(axis=1))[:-1]
    return np.where(first, np.searchsorted(np.cumsum(_FIRST)[:-1], drawn), np.searchsorted(later, drawn))


def _outcomes(score: Floats, kind: Integers, first: Flags) -> Integers:
    """Approved at the low end of the score, refused at the high end."""
    shares = _to_draw(first.sum() / max(len(first), 1))
    outcome = np.zeros(len(kind), dtype=np.int64)
    for each in (CONSUMER, CASH, CARD):
        of_kind = kind == each
        outcome[of_kind] = np.searchsorted(marginal.cuts(shares[each]), score[of_kind])
    return np.where(first, APPROVED, outcome)


def _standard(score: Floats, of: Flags) -> Floats:
    """The score with mean 0 and deviation 1 over some of its rows."""
    spread = score[of].std() if of.any() else 0.0
    return (score - score[of].mean()) / spread if spread > 0 else score


def _second_cards(owner: Integers, card: Flags) -> Integers:
    """Rows of the cards after an owner's first."""
    rows = np.flatnonzero(card)
    repeated: Integers = rows[1:][owner[rows[1:]] == owner[rows[:-1]]]
    return repeated

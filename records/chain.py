"""The chain of what was decided: each link holds the hash of all before it, and nothing of an applicant.

Links are decisions, in the order of `seq`, and events, each after the decision it names. What an erasure
takes away is not in a link: a salted digest stands for it.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from records.tables import predictions

ERASURE = "erasure"
"""An event: the personal data of some decisions went."""
RETENTION = "retention"
"""An event: the oldest decisions went, and the chain begins again after a checkpoint."""
PERSONAL = ("sk_id_curr", "amt_credit", "idempotency_key")
"""Columns of `predictions` that an erasure empties."""
CHAINED = tuple(column.name for column in predictions.columns if column.name not in {*PERSONAL, "chain_hash"})
"""Columns of `predictions` that a link holds, in order; the number comes first."""
_encode = msgspec.json.Encoder().encode


def first_hash(chain: str) -> str:
    """What the first link of the chain of this name follows."""
    return hashlib.sha256(f"octroi {chain}".encode()).hexdigest()


def decision_hash(before: str, values: Sequence[object]) -> str:
    """The link of a decision, after the link *before*; *values*: those of `CHAINED`."""
    return hashlib.sha256(before.encode() + _encode(values)).hexdigest()


def event_hash(before: str, values: Sequence[object]) -> str:
    """The link of an event; *values*: those of `chain_events` but the hash, in order."""
    # A decision's link holds an array that begins with its number, so neither passes for the other.
    return hashlib.sha256(before.encode() + _encode(["event", *values])).hexdigest()


def personal_digest(salt: bytes, sk_id_curr: int | None, amt_credit: float | None, inputs: str) -> str:
    """What stands in a link for client number, amount and inputs; without the salt nobody can guess them."""
    # SQLite does not keep the sign of a zero.
    amount = None if amt_credit is None else amt_credit + 0.0
    return hashlib.sha256(salt + _encode((sk_id_curr, amount)) + inputs.encode()).hexdigest()

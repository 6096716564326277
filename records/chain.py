"""The chain of what was decided: each link holds the hash of all before it, and nothing of an applicant."""

import hashlib


def first_hash(chain: str) -> str:
    """What the first link of the chain of this name follows."""
    return hashlib.sha256(f"octroi {chain}".encode()).hexdigest()

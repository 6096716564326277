"""The product with its answers in two pieces, as uvicorn writes them: the head, then the body."""

import asyncio

import api.connection


def unheld(transport: asyncio.Transport, *, has_body: bool) -> asyncio.Transport:  # noqa: ARG001
    """*transport* as it is, in the place of an `Envelope` around it."""
    return transport


api.connection.Envelope = unheld  # type: ignore[assignment, attr-defined]  # what this variant is

from service import CreditScoring  # noqa: E402  # opened with the envelope above

__all__ = ["CreditScoring"]

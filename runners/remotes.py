"""Where models may be fetched from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remotes:
    """A hub, and an MLflow store."""

    hub: str = "https://huggingface.co"
    hub_token: str | None = None
    mlflow: str | None = None
    """URI of a server or a database."""


NOWHERE = Remotes()
"""What suffices for a folder or a tag."""

"""Which version is champion, and which were before it."""

from dataclasses import dataclass

from credit.errors import InvalidModel
from training.registry import CHALLENGER, CHAMPION, Registry, Version

_HISTORY = "champions_before"
"""Note on the registered model: the versions that were champion, oldest first, without the present one."""
_REMEMBERED = 100


@dataclass(frozen=True)
class Promotion:
    """The champion, and the version whose place it took, if there was one."""

    champion: Version
    before: Version | None


def promote(registry: Registry, number: int | None = None) -> Promotion:
    """Make the challenger champion, or version *number*; the champion already stays so.

    `InvalidModel` when there is no such version.
    """
    versions = registry.versions()
    chosen = _numbered(versions, number) if number is not None else _named(versions, CHALLENGER)
    if chosen is None:
        raise InvalidModel(
            f"there is no version {number}: python -m training models lists them"
            if number is not None
            else f"no version is the {CHALLENGER}: choose one with --version"
        )
    before = _named(versions, CHAMPION)
    if before and before != chosen:
        # The note first: a history that names the champion itself is read as if it did not.
        _remember(registry, [*_history(registry, before), before.number])
    registry.name(chosen.number, CHAMPION)
    return Promotion(chosen, before)


def roll_back(registry: Registry) -> Promotion:
    """Make the version champion that was so before; again, the one before that.

    `InvalidModel` when none was. A version that was deleted since is passed over.
    """
    versions = registry.versions()
    before = _named(versions, CHAMPION)
    history = [number for number in _history(registry, before) if _numbered(versions, number)]
    chosen = _numbered(versions, history[-1]) if history else None
    if chosen is None:
        raise InvalidModel("there is nothing to roll back to: no other version was champion before")
    registry.name(chosen.number, CHAMPION)
    _remember(registry, history[:-1])
    return Promotion(chosen, before)


def _history(registry: Registry, champion: Version | None) -> list[int]:
    """Versions that were champion before *champion*, oldest first."""
    history = [int(number) for number in registry.note(_HISTORY).split()]
    while history and champion and history[-1] == champion.number:
        history.pop()
    return history


def _remember(registry: Registry, history: list[int]) -> None:
    registry.write_note(_HISTORY, " ".join(map(str, history[-_REMEMBERED:])))


def _numbered(versions: list[Version], number: int) -> Version | None:
    return next((version for version in versions if version.number == number), None)


def _named(versions: list[Version], alias: str) -> Version | None:
    return next((version for version in versions if alias in version.aliases), None)

"""Which clients a model learns from, and which it is judged on."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from credit.cost import Labels

FOLDS = 5
_STOPPING = 10
"""One part in so many of a fold's own clients says when to stop; its model does not learn from it."""

Clients = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]
Split = tuple[Positions, Positions]
"""Positions of the clients to learn from, and of the others; each ascending."""


def folds(clients: Clients, defaulted: Labels, seed: int) -> list[Split]:
    """`FOLDS` splits that leave each client out once, every part with the same share of defaults.

    A client's fold follows from its number, its label and the seed. The order of the rows does not
    matter; clients that join or leave move only the few whose draw lies next to a boundary.
    """
    part = _parts(clients, defaulted, FOLDS, seed)
    return [_split(part == fold) for fold in range(FOLDS)]


def hold_back(clients: Clients, defaulted: Labels, seed: int, fold: int) -> Split:
    """Nine tenths to learn from, one tenth to see when to stop; drawn like the folds, apart from them.

    Each *fold* holds back others: when to stop, all together, is not one tenth's word.
    """
    return _split(_parts(clients, defaulted, _STOPPING, seed) == fold)


def _split(outside: npt.NDArray[np.bool_]) -> Split:
    return np.flatnonzero(~outside), np.flatnonzero(outside)


def _parts(clients: Clients, defaulted: Labels, count: int, seed: int) -> Positions:
    """Each client's part, 0 to *count* - 1: clients of one label are cut by their draws into equal parts."""
    draws = _draws(clients, count, seed)
    parts = np.empty(len(clients), dtype=np.intp)
    for label in (False, True):
        alike = np.flatnonzero(defaulted == label)
        order = alike[np.lexsort((clients[alike], draws[alike]))]
        parts[order] = np.arange(len(order)) * count // max(1, len(order))
    return parts


def _draws(clients: Clients, count: int, seed: int) -> npt.NDArray[np.uint64]:
    """A number drawn for each client that has nothing to do with the client."""
    keys = pd.DataFrame({"client": clients, "count": count, "seed": seed})
    return pd.util.hash_pandas_object(keys, index=False).to_numpy().astype(np.uint64)

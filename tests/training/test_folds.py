"""Folds are equal, and fixed by the clients' numbers."""

import numpy as np
import pytest

from training.folds import FOLDS, folds, hold_back

CLIENTS = np.arange(100_000, 102_000)
DEFAULTED = np.random.default_rng(0).uniform(size=2_000) < 0.08


def fold_of(clients, defaulted, seed=0):
    """Each client's fold, by number."""
    splits = folds(clients, defaulted, seed)
    return {int(client): fold for fold, (_, outside) in enumerate(splits) for client in clients[outside]}


def test_every_client_is_left_out_once_and_learned_from_otherwise():
    splits = folds(CLIENTS, DEFAULTED, seed=0)

    assert len(splits) == FOLDS == 5
    assert sorted(np.concatenate([outside for _, outside in splits])) == list(range(2_000))
    for inside, outside in splits:
        assert sorted([*inside, *outside]) == list(range(2_000))


def test_every_fold_has_the_same_size_and_the_same_share_of_defaults():
    for inside, outside in folds(CLIENTS, DEFAULTED, seed=0):
        assert abs(len(outside) - 400) <= 2
        assert abs(DEFAULTED[outside].sum() - DEFAULTED.sum() / 5) <= 1
        assert abs(DEFAULTED[inside].sum() - 4 * DEFAULTED.sum() / 5) <= 1


def test_a_clients_fold_does_not_depend_on_the_order_of_the_rows():
    order = np.random.default_rng(1).permutation(2_000)

    assert fold_of(CLIENTS[order], DEFAULTED[order]) == fold_of(CLIENTS, DEFAULTED)


def test_when_others_leave_nearly_everybody_stays_in_their_fold():
    stay = np.random.default_rng(2).uniform(size=2_000) < 0.9
    all_of_them, rest = fold_of(CLIENTS, DEFAULTED), fold_of(CLIENTS[stay], DEFAULTED[stay])

    moved = [client for client in rest if rest[client] != all_of_them[client]]

    assert len(moved) < 0.03 * len(rest)


def test_another_seed_is_another_draw():
    one, other = fold_of(CLIENTS, DEFAULTED, seed=0), fold_of(CLIENTS, DEFAULTED, seed=1)

    alike = sum(one[client] == other[client] for client in one) / len(one)
    assert alike == pytest.approx(1 / FOLDS, abs=0.05)


def test_the_clients_held_back_are_a_tenth_drawn_apart_from_the_folds():
    learning, stopping = hold_back(CLIENTS, DEFAULTED, seed=0, fold=0)
    by_fold = np.bincount([fold_of(CLIENTS, DEFAULTED)[client] for client in CLIENTS[stopping]])

    assert sorted([*learning, *stopping]) == list(range(2_000))
    assert abs(len(stopping) - 200) <= 2
    assert abs(DEFAULTED[stopping].sum() - DEFAULTED.sum() / 10) <= 1
    assert by_fold.min() > 20


def test_every_fold_holds_other_clients_back():
    held_back = [hold_back(CLIENTS, DEFAULTED, seed=0, fold=fold)[1] for fold in range(FOLDS)]

    assert len(np.unique(np.concatenate(held_back))) == sum(map(len, held_back))

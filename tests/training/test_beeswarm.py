"""The picture of contributions shows each of them where it is, in the colour of the value."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from training.beeswarm import beeswarm
from training.explanation import Explanation

CLIENTS = 400


@pytest.fixture(scope="module")
def explanation():
    """Of three features, the first hardly counts, the second falls with its value, the third is rare."""
    rng = np.random.default_rng(1)
    rows = np.column_stack([rng.normal(size=CLIENTS), rng.normal(size=CLIENTS), np.arange(CLIENTS) < 10])
    contributions = np.column_stack([0.01 * rows[:, 0], -3 * rows[:, 1], np.full(CLIENTS, 0.2)])
    rows[:40, 1] = np.nan
    rows[:, 0] = np.nan
    return Explanation(("light", "falling", "rare"), np.ones(3), rows, contributions)


@pytest.fixture(scope="module")
def drawn(explanation):
    figure = beeswarm(explanation)
    figure.canvas.draw()
    return figure


@pytest.fixture
def axes(drawn):
    return drawn.axes[0]


def test_the_weightiest_feature_is_on_top(axes):
    assert [label.get_text() for label in axes.get_yticklabels()] == ["light", "rare", "falling"]


def test_every_contribution_is_a_dot_on_its_line(axes, explanation):
    dots = np.concatenate([np.asarray(drawn.get_offsets()) for drawn in axes.collections])

    for line, feature in enumerate((0, 2, 1)):
        on_line = dots[np.abs(dots[:, 1] - line) < 0.5]
        assert sorted(on_line[:, 0]) == pytest.approx(sorted(explanation.contributions[:, feature]))


def test_dots_that_share_a_place_stand_apart(axes):
    dots = np.concatenate([np.asarray(drawn.get_offsets()) for drawn in axes.collections])

    assert len(np.unique(dots, axis=0)) == len(dots) == 3 * CLIENTS


def test_missing_values_are_light_and_the_others_go_from_low_to_high(axes, explanation):
    grey, coloured = axes.collections
    falling = np.abs(np.asarray(coloured.get_offsets())[:, 1] - 2) < 0.5
    added, shades = coloured.get_offsets()[falling, 0], coloured.get_array()[falling]

    assert grey.get_facecolor().tolist() == [list(to_rgba("#C8C8C8"))]
    assert len(grey.get_offsets()) == np.isnan(explanation.rows).sum() == CLIENTS + 40
    assert (shades.min(), shades.max()) == (0, 1)
    assert (np.diff(shades[np.argsort(added)]) <= 0).all()


def test_a_value_that_few_clients_have_is_told_from_the_common_one(axes):
    _, coloured = axes.collections
    rare = np.abs(np.asarray(coloured.get_offsets())[:, 1] - 1) < 0.5

    assert sorted(coloured.get_array()[rare]) == [0] * (CLIENTS - 10) + [1] * 10

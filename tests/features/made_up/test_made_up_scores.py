import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.made_up import latent, marginal, money, normal, risk, truth
from features.made_up.columns import Words
from features.made_up.statistics import SHARES, TARGET_RATE, load

TRAIN = load().tables["application_train"]
NUMBERS = [column for column in TRAIN.values() if not column.is_category]


@given(st.floats(0.0001, 0.9999))
def test_the_normal_quantile_undoes_the_distribution(share):
    assert float(normal.cdf(normal.quantile([share]))[0]) == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("column", NUMBERS, ids=lambda column: column.name)
def test_a_higher_score_never_gives_a_lower_value(column):
    values = marginal.numeric(column)(np.linspace(-5, 5, 2_001))

    assert (np.diff(values) >= 0).all()


def test_a_marginal_goes_through_the_known_quantiles():
    column = TRAIN["EXT_SOURCE_2"]

    assert marginal.numeric(column)(normal.quantile(SHARES)) == pytest.approx(column.quantiles, abs=1e-4)


def test_an_atom_holds_its_share_of_the_rows():
    halves = marginal.numbers(np.array([0.1, 0.5, 0.9]), np.array([10.0, 50.0, 90.0]), atoms={50.0: 0.3})

    values = halves(np.random.default_rng(0).standard_normal(50_000))

    assert (values == 50.0).mean() == pytest.approx(0.3, abs=0.01)
    assert (values < 50.0).mean() == pytest.approx(0.35, abs=0.01)


def test_zeros_come_as_often_as_known_and_whole_numbers_stay_whole():
    values = marginal.numeric(TRAIN["OBS_30_CNT_SOCIAL_CIRCLE"])(
        np.random.default_rng(0).standard_normal(50_000)
    )

    assert (values == 0).mean() == pytest.approx(TRAIN["OBS_30_CNT_SOCIAL_CIRCLE"].zero, abs=0.02)
    assert (values == np.rint(values)).all()


def test_cents_are_the_nearest_numbers_to_their_decimals():
    cents = marginal.numbers(np.array([0.1, 0.9]), np.array([0.0, 10_000.0]), step=0.01)

    values = cents(np.random.default_rng(0).standard_normal(1_000))

    assert (values == np.round(values, 2)).all()


def test_words_come_as_often_as_known_and_the_riskiest_at_the_top():
    column = TRAIN["NAME_EDUCATION_TYPE"]

    drawn = marginal.choice(column)(np.random.default_rng(0).standard_normal(50_000))

    assert drawn.words[-1] == "Lower secondary"
    assert drawn.equals("Higher education").mean() == pytest.approx(
        column.shares[column.words.index("Higher education")], abs=0.01
    )


def test_words_that_are_absent_become_null():
    words = Words(np.array([0, -1, 1], dtype=np.int16), ("a", "b"))

    assert words.to_arrow().to_pylist() == ["a", None, "b"]
    assert words.replaced(np.array([True, False, False]), "c").to_arrow().to_pylist() == ["c", None, "b"]
    assert words.where(np.array([False, True, True])).to_arrow().to_pylist() == [None, None, "b"]


def test_a_grown_correlation_matrix_has_the_wanted_correlations_and_stays_one():
    grown = latent.Correlations(("a", "b"), np.array([[1.0, 0.5], [0.5, 1.0]]))

    grown.add("c", a=0.6)

    assert grown.matrix[2, :2] == pytest.approx([0.6, 0.3])
    assert np.linalg.eigvalsh(grown.matrix).min() > 0


@pytest.mark.parametrize("name", ["EXT_SOURCE_3", "CODE_GENDER", "REGION_RATING_CLIENT"])
def test_a_score_cut_into_the_column_has_the_column_s_auc(name):
    column = TRAIN[name]
    rng = np.random.default_rng(0)
    z = rng.standard_normal(400_000)
    tendency = normal.blurred(rng, z, latent.of_column(column))
    target = (tendency > normal.quantile([1.0 - TARGET_RATE])).astype(np.float64)
    made = marginal.choice(column)(z).codes if column.is_category else marginal.numeric(column)(z)

    expected = 0.5 + (0.1048 - 0.0674) * 0.65834 * 0.34166 / 2 / (0.0802 * 0.9198)  # of the two sexes' rates
    assert risk.auc(target, np.asarray(made, dtype=np.float64)) == pytest.approx(
        column.auc or expected, abs=0.006
    )


def test_the_true_probabilities_average_to_the_target_rate():
    rng = np.random.default_rng(0)
    scores = latent.latents().draw(rng, 200_000)
    goods = money.goods_price(TRAIN)(scores["AMT_GOODS_PRICE"])

    probabilities = truth.default_probability(scores, goods)

    assert probabilities.mean() == pytest.approx(TARGET_RATE, abs=0.002)


def test_scores_are_standard_and_related_as_known():
    scores = latent.latents().draw(np.random.default_rng(0), 100_000)

    assert all(abs(values.mean()) < 0.02 and abs(values.std() - 1.0) < 0.02 for values in scores.values())
    names = load().spearman_names
    known = load().spearman[names.index("EXT_SOURCE_1"), names.index("DAYS_BIRTH")]
    found = np.corrcoef(scores["EXT_SOURCE_1"], scores["DAYS_BIRTH"])[0, 1]
    assert 6 / np.pi * np.arcsin(found / 2) == pytest.approx(known, abs=0.02)


def test_scores_spread_evenly_keep_their_order_and_leave_nothing_to_chance():
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal(1_000)

    spread = normal.evenly(rng, drawn)

    assert (np.argsort(spread) == np.argsort(drawn)).all()
    assert [(spread <= z).mean() for z in normal.quantile([0.1, 0.5, 0.9])] == [0.1, 0.5, 0.9]
    assert len(normal.evenly(rng, drawn[:0])) == 0


@pytest.mark.parametrize("tenth", range(10))
def test_each_tenth_of_the_goods_prices_has_its_known_default_rate(tenth):
    deciles = load().deciles["AMT_GOODS_PRICE"]
    scores = latent.latents().draw(np.random.default_rng(1), 200_000)
    goods = money.goods_price(TRAIN)(scores["AMT_GOODS_PRICE"])
    low = deciles[tenth - 1].bound if tenth else 0.0

    within = (goods > low) & (goods <= deciles[tenth].bound)

    rate = truth.default_probability(scores, goods)[within].mean()
    assert rate == pytest.approx(deciles[tenth].default_rate, abs=0.006)

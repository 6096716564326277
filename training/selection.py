"""Which of the candidates the model uses."""

from collections.abc import Sequence

import numpy as np

from features.encoder import Encoder, Rows
from features.schema import Feature, FeatureSchema
from training.parameters import dataset, fit, parameters
from training.sample import Sample

NOT_SCORED = frozenset({"CODE_GENDER"})
"""Recorded to measure fairness, never a model input."""

ALWAYS_KEPT = (
    "ACTIVE_AMT_CREDIT_MAX_OVERDUE_MEAN",
    "ACTIVE_AMT_CREDIT_SUM_MAX",
    "ACTIVE_DAYS_CREDIT_MAX",
    "AMT_ANNUITY",
    "AMT_CREDIT",
    "AMT_GOODS_PRICE",
    "ANNUITY_INCOME_PERC",
    "APPROVED_AMT_ANNUITY_MEAN",
    "APPROVED_CNT_PAYMENT_MEAN",
    "APPROVED_DAYS_DECISION_MAX",
    "BURO_AMT_CREDIT_MAX_OVERDUE_MEAN",
    "BURO_AMT_CREDIT_SUM_DEBT_MEAN",
    "BURO_DAYS_CREDIT_MAX",
    "BURO_DAYS_CREDIT_MEAN",
    "CC_CNT_DRAWINGS_ATM_CURRENT_MEAN",
    "CLOSED_AMT_CREDIT_SUM_MAX",
    "CLOSED_DAYS_CREDIT_ENDDATE_MAX",
    "CLOSED_DAYS_CREDIT_MAX",
    "CLOSED_DAYS_CREDIT_VAR",
    "DAYS_BIRTH",
    "DAYS_EMPLOYED",
    "DAYS_EMPLOYED_PERC",
    "DAYS_ID_PUBLISH",
    "DAYS_LAST_PHONE_CHANGE",
    "DAYS_REGISTRATION",
    "EXT_SOURCE_1",
    "EXT_SOURCE_2",
    "EXT_SOURCE_3",
    "INSTAL_AMT_PAYMENT_MEAN",
    "INSTAL_AMT_PAYMENT_MIN",
    "INSTAL_AMT_PAYMENT_SUM",
    "INSTAL_DBD_MAX",
    "INSTAL_DBD_SUM",
    "INSTAL_DPD_MEAN",
    "INSTAL_PAYMENT_PERC_MEAN",
    "OWN_CAR_AGE",
    "PAYMENT_RATE",
    "POS_MONTHS_BALANCE_SIZE",
    "PREV_CNT_PAYMENT_MEAN",
)
"""What the public form of an application asks for; whoever sends these is scored on these."""

_TREES = 150
_COARSE = {"max_bin": 63}
"""Which candidates matter shows in coarse bins as well, in less time."""
_SAME = 0.98
"""Above this absolute correlation two features tell the same, and the less important one goes."""
_COMPARED = 50_000
"""Clients, about, that show whether two features tell the same."""


def select(features: Sequence[Feature], sample: Sample, kept: int, seed: int, threads: int) -> list[str]:
    """Names of the *kept* most important of *features*, in their given order; `ALWAYS_KEPT` count first.

    Fewer than *kept* when the others repeat what is chosen.
    """
    scored = [feature for feature in features if feature.name not in NOT_SCORED]
    rows = Encoder(FeatureSchema(tuple(scored), len(scored))).encode_columns(sample.columns)
    names = [feature.name for feature in scored]
    gain = _gain(rows, sample, names, seed, threads)
    always = set(ALWAYS_KEPT) & set(names)
    ranked = sorted(range(len(names)), key=lambda i: (names[i] not in always, -gain[i], i))
    chosen = _uncorrelated(rows, ranked, len(always), kept)
    return [names[i] for i in sorted(chosen)]


def _gain(rows: Rows, sample: Sample, names: list[str], seed: int, threads: int) -> list[float]:
    settings = {**parameters(seed, threads), **_COARSE}
    booster = fit(settings, dataset(rows, sample.defaulted, names), _TREES)
    return [float(gain) for gain in booster.feature_importance("gain")]


def _uncorrelated(rows: Rows, ranked: list[int], always: int, kept: int) -> list[int]:
    """The first *kept* of *ranked* that do not repeat one before them; the first *always* stay anyway."""
    chosen: list[int] = []
    for looked_at in (ranked[: 3 * kept], ranked):
        chosen = _distinct(_correlation(rows, looked_at), always, max(kept, always))
        if len(chosen) >= kept:
            break
    return [ranked[i] for i in chosen]


def _distinct(correlation: Rows, always: int, kept: int) -> list[int]:
    chosen: list[int] = []
    for i in range(len(correlation)):
        if len(chosen) == kept:
            break
        if i < always or not (correlation[i, chosen] > _SAME).any():
            chosen.append(i)
    return chosen


def _correlation(rows: Rows, columns: list[int]) -> Rows:
    """|Pearson correlation| of each pair of *columns*, where both are known; 0 if there is none."""
    step = max(1, len(rows) // _COMPARED)
    known = np.ma.masked_invalid(rows[::step, columns])
    pearson = np.ma.corrcoef(known, rowvar=False)  # type: ignore[no-untyped-call]
    return np.abs(np.asarray(pearson.filled(0.0), dtype=np.float64))

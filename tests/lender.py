"""A small lender: features of every awkward kind, clients by the thousand, and a model of two lines."""

import numpy as np

from credit.policy import Policy
from features.formula import Formula, Operation
from features.schema import Feature, FeatureSchema, Kind
from monitoring.drift.reference import Reference
from monitoring.drift.window import Window

POLICY = Policy(threshold=0.0909)
GAINS = (60.0, 25.0, 11.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5)


def number(name: str, **more) -> Feature:
    return Feature(name, Kind.NUMBER, "unit", "", **more)


SCHEMA = FeatureSchema(
    (
        number("EXT_SOURCE_2", low=0, high=1),
        number("AMT_CREDIT"),
        number("DAYS_EMPLOYED", sentinels=(365243.0,)),
        number("CNT_CHILDREN"),
        number("FLAG_MOBIL"),
        number("BURO_COUNT"),
        number("PAYMENT_RATE", formula=Formula(Operation.QUOTIENT, ("AMT_ANNUITY", "AMT_CREDIT"))),
        Feature("NAME_INCOME_TYPE", Kind.CATEGORY, "category", ""),
        Feature("CODE_SEX", Kind.CATEGORY, "category", "", aliases={"1": "F", "0": "M"}),
        number("AMT_ANNUITY"),
    ),
    9,
)


def clients(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Values of *rows* clients by name; the same population for every seed."""
    rng = np.random.default_rng(seed)
    bureau = np.where(rng.random(rows) < 0.15, np.nan, rng.poisson(4, rows))
    credit = np.round(rng.lognormal(13.1, 0.65, rows) / 4500) * 4500 + 4500
    annuity = credit * rng.uniform(0.03, 0.12, rows)
    types = ["Working", "Commercial", "Pensioner", "State", "Student", "Maternity"]
    sexes = np.array(["F", "M", None], dtype=object)
    return {
        "EXT_SOURCE_2": np.clip(rng.beta(3, 2.5, rows), 0, 1),
        "AMT_CREDIT": credit,
        "DAYS_EMPLOYED": np.where(rng.random(rows) < 0.18, 365243.0, -rng.gamma(2, 1200, rows)),
        "CNT_CHILDREN": rng.choice([0.0, 1.0, 2.0, 3.0, 7.0], rows, p=[0.7, 0.2, 0.08, 0.019, 0.001]),
        "FLAG_MOBIL": np.ones(rows),
        "BURO_COUNT": bureau,
        "PAYMENT_RATE": annuity / credit,
        "NAME_INCOME_TYPE": rng.choice(types, rows, p=[0.52, 0.23, 0.18, 0.068, 0.0012, 0.0008]).astype(
            object
        ),
        "CODE_SEX": sexes[rng.choice(3, rows, p=[0.64, 0.35, 0.01])],
        "AMT_ANNUITY": annuity,
    }


def score(columns: dict[str, np.ndarray]) -> np.ndarray:
    """Calibrated by construction: outcomes are drawn from it."""
    logit = -1.2 - 3.2 * np.clip(columns["EXT_SOURCE_2"], 0, 1) + 0.25 * np.log(columns["AMT_CREDIT"] / 5e5)
    return 1 / (1 + np.exp(-logit - 0.3 * (columns["DAYS_EMPLOYED"] > -700)))


def defaulted(columns: dict[str, np.ndarray], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(len(columns["AMT_CREDIT"])) < score(columns)


def reference(rows: int = 20_000, seed: int = 1) -> Reference:
    """The reference of a training on *rows* clients."""
    columns = clients(rows, seed)
    return Reference.of(SCHEMA, columns, score(columns), defaulted(columns, seed), GAINS)


def window(of: Reference, columns: dict[str, np.ndarray]) -> Window:
    return Window.of(of, columns, score(columns))

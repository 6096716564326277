"""How well a plain LightGBM tells defaulters from payers, with the application alone and with all tables."""

from collections.abc import Iterator

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from features.made_up.difference import Difference
from features.made_up.normal import Floats
from features.made_up.raw import RawTables

_MOST_CLIENTS = 30_000
"""More would only take longer: the limits are meant for about this many."""
_FOLDS = 3
_ROUNDS = 250
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 16,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.3,
    "lambda_l2": 5.0,
    "seed": 0,
    "deterministic": True,
    "num_threads": 1,  # several threads wait for each other for minutes where others use the machine
    "verbose": -1,
}
_LOWEST, _HIGHEST = 0.74, 0.78
_LEAST_GAIN, _MOST_GAIN = 0.015, 0.06

_LATE = "avg((DAYS_ENTRY_PAYMENT > DAYS_INSTALMENT)::int)"
_EARLIER = "avg(DAYS_INSTALMENT - DAYS_ENTRY_PAYMENT), max(DAYS_ENTRY_PAYMENT - DAYS_INSTALMENT)"
_AGGREGATES = {
    "bureau": """
        count(*), avg(DAYS_CREDIT), max(DAYS_CREDIT), min(DAYS_CREDIT), avg((CREDIT_ACTIVE = 'Active')::int),
        sum((CREDIT_ACTIVE = 'Active')::int), sum(AMT_CREDIT_SUM), sum(AMT_CREDIT_SUM_DEBT),
        max(AMT_CREDIT_MAX_OVERDUE), avg(AMT_CREDIT_MAX_OVERDUE), avg(DAYS_CREDIT_ENDDATE),
        avg(DAYS_CREDIT_UPDATE), avg((CREDIT_TYPE = 'Credit card')::int), max(DAYS_ENDDATE_FACT)""",
    "bureau_balance join bureau using (SK_ID_BUREAU)": """
        count(*), avg((STATUS in ('1', '2', '3', '4', '5'))::int), avg((STATUS = 'C')::int)""",
    "previous_application": """
        count(*), avg((NAME_CONTRACT_STATUS = 'Refused')::int), avg((NAME_CONTRACT_STATUS = 'Approved')::int),
        avg(DAYS_DECISION), max(DAYS_DECISION), avg(AMT_ANNUITY), avg(CNT_PAYMENT),
        avg(AMT_CREDIT / nullif(AMT_APPLICATION, 0)), avg((NAME_YIELD_GROUP = 'high')::int)""",
    "POS_CASH_balance": "count(*), avg((SK_DPD > 0)::int), max(SK_DPD_DEF), avg(CNT_INSTALMENT_FUTURE)",
    "installments_payments": f"""
        count(*), {_LATE}, {_EARLIER}, avg(AMT_PAYMENT / nullif(AMT_INSTALMENT, 0)), avg(AMT_PAYMENT)""",
    "credit_card_balance": """
        count(*), avg(AMT_BALANCE / nullif(AMT_CREDIT_LIMIT_ACTUAL, 0)), avg(CNT_DRAWINGS_ATM_CURRENT),
        avg(CNT_DRAWINGS_CURRENT), avg((SK_DPD > 0)::int), avg(AMT_BALANCE)""",
}
"""A few plain aggregates of each table."""


def strengths(tables: RawTables) -> Iterator[Difference]:
    """AUC of the application alone, and what all tables together add to it."""
    alone, together = aucs(tables)
    middle = (_LOWEST + _HIGHEST) / 2
    yield Difference("application alone", "AUC", middle, alone, _HIGHEST - middle)
    middle_gain = (_LEAST_GAIN + _MOST_GAIN) / 2
    yield Difference("all tables", "gain in AUC", middle_gain, together - alone, _MOST_GAIN - middle_gain)


def aucs(tables: RawTables) -> tuple[float, float]:
    """AUC over held-out folds: application columns alone, and with simple aggregates of all tables."""
    clients = tables.rows("*", "application_train", f"order by SK_ID_CURR limit {_MOST_CLIENTS}")
    target = clients.pop("TARGET").to_numpy()
    known = clients.pop("SK_ID_CURR")
    for name in clients.select_dtypes(exclude="number"):
        clients[name] = clients[name].astype("category")
    parts = [clients]
    for number, (source, columns) in enumerate(_AGGREGATES.items()):
        made = tables.rows(f"SK_ID_CURR, {columns}", source, "group by SK_ID_CURR").set_index("SK_ID_CURR")
        made.columns = pd.Index([f"{number}_{position}" for position in range(made.shape[1])])
        parts.append(made.reindex(known).reset_index(drop=True).astype("float64"))
    return auc(target, _held_out(clients, target)), auc(target, _held_out(pd.concat(parts, axis=1), target))


def _held_out(rows: pd.DataFrame, target: npt.NDArray[np.integer]) -> Floats:
    """Scores of each row from a model that did not see it."""
    fold = np.random.default_rng(0).permutation(len(target)) % _FOLDS
    scores = np.zeros(len(target))
    for each in range(_FOLDS):
        seen = fold != each
        model = lightgbm.train(_PARAMETERS, lightgbm.Dataset(rows[seen], target[seen]), _ROUNDS)
        scores[~seen] = model.predict(rows[~seen])
    return scores


def auc(target: npt.NDArray[np.integer], scores: Floats) -> float:
    """The chance that a defaulter scores above a payer, half for a tie."""
    order = np.argsort(scores, kind="stable")
    _, start, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.repeat(start + (counts + 1) / 2, counts)
    bad = target[order] == 1
    return float((ranks[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * (~bad).sum()))

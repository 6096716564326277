"""How well a plain LightGBM tells defaulters from payers, with the application alone and with all tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import lightgbm
import numpy as np
import pandas as pd

from features.made_up import limits
from features.made_up.difference import Difference
from features.made_up.normal import Floats
from features.made_up.raw import RawDatabase
from features.made_up.risk import auc

_MOST_CLIENTS = 30_000
"""More would only take longer: the limits are meant for about this many."""
_FOLDS = 3
_ROUNDS = 125
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 16,
    "min_data_in_leaf": 60,
    "max_bin": 63,
    "feature_fraction": 0.3,
    "lambda_l2": 5.0,
    "seed": 0,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,  # several threads wait for each other for minutes where others use the machine
    "verbose": -1,
}

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


def strengths(tables: RawDatabase, report: Callable[[float], None]) -> Iterator[Difference]:
    """AUC of the application alone, and what all tables together add to it."""
    application, target = _application(tables)
    alone = auc(target, _held_out(application, target))
    yield Difference("application alone", "AUC", *_between(limits.LOWEST_AUC, alone, limits.HIGHEST_AUC))
    report(0.4)
    everything = pd.concat([application, *_histories(tables, application.index)], axis=1)
    gain = auc(target, _held_out(everything, target)) - alone
    yield Difference("all tables", "gain in AUC", *_between(limits.LEAST_GAIN, gain, limits.MOST_GAIN))
    report(1.0)


def _between(lowest: float, found: float, highest: float) -> tuple[float, float, float]:
    """Expected, found and limit of what may lie anywhere between the two."""
    return (lowest + highest) / 2, found, (highest - lowest) / 2


def _application(tables: RawDatabase) -> tuple[pd.DataFrame, Floats]:
    """The columns of the clients by SK_ID_CURR, and their TARGET."""
    among = f"where TARGET is not null order by SK_ID_CURR limit {_MOST_CLIENTS}"
    clients = tables.rows("*", "application_train", among).set_index("SK_ID_CURR")
    target = clients.pop("TARGET").to_numpy(np.float64)
    for name in clients.select_dtypes(exclude="number"):
        clients[name] = clients[name].astype("category")
    return clients, target


def _histories(tables: RawDatabase, clients: pd.Index[int]) -> Iterator[pd.DataFrame]:
    """Simple aggregates of each history for the *clients*."""
    for number, (source, columns) in enumerate(_AGGREGATES.items()):
        made = tables.rows(f"SK_ID_CURR, {columns}", source, "group by SK_ID_CURR").set_index("SK_ID_CURR")
        made.columns = pd.Index([f"{number}_{position}" for position in range(made.shape[1])])
        yield made.reindex(clients).astype("float64")


def _held_out(rows: pd.DataFrame, target: Floats) -> Floats:
    """Scores of each row from a model that did not see it."""
    fold = np.random.default_rng(0).permutation(len(target)) % _FOLDS
    scores = np.zeros(len(target))
    everybody = lightgbm.Dataset(rows, target, params=_PARAMETERS).construct()
    for each in range(_FOLDS):
        seen = fold != each
        model = lightgbm.train(_PARAMETERS, everybody.subset(np.flatnonzero(seen).tolist()), _ROUNDS)
        scores[~seen] = model.predict(rows[~seen])
    return scores

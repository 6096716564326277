"""The tables' columns as Kaggle orders and types them."""

import pyarrow as pa

from features.made_up.statistics import Column, load

IDS: dict[str, tuple[str, ...]] = {
    "application_train": ("SK_ID_CURR", "TARGET"),
    "application_test": ("SK_ID_CURR",),
    "bureau": ("SK_ID_CURR", "SK_ID_BUREAU"),
    "bureau_balance": ("SK_ID_BUREAU",),
    "previous_application": ("SK_ID_PREV", "SK_ID_CURR"),
    "POS_CASH_balance": ("SK_ID_PREV", "SK_ID_CURR"),
    "credit_card_balance": ("SK_ID_PREV", "SK_ID_CURR"),
    "installments_payments": ("SK_ID_PREV", "SK_ID_CURR"),
}
"""What stands before the columns of the statistics."""

_WITH_DECIMALS = {
    "DAYS_REGISTRATION",
    "CNT_FAM_MEMBERS",
    "DAYS_LAST_PHONE_CHANGE",
    "NUM_INSTALMENT_VERSION",
    "DAYS_INSTALMENT",
}
"""Whole numbers that Kaggle writes with ".0" although the sample has none missing."""


def schema(table: str) -> pa.Schema:
    """Names and Arrow types of *table*, in Kaggle's order."""
    source = load().tables[table]
    ids = [pa.field(name, pa.int64()) for name in IDS[table]]
    return pa.schema(ids + [pa.field(name, _type(column, table)) for name, column in source.items()])


def _type(column: Column, table: str) -> pa.DataType:
    if column.is_category:
        return pa.string()
    # Nulls of either application table make the column a float in both.
    twins = (
        (column, load().tables["application_train"][column.name])
        if table == "application_test"
        else (column,)
    )
    if all(twin.kind == "int" and twin.null == 0 for twin in twins) and column.name not in _WITH_DECIMALS:
        return pa.int64()
    return pa.float64()

"""The raw tables as pandas frames: numbers as doubles, words as categories, missing as NaN."""

from pathlib import Path

import pandas as pd

from features.tables import APPLICATIONS, CLIENT, HISTORIES, Column, RawTable, Type

CREDIT = "SK_ID_BUREAU"


def read_application(raw: Path) -> pd.DataFrame:
    """The clients with and without an outcome, in order of their numbers."""
    clients = pd.concat([_read(raw, declared) for declared in APPLICATIONS], ignore_index=True)
    words = [column.name for column in APPLICATIONS[0].columns if column.type is Type.TEXT]
    # Categories of the two files differ, so that concat made plain words of them.
    return clients.astype(dict.fromkeys(words, "category")).sort_values(CLIENT, ignore_index=True)


def read_history(raw: Path, name: str, known: pd.Series, key: str = CLIENT) -> pd.DataFrame:
    """The rows of table *name* whose *key* is among *known*."""
    (declared,) = (table for table in HISTORIES if table.name == name)
    rows = _read(raw, declared)
    is_known = rows[key].isin(known)
    return rows if is_known.all() else rows[is_known]


def _read(raw: Path, declared: RawTable) -> pd.DataFrame:
    rows = pd.read_parquet(raw / f"{declared.name}.parquet", columns=list(declared.names))
    for column in declared.columns:
        rows[column.name] = _cleaned(rows[column.name], column)
    return rows


def _cleaned(values: pd.Series, column: Column) -> pd.Series:
    if column.type is Type.ID:
        return values
    if column.type is Type.TEXT:
        words = values.astype("category")
        return words.cat.remove_categories(
            [word for word in column.missing_words if word in words.cat.categories]
        )
    numbers = values.astype("float64")
    return numbers.mask(numbers.isin(column.missing_numbers)) if column.missing_numbers else numbers

"""Rows as a table."""

from collections.abc import Mapping, Sequence

import streamlit as st

Row = Mapping[str, str | None]


def show_table(rows: Sequence[Row], height: int | None = None) -> None:
    """Draw *rows*; what is `None` is left empty, and a column that is empty in all of them is left out."""
    st.dataframe(filled(rows), hide_index=True, height=height or "auto")


def filled(rows: Sequence[Row]) -> list[dict[str, str]]:
    """
    >>> filled([{"a": "1", "b": None, "c": None}, {"a": None, "b": None, "c": "2"}])
    [{'a': '1', 'c': ''}, {'a': '', 'c': '2'}]
    """
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    return [{name: row[name] or "" for name in names} for row in rows]

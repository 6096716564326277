"""Tables with their rows in an order like Kaggle's: the rows of one client lie far apart."""

from pathlib import Path

import duckdb

from features.tables import APPLICATIONS, HISTORIES

# Kaggle keeps the credits of a client and the months of a credit together.
_BLOCKS = {"bureau": "hash(SK_ID_CURR)", "bureau_balance": "hash(SK_ID_BUREAU), MONTHS_BALANCE DESC"}


def scatter(raw: Path, out: Path) -> None:
    """Write the Parquet tables of *raw* to *out*: the same rows, always in the same order."""
    out.mkdir()
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(out / "spill")}) as con:
        con.execute("SET enable_progress_bar = false")
        for table in (*APPLICATIONS, *HISTORIES):
            order = "SK_ID_CURR" if table in APPLICATIONS else _BLOCKS.get(table.name, "hash(rows)")
            file = f"{table.name}.parquet"
            source = str(raw / file).replace("'", "''")
            rows = con.sql(f"SELECT * FROM '{source}' AS rows ORDER BY {order}")  # noqa: S608  # a path of ours
            rows.write_parquet(str(out / file), compression="zstd")

"""Made-up tables that many tests read, made once for all test processes."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.made_up import write_tables
from features.made_up.raw import RawDatabase, opened

Change = Callable[[pd.DataFrame], None]


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Tables of 20,000 training clients, the fewest that can be measured; not to be changed."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder = shared / "made-up"
    with (shared / "made-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        write_once(folder)
    return folder


def write_once(folder: Path) -> None:
    """The tables, unless they are there."""
    if not folder.exists():
        write_tables(folder, 20_000, 0, lambda _: None, with_true_pd=True)


@pytest.fixture
def asked() -> Iterator[Callable[[Path], RawDatabase]]:
    """Opens a folder of tables as a database."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(opened(folder))


@pytest.fixture
def spoiled(large: Path, tmp_path: Path) -> Callable[..., Path]:
    """A folder of the large tables, where the tables named are changed."""

    def spoil(**changes: Change) -> Path:
        for file in large.iterdir():
            (tmp_path / file.name).symlink_to(file)
        for table, change in changes.items():
            rows = pq.read_table(large / f"{table}.parquet").to_pandas()
            change(rows)
            (tmp_path / f"{table}.parquet").unlink()
            rows.to_parquet(tmp_path / f"{table}.parquet", index=False)
        return tmp_path

    return spoil

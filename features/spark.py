"""Spark on this machine: the same expressions, run by executor processes of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from credit.errors import OctroiError
from features.engine import DuckDb, Recipe, Tables
from features.spark_home import make_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "local-cluster[2,1,1024]"
"""Two executors with one core and 1,024 MB each."""
_SETTINGS = {
    # Nobody outside this machine may connect.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A machine that is busy with other things is slow, not dead.
    "spark.network.timeout": "600s",
    "spark.worker.timeout": "600",
    "spark.sql.shuffle.partitions": "32",
    # Hundreds of aggregates make methods longer than Java may compile: Spark would try, fail, and interpret.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


class SparkFailed(OctroiError):
    """Spark is not installed, does not start, or gave up."""


class Spark:
    """Spark over the tables that *reader* checked; what it holds lies as Parquet in the folder *scratch*."""

    def __init__(self, session: "SparkSession", reader: DuckDb, scratch: Path) -> None:
        self._session, self._reader, self._scratch = session, reader, scratch
        self._ibis = ibis.pyspark.connect(session)

    def take(self, name: str, expression: ir.Table) -> ir.Table:
        file = self._scratch / f"taken_{name}.parquet"
        self._reader.copy(expression, file)
        return self._named(name, file, expression)

    def keep(self, name: str, expression: ir.Table, by: str | None = None) -> ir.Table:  # noqa: ARG002  # not sorted
        return self._named(name, self._run(name, expression), expression)

    def fetch(self, expression: ir.Table) -> pa.Table:
        return self._session.sql(self._ibis.compile(expression)).toArrow()

    def parts(self, recipe: Recipe, tables: Tables, key: str) -> Iterator[pa.Table]:
        folder = self._run("rows", recipe(tables).order_by(key))
        # Spark numbers the files of sorted rows in their order.
        yield from (pq.read_table(file) for file in sorted(folder.glob("part-*.parquet")))

    def _run(self, name: str, expression: ir.Table) -> Path:
        """The folder with the rows of *expression*, in Parquet files that the executors wrote."""
        folder = self._scratch / name
        self._session.sql(self._ibis.compile(expression)).write.parquet(str(folder))
        return folder

    def _named(self, name: str, path: Path, like: ir.Table) -> ir.Table:
        self._session.read.parquet(str(path)).createOrReplaceTempView(name)
        return ibis.table(like.schema(), name=name)


@contextmanager
def open_spark(reader: DuckDb, scratch: Path) -> Iterator[Spark]:
    """Spark with its home and its files in the folder *scratch*, until the end of the block."""
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415  # an optional group
        from pyspark.errors import PySparkException  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SparkFailed(f"the engine spark needs {error.name}: make setup-spark installs it") from error
    # Executors work in folders of their own.
    scratch = scratch.absolute()
    try:
        session = _start(scratch)
        try:
            yield Spark(session, reader, scratch)
        finally:
            # A Spark that is gone cannot be stopped.
            with suppress(Py4JError, OSError):
                session.stop()
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise SparkFailed(f"Spark gave up: {_first_line(error)}") from error


def _start(scratch: Path) -> "SparkSession":
    from pyspark import SparkConf  # noqa: PLC0415  # an optional group
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    # The one way to tell Spark's programs where they live; its own processes inherit it.
    home = make_home(scratch / "spark")
    os.environ.update(SPARK_HOME=str(home), SPARK_CONF_DIR=str(home / "conf"))
    places = {"spark.local.dir": scratch / "spark" / "local", "spark.sql.warehouse.dir": scratch / "spark"}
    settings = _SETTINGS | {name: str(place) for name, place in places.items()}
    try:
        return SparkSession.builder.config(
            conf=SparkConf().setMaster(MASTER).setAppName("octroi").setAll(list(settings.items()))
        ).getOrCreate()
    except PySparkException as error:
        raise SparkFailed(
            f"Spark did not start ({_first_line(error)}): it needs Java 17 or 21, which make setup-spark "
            "installs unless JAVA_HOME names another one"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]

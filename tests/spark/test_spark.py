"""`features build --engine spark`: the same features, by processes of their own, on this machine only."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import ibis
import psutil
import pyarrow.parquet as pq
import pytest

from features.build import build
from features.client_row import file_schema
from features.engine import DuckDb
from features.made_up import write_tables
from features.spark import open_spark
from features.tables import CLIENT
from profiling.agreement import compare

ROOT = Path(__file__).parents[2]
# Spark's client leaves its sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def by_door(raw: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a user sees who builds with Spark."""
    command = [sys.executable, "-m", "features", "build", "--raw", raw, "--out", out, "--engine", "spark"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """2,000 made-up clients."""
    folder = tmp_path_factory.mktemp("made-up") / "raw"
    write_tables(folder, 2000, 6, lambda _: None)
    return folder


@pytest.fixture(scope="module")
def by_spark(raw):
    """The features file of Spark, in a folder of its own, and what was said."""
    out = raw.parent / "spark" / "features.parquet"
    done = by_door(raw, Path(os.path.relpath(out, ROOT)))
    assert done.returncode == 0, done.stderr
    return out, done


def test_spark_and_duckdb_build_the_same_features(raw, by_spark):
    build(raw, raw.parent / "duckdb.parquet", lambda _: None)

    found = compare(raw.parent / "duckdb.parquet", by_spark[0])

    assert (found.missing_differ, found.words_differ) == ((), ())
    assert found.largest <= 1e-9
    assert found.columns == len(file_schema())


def test_the_file_of_spark_has_the_promised_columns_sorted_by_client(by_spark):
    table = pq.read_table(by_spark[0])
    clients = table[CLIENT].to_pylist()

    assert table.schema.equals(file_schema())
    assert clients == sorted(set(clients))
    assert len(clients) > 2000


def test_spark_leaves_nothing_beside_the_file_and_keeps_its_log_to_itself(by_spark):
    out, done = by_spark

    assert [file.name for file in out.parent.iterdir()] == [out.name]
    assert "WARN" not in done.stderr + done.stdout
    assert "Wrote 967 features" in done.stdout


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Spark, running."""
    scratch = tmp_path_factory.mktemp("scratch")
    with DuckDb(scratch) as reader, open_spark(reader, scratch) as running:
        yield running


def spark_processes(parent: int | None = None) -> list[psutil.Process]:
    return [one for one in psutil.Process(parent).children(recursive=True) if "java" in one.name()]


def submits(javas: list[psutil.Process]) -> list[psutil.Process]:
    """The process that the others are started by."""
    return [one for one in javas if "SparkSubmit" in " ".join(one.cmdline())]


def test_executors_are_processes_of_their_own(spark):
    numbers = ibis.range(1000).unnest().name("number").as_table()
    assert spark.fetch(numbers.aggregate(total=numbers["number"].sum())).to_pylist() == [{"total": 499500}]

    executors = [
        one for one in spark_processes() if "CoarseGrainedExecutorBackend" in " ".join(one.cmdline())
    ]

    assert len({one.pid for one in executors}) == 2
    assert len(spark_processes()) == 3


def test_nobody_outside_this_machine_can_connect(spark):
    listening = [
        connection.laddr.ip
        for process in spark_processes()
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert len(listening) >= 3
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("processes", [1, 3], ids=["while it starts", "with its executors"])
def test_a_spark_that_dies_is_told_in_one_sentence(raw, tmp_path, processes):
    out = tmp_path / "out" / "features.parquet"
    command = [sys.executable, "-m", "features", "build", "--raw", raw, "--out", out, "--engine", "spark"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as building:
        while len(javas := spark_processes(building.pid)) < processes or not submits(javas):
            assert building.poll() is None
            time.sleep(0.1)
        submits(javas)[0].kill()
        said = building.stderr.read()

    assert building.returncode == 1
    assert re.search("Error: Spark (gave up|did not start)", said)
    assert "Traceback" not in said
    assert list(out.parent.iterdir()) == []


def test_without_a_java_one_sentence_says_what_to_do(raw, tmp_path):
    done = by_door(raw, tmp_path / "features.parquet", JAVA_HOME=str(tmp_path))

    assert done.returncode == 1
    assert (
        "it needs Java 17 or 21, which make setup-spark installs unless JAVA_HOME names another"
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []

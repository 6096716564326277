"""The decisions on a whole file of clients, in the order of the file."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from credit.errors import InvalidSettings
from load_tests.crowd import Request
from load_tests.remote import Reply

_COLUMNS = {
    "decision_id": pa.string(),
    "probability_default": pa.float64(),
    "prediction": pa.int8(),
    "decision": pa.string(),
    "risk_level": pa.string(),
    "threshold": pa.float64(),
    "model_version": pa.string(),
    "policy_version": pa.string(),
}
_WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".parquet": pq.write_table,
    ".csv": pyarrow.csv.write_csv,
}


class Answers:
    """Makes requests of a file's clients, and a table of the replies.

    With a *batch* of more than one client, requests go to /predict_batch. A client whose request was refused
    has a row of nothing but its number.
    """

    def __init__(self, numbers: Sequence[int], bodies: Sequence[bytes], batch: int) -> None:
        self._numbers = numbers
        self._bodies = bodies
        self._batch = batch
        self._found: list[dict[str, object] | None] = [None] * len(bodies)
        self.replies = 0

    @property
    def total(self) -> int:
        """How many requests that makes."""
        return math.ceil(len(self._bodies) / self._batch)

    def requests(self) -> Iterator[Request]:
        for start in range(0, len(self._bodies), self._batch):
            clients = self._bodies[start : start + self._batch]
            if self._batch == 1:
                yield "/predict", clients[0]
            else:
                yield "/predict_batch", b'{"clients":[' + b",".join(clients) + b"]}"

    def add(self, position: int, reply: Reply) -> None:
        """Take the reply to request number *position*, counted from 0."""
        self.replies += 1
        if reply.status != 200:
            return
        body = msgspec.json.decode(reply.body)
        decisions = [body] if self._batch == 1 else body["decisions"]
        start = position * self._batch
        self._found[start : start + len(decisions)] = decisions

    @property
    def refused(self) -> int:
        """Clients without a decision."""
        return sum(found is None for found in self._found)

    def write(self, path: Path) -> None:
        """Write the table; `InvalidSettings` unless *path* ends in .parquet or .csv."""
        columns = {"SK_ID_CURR": pa.array(self._numbers, pa.int64())}
        for name, kind in _COLUMNS.items():
            columns[name] = pa.array([found and found[name] for found in self._found], kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        writer_for(path)(pa.table(columns), path)


def writer_for(path: Path) -> Callable[[pa.Table, Path], None]:
    """What writes the kind of file that the name of *path* asks for."""
    if path.suffix not in _WRITERS:
        raise InvalidSettings(f"{path} is neither a .parquet nor a .csv file: name it as one of them")
    return _WRITERS[path.suffix]

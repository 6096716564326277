"""The labelled clients a model is trained on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from credit.cost import Labels
from credit.errors import InvalidTables
from features.schema import Feature

ID = "SK_ID_CURR"
LABEL = "TARGET"
MIN_CLIENTS = 500
MIN_OF_EACH = 25
Column = npt.NDArray[np.float64] | npt.NDArray[np.object_]


@dataclass(frozen=True)
class Sample:
    """Clients by row: their numbers, their labels, their raw features by name."""

    clients: npt.NDArray[np.int64]
    defaulted: Labels
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.clients)

    def take(self, rows: npt.NDArray[np.intp]) -> "Sample":
        """The clients in the given rows."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Sample(self.clients[rows], self.defaulted[rows], columns)


def read_sample(path: Path, candidates: tuple[Feature, ...]) -> Sample:
    """The labelled rows of a features file, by client number; `InvalidTables` names what is wrong with it."""
    table = _table(path)
    wanted = [ID, LABEL, *(feature.name for feature in candidates)]
    if missing := [name for name in wanted if name not in table.column_names]:
        raise InvalidTables(f"{path} has no column {missing[0]} ({len(missing)} missing): build it again")
    table = table.filter(pa.compute.is_valid(table[LABEL])).sort_by(ID)
    columns = {feature.name: _column(table, feature, path) for feature in candidates}
    sample = Sample(_clients(table, path), _labels(table, path), columns)
    _require_enough(sample, path)
    return sample


def _table(path: Path) -> pa.Table:
    if path.is_dir():
        raise InvalidTables(f"{path} is a folder: give the Parquet file of python -m features build")
    if not path.is_file():
        raise InvalidTables(f"there is no features file {path}: make it with python -m features build")
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidTables(
            f"{path} is not a features file: {str(error).rstrip('.')}; make it with python -m features build"
        ) from error


def _clients(table: pa.Table, path: Path) -> npt.NDArray[np.int64]:
    clients = np.asarray(table[ID].to_numpy())
    if clients.dtype != np.int64:
        raise InvalidTables(f"{path}: {ID} is missing or no whole number in some row: build it again")
    if twice := len(clients) - len(np.unique(clients)):
        raise InvalidTables(f"{path} names the same {ID} again in {twice:,} rows: build it again")
    return clients


def _labels(table: pa.Table, path: Path) -> Labels:
    labels = np.asarray(table[LABEL].to_numpy())
    if strange := int((~np.isin(labels, (0, 1))).sum()):
        raise InvalidTables(f"{path}: {LABEL} is neither 0 nor 1 in {strange:,} rows")
    return labels.astype(bool)


def _require_enough(sample: Sample, path: Path) -> None:
    """Each of five folds must hold back clients of both outcomes, of those it learns from, too."""
    defaults = int(sample.defaulted.sum())
    if len(sample) < MIN_CLIENTS or min(defaults, len(sample) - defaults) < MIN_OF_EACH:
        raise InvalidTables(
            f"{path} has {len(sample):,} labelled clients, {defaults:,} of them with payment difficulties: "
            f"training needs {MIN_CLIENTS} clients at least, {MIN_OF_EACH} with and {MIN_OF_EACH} without"
        )


def _column(table: pa.Table, feature: Feature, path: Path) -> Column:
    values = table[feature.name]
    if feature.is_category and (pa.types.is_string(values.type) or pa.types.is_null(values.type)):
        return np.array(values.to_pylist(), dtype=object)
    if feature.is_category or not (_is_number(values.type) or pa.types.is_null(values.type)):
        raise InvalidTables(
            f"{path}: {feature.name} is a {feature.kind} and cannot be {values.type}: build it again"
        )
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))

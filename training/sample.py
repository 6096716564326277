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
    """The labelled rows of a features file; `InvalidTables` names what is missing from it."""
    if not path.exists():
        raise InvalidTables(f"there is no features file {path}: make it with python -m features build")
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidTables(
            f"{path} is not a features file: {error}; make it with python -m features build"
        ) from error
    wanted = [ID, LABEL, *(feature.name for feature in candidates)]
    if missing := [name for name in wanted if name not in table.column_names]:
        raise InvalidTables(f"{path} has no column {missing[0]} ({len(missing)} missing): build it again")
    table = table.filter(pa.compute.is_valid(table[LABEL]))
    defaulted = table[LABEL].to_numpy().astype(bool)
    if not 0 < defaulted.sum() < len(defaulted):
        raise InvalidTables(f"{path} has {len(defaulted)} labelled rows of one outcome: training needs both")
    columns = {feature.name: _column(table[feature.name], feature) for feature in candidates}
    return Sample(table[ID].to_numpy(), defaulted, columns)


def _column(values: pa.ChunkedArray, feature: Feature) -> Column:
    if feature.is_category:
        return np.array(values.to_pylist(), dtype=object)
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)

"""A LightGBM text model as data: its header and its trees, read without LightGBM.

LightGBM's own reader trusts the file: a wrong size or index ends the process or reads past an array.
So every file is read and checked here first.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from conversion.tree import Floats, Tree, read_tree
from credit.errors import InvalidModel, UnconvertibleModel

TREE = b"Tree="
END = re.compile(rb"\n(?:end of trees|\n?feature importances:)")
"""What follows the last tree; the first versions of LightGBM wrote the importances at once."""
LARGEST_BYTES = 512 * 2**20
"""Reading takes several times a file's size in memory, and onnxmltools some thirty times."""
SAVE_AGAIN = "save the model again with Booster.save_model"


@dataclass(frozen=True)
class TextModel:
    """What the text says: features in the order of the row, objective, trees in the order of summation."""

    names: tuple[str, ...]
    infos: tuple[str, ...]
    """Per feature: "[min:max]" of the training rows, "0:1:2" of categories, or "none"."""
    objective: str
    """As written, with its parameters ("binary sigmoid:1"); empty for a custom objective."""
    outputs: int
    """Trees per iteration: one, or the number of classes."""
    averages: bool
    """Whether the trees are averaged (boosting=rf) and not summed."""
    trees: tuple[Tree, ...]

    @property
    def width(self) -> int:
        """Features in a row."""
        return len(self.names)

    @cached_property
    def categorical(self) -> frozenset[int]:
        """Features that at least one split reads as a category."""
        return frozenset(int(f) for tree in self.trees for f in tree.features[tree.is_category])

    @cached_property
    def thresholds(self) -> dict[int, Floats]:
        """The distinct finite numeric thresholds of each feature that has one, ascending."""
        features = np.concatenate([t.features[~t.is_category] for t in self.trees])
        values = np.concatenate([t.thresholds[~t.is_category] for t in self.trees])
        finite = np.isfinite(values)
        features, values = features[finite], values[finite]
        return {int(feature): np.unique(values[features == feature]) for feature in np.unique(features)}

    @classmethod
    def read(cls, path: Path) -> "TextModel":
        """The model in *path*; `InvalidModel` names what is missing, damaged or contradictory."""
        try:
            return _parse(_content(path))
        except InvalidModel as error:
            raise type(error)(f"{path.name}: {error}") from error


def _content(path: Path) -> bytes:
    """The bytes of *path*, unless its beginning or its size shows that it is no model."""
    try:
        with path.open("rb") as file:
            start, size = file.read(5), os.fstat(file.fileno()).st_size
            if start not in (b"tree\n", b"tree\r"):
                raise InvalidModel(f"not a LightGBM text model (its first line is not 'tree'): {SAVE_AGAIN}")
            if size > LARGEST_BYTES:
                raise InvalidModel(
                    f"it has {size / 2**20:,.0f} MB, and a model may have {LARGEST_BYTES / 2**20:,.0f}: "
                    "train fewer trees or leaves, and number categories from 0"
                )
            return start + file.read()
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InvalidModel(f"cannot be read: {error.strerror}") from error


def _parse(text: bytes) -> TextModel:
    _require_readable(text)
    top, chunks = _cut(text)
    header = _pairs(top)
    _require_sizes(header, chunks)
    names = _names(header)
    return TextModel(
        names=names,
        infos=_infos(header, len(names)),
        objective=header.get("objective", "").strip(),
        outputs=_outputs(header, len(chunks)),
        averages="average_output" in header,
        trees=tuple(_tree(number, chunk, len(names)) for number, chunk in enumerate(chunks)),
    )


def _require_readable(text: bytes) -> None:
    """LightGBM's reader never ends at a NUL byte, and ends the process where the parameters are cut."""
    if b"\0" in text:
        raise InvalidModel(f"a NUL byte, which no text holds: the file is damaged; {SAVE_AGAIN}")
    if b"\nparameters:" in text and b"\nend of parameters" not in text:
        raise InvalidModel(f"truncated: the line 'end of parameters' is missing; {SAVE_AGAIN}")


def _cut(text: bytes) -> tuple[bytes, list[bytes]]:
    """The header, and the text of each tree."""
    start, found = text.find(b"\n" + TREE), END.search(text)
    if found is None or found.start() < start:
        raise InvalidModel(f"truncated: the line 'end of trees' is missing; {SAVE_AGAIN}")
    if start < 0:
        raise InvalidModel("it has no tree: train it for one round at least")
    first, *others = text[start + 1 : found.start() + 1].split(b"\n" + TREE)
    return text[:start], [first, *(TREE + chunk for chunk in others)]


def _names(header: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name for name in _required(header, "feature_names").split(" ") if name)
    width = _integer(header, "max_feature_idx") + 1
    if len(names) != width:
        raise InvalidModel(f"{len(names)} feature names for {width} features; {SAVE_AGAIN}")
    return names


def _outputs(header: Mapping[str, str], trees: int) -> int:
    """Trees to an iteration: as many as classes. The first versions of LightGBM wrote one of the numbers."""
    keys = [key for key in ("num_class", "num_tree_per_iteration") if key in header]
    numbers = [_integer(header, key) for key in keys or ["num_class"]]
    outputs = numbers[-1]
    if numbers[0] != outputs:
        raise InvalidModel(f"{outputs} trees an iteration for {numbers[0]} classes; {SAVE_AGAIN}")
    if outputs < 1 or trees % outputs:
        raise InvalidModel(f"{trees} trees cannot be {outputs} to an iteration; {SAVE_AGAIN}")
    return outputs


def _tree(number: int, chunk: bytes, width: int) -> Tree:
    """The tree in *chunk*; an error of its text names the tree."""
    try:
        return read_tree(_pairs(chunk), width)
    except InvalidModel as error:
        raise type(error)(f"tree {number}: {error}") from error
    except (ValueError, OverflowError) as error:
        raise InvalidModel(f"tree {number} cannot be read ({error}); {SAVE_AGAIN}") from error


def _pairs(text: bytes) -> dict[str, str]:
    """The key=value lines of a part of the file; a bare word has an empty value."""
    lines = (line.rstrip("\r") for line in text.decode("utf-8", "replace").split("\n"))
    return {key: value for key, _, value in (line.partition("=") for line in lines) if key}


def _required(pairs: Mapping[str, str], key: str) -> str:
    if key not in pairs:
        raise InvalidModel(f"no line {key}=; {SAVE_AGAIN}")
    return pairs[key]


def _integer(pairs: Mapping[str, str], key: str) -> int:
    value = _required(pairs, key)
    try:
        return int(value)
    except ValueError as error:
        raise InvalidModel(f"{key}={value} is not a whole number; {SAVE_AGAIN}") from error


def _infos(header: Mapping[str, str], width: int) -> tuple[str, ...]:
    infos = tuple(header.get("feature_infos", "").split())
    return infos if len(infos) == width else ("none",) * width


def _require_sizes(header: Mapping[str, str], chunks: list[bytes]) -> None:
    """LightGBM jumps by `tree_sizes`, and ends the whole process when it lands beside a tree."""
    if "tree_sizes" not in header:
        return
    stated = [size for size in header["tree_sizes"].split(" ") if size]
    found = [str(len(chunk) + 1) for chunk in chunks[:-1]] + [str(len(chunks[-1]))]
    if stated != found and b"\r\n" in chunks[0]:
        raise UnconvertibleModel(
            "its lines end in CRLF, for which its tree_sizes line is wrong: turn them back into LF (dos2unix)"
        )
    if stated != found:
        raise UnconvertibleModel(
            "its tree_sizes line is stale (the trees were edited or cut after it was written): "
            "delete that line, or save the model again with Booster.save_model"
        )

"""A file appears whole or not at all."""

import resource
from collections.abc import Iterator

import pytest

from monitoring.files import write_durably


@pytest.fixture
def small_files() -> Iterator[None]:
    """As on a disk that is nearly full, no file may grow past 1,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_does_not_fit_leaves_nothing_and_what_was_there_stays(tmp_path, small_files):
    path = tmp_path / "latest.json"
    write_durably(path, b"old")

    with pytest.raises(OSError, match=r"latest\.json"):
        write_durably(path, 5000 * b"new")

    assert [one.name for one in tmp_path.iterdir()] == ["latest.json"]
    assert path.read_bytes() == b"old"

"""What the tests of the records share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from replayable import decided  # noqa: F401  # a fixture

from records.__main__ import door


@pytest.fixture
def run() -> Callable[..., Result]:
    """The door of records, run in this process: `run(folder, *arguments, url=...)`."""

    def invoke(folder: Path, *arguments: object, url: str = "") -> Result:
        environment = {"OCTROI_DATA": str(folder), "DATABASE_URL": url}
        return CliRunner().invoke(door, list(map(str, arguments)), env=environment)

    return invoke

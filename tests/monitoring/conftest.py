"""A lender's service as it stands on disk."""

import shutil
from collections.abc import Iterator

import pytest
import structlog
from watched import Watched, watch


@pytest.fixture(scope="session")
def bundle(tmp_path_factory) -> Watched:
    return watch(tmp_path_factory.mktemp("watched"))


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Who watches logs as JSON; the tests after it need not."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def watched(bundle, tmp_path, monkeypatch) -> Watched:
    """A service of its own, with the session's bundle."""
    shutil.copytree(bundle.folder / "bundle", tmp_path / "bundle")
    own = Watched(tmp_path)
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    return own

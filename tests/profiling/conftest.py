"""What is measured starts processes of its own, which coverage would slow."""

import pytest
from uncovered import COVERAGE_VARIABLES


@pytest.fixture(autouse=True, scope="package")
def unmeasured_children():
    """Coverage leaves alone what the tests of this room start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in COVERAGE_VARIABLES:
            patch.delenv(name, raising=False)
        yield

"""What is measured starts processes of its own, which coverage slows."""

import pytest
from uncovered import COVERAGE_VARIABLES


@pytest.fixture(scope="module")
def unmeasured_children():
    """Coverage leaves alone what the tests of a file start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in COVERAGE_VARIABLES:
            patch.delenv(name, raising=False)
        yield

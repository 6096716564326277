"""Where a process need not be measured for coverage, because other tests run the same code."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

COVERAGE_VARIABLES = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")


def uncovered(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """*environment* for a process that coverage leaves alone; measured, it takes half as long again."""
    return {name: value for name, value in environment.items() if name not in COVERAGE_VARIABLES}


@contextmanager
def unmeasured_children() -> Iterator[None]:
    """Coverage leaves alone what is started meanwhile, whoever chooses its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in COVERAGE_VARIABLES:
            patch.delenv(name, raising=False)
        yield

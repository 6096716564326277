"""The clients that training is tried on."""

import numpy as np
import pytest

from features.catalogue import candidates
from training.sample import Sample, read_sample


@pytest.fixture(scope="session")
def sample(made) -> Sample:
    """The labelled clients of the small model."""
    return read_sample(made.features, candidates())


@pytest.fixture
def few(sample: Sample) -> Sample:
    """Enough of them to train on, and a copy: a test may change it."""
    return sample.take(np.arange(600))

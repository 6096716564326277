"""A process that grows is noticed; one that only breathes is not."""

import sys
import time
from subprocess import Popen

import numpy as np
import pytest

from load_tests.vitals import Vitals, Watch, processes_with, trend

MB = 1 << 20
SECONDS = np.arange(1800.0)
NOISE = np.random.default_rng(1).normal(0, 1, len(SECONDS))


def vitals(memory_mb: np.ndarray, descriptors: np.ndarray) -> Vitals:
    memory = [int(one * MB) for one in memory_mb]
    return Vitals(7, "worker", SECONDS.tolist(), memory, [round(one) for one in descriptors])


def test_a_process_that_breathes_or_warms_up_is_flat():
    warm = np.minimum(SECONDS / 10, 40) + 300
    breath = 2 * NOISE + 10 * (np.sin(SECONDS / 20) > 0)

    found = trend(vitals(warm + breath, 40 + NOISE))

    assert found.memory_is_flat
    assert found.descriptors_are_flat
    assert found.memory_bytes == pytest.approx(345 * MB, rel=0.03)
    assert found.hours == pytest.approx(1200 / 3600, rel=0.01)


def test_a_slow_leak_of_memory_is_no_flat_line():
    found = trend(vitals(300 + 0.02 * SECONDS + NOISE, 40 + NOISE))

    assert found.memory_an_hour == pytest.approx(72 * MB, rel=0.1)
    assert not found.memory_is_flat
    assert found.descriptors_are_flat


def test_a_slow_leak_of_descriptors_is_no_flat_line():
    found = trend(vitals(300 + NOISE, 40 + SECONDS / 300))

    assert found.memory_is_flat
    assert found.descriptors_an_hour == pytest.approx(12, rel=0.15)
    assert not found.descriptors_are_flat


GROWING = """
import time
held = []
while True:
    held.append((bytearray(200_000), open("/dev/null")))
    time.sleep(0.01)
"""


def test_a_watch_sees_real_processes_grow():
    environment = {"OCTROI_WATCHED": "growing"}
    with Popen([sys.executable, "-c", GROWING], env=environment) as process:
        try:
            with Watch(lambda: processes_with("OCTROI_WATCHED=growing"), every_s=0.05) as watch:
                time.sleep(1.2)
            (found,) = watch.trends()
        finally:
            process.kill()

    assert f"({process.pid})" in found.process
    assert (watch.seen(found.process.partition(" ")[0]), watch.seen("worker")) == (1, 0)
    assert found.memory_an_hour > 1000 * MB
    assert found.descriptors_an_hour > 1000
    assert not found.memory_is_flat
    assert not found.descriptors_are_flat

"""Writes the least processor time, in seconds, of each of 1,000 decisions of 125 features in a profile."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from monitoring.profiles import Columns, Observation, Profiler

rng = np.random.default_rng(0)
words = [f"W{i}" for i in range(15)]
columns = Columns("0123456789ab", (*(f"N{i}" for i in range(110)), *words), frozenset(words))
homes = rng.choice(["House", "Rented", "Office"], (1000, 15)).tolist()
rows = [
    [*(None if value > 1 else value for value in numbers), *home]
    for numbers, home in zip(rng.normal(size=(1000, 110)).tolist(), homes, strict=True)
]
spent = []
with tempfile.TemporaryDirectory() as folder:
    profiler = Profiler(Path(folder))
    for first in range(1, 20_001, 1000):
        batch = [Observation(first + i, 0, columns, values, 0.1, "approve") for i, values in enumerate(rows)]
        started = time.process_time()
        profiler.add(batch)
        spent.append(time.process_time() - started)
sys.stdout.write(f"{min(spent) / 1000}\n")

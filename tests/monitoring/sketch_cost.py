"""Writes the least processor time, in seconds, of each of 1,000 decisions of 125 features in a profile."""

import sys
import time

import numpy as np

from monitoring.sketch import Sketch

rng = np.random.default_rng(0)
numbers, words = [f"N{i}" for i in range(110)], [f"W{i}" for i in range(15)]
batch = {name: [None if v > 1 else float(v) for v in rng.normal(size=1000)] for name in numbers}
batch |= {name: rng.choice(["House", "Rented", "Office"], 1000).tolist() for name in words}
sketch = Sketch(numbers, words)
spent = []
for _ in range(20):
    started = time.process_time()
    sketch.add(batch)
    spent.append(time.process_time() - started)
sys.stdout.write(f"{min(spent) / 1000}\n")

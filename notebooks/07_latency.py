# %% [markdown]
# # 7. How long an answer takes
#
# Scoring is the part of a request that the model is responsible for. The ways to score one model are measured
# side by side: the library call that most services of this kind make, LightGBM on plain arrays and by its
# single-row function, the graph as a converter usually emits it, the graph that is served, and the batcher
# that makes few large batches out of many small requests. The model is the one of notebook 3, of made-up
# tables or of Kaggle's (`OCTROI_RAW`).
#
# Times are of the machine that ran this page, and of a model of this size; what carries over is the ratio.
# `python -m profiling latency` measures the same for longer, `make bench` the service beside other designs.

# %%
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from workshop import open_workshop

from features.catalogue import candidates
from features.encoder import Encoder
from profiling.latency.engines import NATIVE, SCIKIT_LEARN, V5, kinds, prepare
from profiling.latency.rounds import Effort, time_engines
from profiling.machine import this_machine
from runners.batcher import MicroBatcher
from runners.bundle import MODEL_FILE, Bundle
from runners.native import NativeScorer
from runners.onnx import OnnxScorer
from training.sample import read_sample

workshop = open_workshop()
bundle = Bundle.open(workshop.bundle)
print(f"{bundle.version}: {bundle.metrics['trees']} trees on {bundle.schema.width} features")
machine = this_machine()
print(f"{machine.processor}, {machine.cores} cores, {machine.load:.1f} busy before this began")

# %% [markdown]
# ## CPU time of a row
#
# Each engine on one thread, in interleaved rounds, another row each time: one row repeated would stay in the
# processor's memory of branches and flatter every engine. *scikit-learn* is `predict_proba` of a one-row
# table, the call most often seen in services of this kind: nearly all of its time is spent on the table.

# %%
batches = (1, 32, 256)
rows = Encoder(bundle.schema).encode_columns(read_sample(workshop.features, candidates()).columns)[:2_000]
timed = []
with TemporaryDirectory() as scratch:
    kinds_here = kinds(prepare(bundle.folder / MODEL_FILE, Path(scratch)))
    engines = {kind.name: kind.open(Path(scratch) / kind.file, 1) for kind in kinds_here}
    for batch in batches:
        taking = {kind.name: engines[kind.name] for kind in kinds_here if kind.takes(batch)}
        timed += time_engines(taking, rows, batch, 1, Effort(rounds=3, seconds=0.1))
speeds = pd.DataFrame([asdict(one) for one in timed])
by_batch = speeds.pivot_table(index="engine", columns="batch", values="cpu_us_a_row").sort_values(1)
names = {
    "engine": "engine",
    "batch": "rows at once",
    "cpu_us_a_row": "µs a row",
    "times_native": "times as fast as LightGBM",
}
shown = speeds[list(names)].rename(columns=names).style.hide()
shown.format({"µs a row": "{:,.1f}", "times as fast as LightGBM": "{:.2f}"})

# %%
figure, axes = plt.subplots(figsize=(9, 3.8))
width = 0.85 / len(by_batch)
for position, (engine, times) in enumerate(by_batch.iterrows()):
    places = np.arange(len(batches)) + width * (position - (len(by_batch) - 1) / 2)
    bars = axes.bar(places, times, width=0.92 * width, label=engine)
    axes.bar_label(bars, ["" if np.isnan(took) else f"{took:,.0f}" for took in times], padding=2, fontsize=9)
axes.set_xticks(range(len(batches)), [f"{batch} row{'s' if batch > 1 else ''} at once" for batch in batches])
axes.set(title="CPU time per row, logarithmic", ylabel="µs per row", yscale="log")
axes.set_ylim(top=8 * np.nanmax(by_batch.to_numpy()))
axes.grid(visible=False, axis="x")
axes.legend(ncols=3, loc="upper right")
plt.show()
alone = by_batch[1]
print(f"One row: the served graph takes {alone[V5]:,.0f} µs, LightGBM {alone[NATIVE]:,.0f} µs,")
print(
    f"scikit-learn's call {alone[SCIKIT_LEARN]:,.0f} µs, {alone[SCIKIT_LEARN] / alone[V5]:,.0f} times as long"
)

# %% [markdown]
# ## Not the mean: the slowest in a hundred
#
# A client waits for one answer, not for a mean. Here single rows of clients are scored one after the other
# and the clock is read around each; the line shows the share of calls that took at most so long. Other work
# on the machine shows in the far right.

# %%
scorers = {
    "LightGBM": NativeScorer(bundle.folder / MODEL_FILE),
    "served graph": OnnxScorer(bundle.certified_onnx()),
}
took = {name: np.empty(len(rows)) for name in scorers}
for place in range(len(rows)):
    for name, scorer in scorers.items():
        begun = time.perf_counter()
        scorer.score(rows[place : place + 1])
        took[name][place] = 1e6 * (time.perf_counter() - begun)

figure, axes = plt.subplots(figsize=(9, 3.6))
for name, times in took.items():
    axes.plot(np.sort(times), 100 * np.arange(1, len(times) + 1) / len(times), lw=2, label=name)
slowest = 1.5 * max(np.percentile(times, 99) for times in took.values())
axes.axhline(99, color="C3", ls="--", lw=1)
axes.text(slowest, 97, "99 %", ha="right", va="top", fontsize=9)
axes.set(title="One row: share of the calls answered within a time", xlabel="µs", ylabel="calls, %")
axes.set(xlim=(0, slowest), ylim=(0, 101))
axes.legend(loc="center right")
plt.show()
pd.DataFrame(
    {name: np.percentile(times, (50, 95, 99)) for name, times in took.items()}, ["P50", "P95", "P99"]
).style.format("{:,.0f} µs")

# %% [markdown]
# ## Many at once
#
# A row in a batch is cheaper than a row alone. The service gathers rows without making anybody wait for it:
# while one batch is scored, requests that arrive are kept, and they are the next batch. So batches grow with
# the load by themselves, and who comes alone waits for nothing. Here 1 to 256 clients ask at once, each again
# as soon as it has its answer.

# %%
sizes = []
score = scorers["served graph"].score
score_together = lambda some: score(np.stack(some)).tolist()  # noqa: E731  # one call for all who wait


async def ask(batcher, place, times):
    """One client, who asks again as soon as he has his answer."""
    for turn in range(times):
        await batcher.submit(rows[(place + turn) % len(rows)])


async def crowd(clients, answers=2_000):
    """Seconds until *clients* who ask at the same time have so many answers together."""
    batcher = MicroBatcher(score_together, 256, 1024, lambda size, _: sizes.append(size))
    begun = time.perf_counter()
    await asyncio.gather(*(ask(batcher, 7 * i, answers // clients) for i in range(clients)))
    batcher.close()
    return time.perf_counter() - begun


crowds = (1, 4, 16, 64, 256)
found = []
for clients in crowds:
    sizes.clear()
    with ThreadPoolExecutor(1) as apart:  # a notebook has a loop of its own already
        seconds = apart.submit(asyncio.run, crowd(clients)).result()
    found.append((clients, np.mean(sizes), sum(sizes) / seconds))
growth = pd.DataFrame(found, columns=["clients at once", "rows in a batch", "answers a second"])

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(growth["clients at once"], growth["rows in a batch"], "o-")
left.set(title="Batches grow by themselves", ylabel="rows in a batch, mean")
right.plot(growth["clients at once"], growth["answers a second"], "o-", color="C1")
right.set(title="and more answers come out of one thread", ylabel="answers a second", ylim=(0, None))
for axes in (left, right):
    axes.set(xlabel="clients who ask at once", xscale="log", xticks=crowds, xticklabels=crowds)
    axes.minorticks_off()
plt.show()
growth.style.hide().format(precision=1, thousands=",")

# %% [markdown]
# ## What to take along
#
# - The table around a row costs more than the model: the hot path of the service never makes one.
# - The graph in 64 bits answers the same as LightGBM, and sooner.
# - One thread answers a batch; a client's probability never depends on who shares it.

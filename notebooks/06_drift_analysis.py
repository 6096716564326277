# %% [markdown]
# # 6. Are these still the clients the model knows?
#
# A model is right about clients like those it learned from. When other clients come, or the same ones with
# other data, nothing in its answers says so: outcomes take months. What can be watched at once is **drift**:
# how the values of the decisions differ from those of training. This notebook keeps decisions as whylogs
# profiles, measures drift with PSI, Kolmogorov-Smirnov and χ², makes drift on purpose to see whether it is
# found, and asks Evidently for a second opinion.
#
# The model is the one of notebook 3, of made-up tables or of Kaggle's (`OCTROI_RAW`). The decisions are about
# clients the model has never met: made up by another seed, or Kaggle's clients without a known outcome.

# %%
import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from workshop import open_workshop

from credit.errors import InvalidSettings
from features.encoder import Encoder
from monitoring.drift.reference import PROBABILITY, Reference
from monitoring.drift.report import compare
from monitoring.drift.window import Window
from monitoring.reporting.second_opinion import MOST_ROWS, stand_ins, write_second_opinion
from monitoring.sketch import Sketch, StoredSketch
from monitoring.trial.induced import Lose, Replace, Scale, recomputed
from runners.bundle import Bundle
from runners.onnx import OnnxScorer

workshop = open_workshop()
bundle = Bundle.open(workshop.bundle)
reference = Reference.read(bundle.folder)
score = OnnxScorer(bundle.certified_onnx()).score
encoder = Encoder(bundle.schema)
clients = workshop.strangers()
probabilities = score(encoder.encode_columns(clients))
print(f"{len(probabilities):,} decisions about clients that {bundle.version} has not met")

# %% [markdown]
# ## Decisions as profiles
#
# A whylogs profile is a sketch: counts, quantiles and frequent words of every column, in some kilobytes, with
# no client's row in it. Profiles **merge**: two hours, or two hosts, are added without going back to the
# rows. Here the decisions go into two profiles; read back together they must say what the decisions
# themselves say, up to the sketch's error.

# %%
words = [one.name for one in bundle.schema.used if one.is_category]
numbers = [one.name for one in bundle.schema.used if not one.is_category]
decisions = {**clients, PROBABILITY: probabilities}
half = len(probabilities) // 2
paths = []
for name, part in {"first": slice(None, half), "second": slice(half, None)}.items():
    sketch = Sketch([*numbers, PROBABILITY], words)
    sketch.add({column: values[part] for column, values in decisions.items()})
    paths.append(workshop.folder / f"{name}.bin")
    paths[-1].write_bytes(sketch.to_bytes())
stored = StoredSketch(paths)
seen = stored.seen("EXT_SOURCE_3")
size = sum(path.stat().st_size for path in paths)
print(f"Two profiles of {len(stored.names)} columns, {size / 1e3:,.0f} kB together")
print(f"EXT_SOURCE_3: {seen.total:,} seen, {seen.missing:,} missing")

values = np.sort(clients["EXT_SOURCE_3"][~np.isnan(clients["EXT_SOURCE_3"])])
points = np.linspace(0, 1, 200)
exact = np.searchsorted(values, points) / len(values)
sketched = stored.share_below("EXT_SOURCE_3", points)
figure, axes = plt.subplots(figsize=(9, 3.4))
axes.plot(points, 100 * exact, lw=5, color="#D5DDE5", label="the decisions themselves")
axes.plot(points, 100 * sketched, lw=1.2, label="the two profiles, merged")
axes.set(title="EXT_SOURCE_3: share of the clients below a value", xlabel="EXT_SOURCE_3", ylabel="clients, %")
axes.legend(loc="upper left")
plt.show()
print(f"Largest distance: {100 * np.abs(exact - sketched).max():.2f} points")

# %% [markdown]
# ## A quiet week
#
# Training froze ten bins of each feature. The **population stability index** (PSI) says how far today's
# shares of the bins are from those; custom calls 0.1 moderate and 0.25 large. How large does it grow when
# nothing has changed? That depends on how many decisions there are, so each feature has a limit: 0.1, or what
# chance reaches. Of made-up clients the week is quiet. Kaggle's clients without an outcome are known to
# differ a little from the others, and that shows.

# %%
training = Window.of_training(reference)
quiet = Window.of(reference, clients, probabilities)
found_quiet = compare(reference, training, quiet, bundle.policy)
print(f"{found_quiet.rows_now:,} decisions, {found_quiet.rows_before:,} training rows: {found_quiet.verdict}")
print(f"{len(found_quiet.drifted)} of {len(found_quiet.features)} features drifted")
p_values = np.array([one.tested.p_value for one in found_quiet.features if one.tested])
low = int((p_values < 0.05).sum())
print(f"p-value below 0.05: {low} of {len(p_values)}, where chance makes {0.05 * len(p_values):.0f}")

# %% [markdown]
# A test of Kolmogorov-Smirnov or χ² at 5 % cries wolf for one feature in twenty, every week. And with enough
# decisions it finds differences that nobody need care about. So the p-value is shown beside the verdict and
# is no part of it.
#
# ## Drift made on purpose
#
# Three things happen to the same clients: credits grow by 30 % (and with them every ratio that follows), the
# third outside score goes missing for ten points more of them, and one in twenty has a kind of income that
# training never saw.

# %%
changes = [
    Scale(("AMT_CREDIT",), 1.3),
    Lose(("EXT_SOURCE_3",), 0.10),
    Replace("NAME_INCOME_TYPE", "Platform worker", 0.05),
]
changed, rng = clients, np.random.default_rng(0)
for change in changes:
    changed = recomputed(change.of(changed, rng), bundle.schema.features, change.touched)
now = score(encoder.encode_columns(changed))
window = Window.of(reference, changed, now)
found = compare(reference, training, window, bundle.policy)
print(f"{found.verdict}: {len(found.drifted)} of {len(found.features)} features drifted")
for alert in found.alerts:
    print(f"  {alert.message}")
pd.DataFrame(
    {
        "PSI": [one.psi for one in found.drifted],
        "limit": [one.limit for one in found.drifted],
        "test": [one.test for one in found.drifted],
        "p-value": [one.tested.p_value if one.tested else np.nan for one in found.drifted],
        "missing in training": [one.missing_before for one in found.drifted],
        "missing now": [one.missing_now for one in found.drifted],
        "unseen words": [one.unseen_now for one in found.drifted],
        "drifted": [", ".join(one.reasons) for one in found.drifted],
    },
    [one.name for one in found.drifted],
).style.format("{:.3f}", ["PSI", "limit"]).format("{:.0e}", "p-value").format(
    "{:.1%}", ["missing in training", "missing now", "unseen words"]
)

# %%
before_psi = {one.name: one.psi for one in found_quiet.features}
most = sorted(found.features, key=lambda one: -one.psi)[:15][::-1]
names = [one.name for one in most]
figure, axes = plt.subplots(figsize=(9, 4.6))
axes.hlines(names, [before_psi[name] for name in names], [one.psi for one in most], "C3", lw=1)
axes.plot(
    [before_psi[name] for name in names], names, "o", color="C0", mfc="none", ms=9, label="the quiet week"
)
axes.plot([one.psi for one in most], names, "o", color="C1", label="after the three changes")
axes.plot([one.limit for one in most], names, "|", color="black", ms=12, mew=2, label="limit")
axes.set(
    title="PSI of the 15 features that moved most",
    xlabel="PSI against the training rows, logarithmic",
    xscale="log",
)
axes.tick_params("y", labelsize=8.5)
axes.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## Where the values went
#
# A number is no explanation; the shares of the bins are. The bins are the tenths of the training rows, so
# without drift every bar would be about a tenth, of the clients whose value is known.

# %%
figure, panels = plt.subplots(2, 1, figsize=(10, 6.4))
for axes, name in zip(panels, ("AMT_CREDIT", PROBABILITY), strict=True):
    one = found.probability if name == PROBABILITY else next(f for f in found.features if f.name == name)
    places = np.arange(len(one.labels))
    axes.bar(
        places - 0.2, 100 * np.array(one.before) / sum(one.before), width=0.38, color="C3", label="training"
    )
    axes.bar(places + 0.2, 100 * np.array(one.now) / sum(one.now), width=0.38, color="C1", label="now")
    axes.set_xticks(places, [label.replace(" to ", "\nto ") for label in one.labels], fontsize=8)
    axes.set(title=f"{name}: PSI {one.psi:.3f}, limit {one.limit:.3f}", ylabel="decisions, %")
    axes.grid(visible=False, axis="x")
panels[0].legend()
plt.show()

# %% [markdown]
# ## What it does to the lender
#
# Before any outcome is known, calibrated probabilities say what to expect: the default rate, the approvals,
# the cost. If the new clients are as the model believes, this is what the week will have been like.

# %%
pd.DataFrame(
    {
        title: [getattr(side, name).value for side in (found_quiet.expected_now, found.expected_now)]
        for name, title in {
            "default_rate": "default rate",
            "approval_rate": "approved",
            "cost": "cost per client",
        }.items()
    },
    ["quiet week", "after the changes"],
).style.format({"default rate": "{:.2%}", "approved": "{:.1%}", "cost per client": "{:.4f}"})

# %% [markdown]
# ## A second opinion
#
# Evidently compares the same decisions with rows drawn from the training profile, by measures of its own. It
# is a group of packages by itself, since it wants an older plotly than CatBoost brings: `make
# setup-evidently` installs it. Where it is missing, the sentence below says so; where it is there, its report
# is a page beside the others.

# %%
before = stand_ins(reference, StoredSketch([bundle.folder / "reference.bin"]), MOST_ROWS)
try:
    written = write_second_opinion(
        workshop.folder / "evidently", reference, before, {**changed, PROBABILITY: now}
    )
except InvalidSettings as missing:
    written = []
    print(missing)
for path in written:
    print(path)

# %%
if written:
    report = json.loads(written[1].read_text())
    # Where few values are known, Evidently gives a p-value instead, which is small where there is drift.
    columns = [one for one in report["metrics"] if "column" in one["config"]]
    distances = [one for one in columns if "p_value" not in one["config"]["method"]]
    theirs = {one["config"]["column"]: one["value"] for one in distances}
    both = pd.DataFrame({"ours": {one.name: one.psi for one in found.features}, "Evidently": theirs}).dropna()
    figure, axes = plt.subplots(figsize=(6, 4.6))
    axes.plot(both["ours"], both["Evidently"], "o", alpha=0.6)
    for name in both["ours"].nlargest(4).index:
        axes.annotate(name, both.loc[name], (6, 0), textcoords="offset points", fontsize=8)
    axes.set(title="The same features, two libraries", xlabel="PSI, ours, logarithmic", xscale="log")
    axes.set_ylabel("distance, Evidently's")
    plt.show()
    for side in both:
        print(f"Moved most, says {side}: {', '.join(both[side].nlargest(4).index)}")

# %% [markdown]
# ## What to take along
#
# - A profile holds no client, merges, and is enough to measure drift by.
# - A limit that knows the number of decisions finds what changed and is quiet when nothing did.
# - `python -m monitoring drift` does this for the recorded decisions, and `watch` does it again and again.

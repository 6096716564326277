# %% [markdown]
# # 5. The same answer, to the last digits
#
# LightGBM trains the model, ONNX Runtime serves it: the service then needs neither LightGBM nor SciPy, and
# answers sooner. Between the two stands a conversion, and a conversion may change answers. The usual test,
# some clients scored by both, sees little, because it looks where little goes wrong. This notebook looks at
# the **thresholds** of the trees: what onnxmltools emits by itself computes in 32 bits and takes the wrong
# branch there, while the graph that this project writes, in 64 bits, gives LightGBM's own answer.
#
# The model is the one of notebook 3, of made-up tables or of Kaggle's (`OCTROI_RAW`); it is trained first if
# it is not there.

# %%
import lightgbm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from workshop import open_workshop

from conversion.certify import SEED
from conversion.text_model import TextModel
from conversion.trial_rows import TrialRows
from conversion.values import all_values
from credit.decision import Assessment
from features.catalogue import candidates
from features.encoder import Encoder
from runners.bundle import MODEL_FILE, Bundle
from runners.native import NativeScorer
from runners.onnx import OnnxScorer, open_session
from training.sample import read_sample

workshop = open_workshop()
bundle = Bundle.open(workshop.bundle)
threshold = bundle.policy.threshold
print(f"{bundle.version}, refuses from {threshold:.4f} on")

# %% [markdown]
# ## Three ways to score
#
# LightGBM itself; the graph that onnxmltools writes when it is asked in the usual way, with 32-bit input,
# which is all it knows; and the graph of the bundle.

# %%
lightgbm_ = NativeScorer(bundle.folder / MODEL_FILE)
ours = OnnxScorer(bundle.certified_onnx())
usual = open_session(
    convert_lightgbm(
        lightgbm.Booster(model_file=str(bundle.folder / MODEL_FILE)),
        initial_types=[("rows", FloatTensorType([None, ours.width]))],
        zipmap=False,
    ).SerializeToString()
)


def by_default(rows):
    """Probability of default of each row by the 32-bit graph."""
    (probabilities,) = usual.run(["probabilities"], {"rows": rows.astype(np.float32)})
    return probabilities[:, 1].astype(np.float64)


# %% [markdown]
# ## Clients: nearly all seems well
#
# The training clients, scored by all three. For nearly all of them the 32-bit graph is off by what 32 bits
# round away, some ten-millionths, and one would call it equal. A few clients in a thousand are off by
# thousands of times more: one of their values lies so near a threshold that 32 bits cannot tell the two
# apart. A test of some hundred clients may well meet none of them.

# %%
sample = read_sample(workshop.features, candidates())
clients = Encoder(bundle.schema).encode_columns(sample.columns)[:20_000]
native = lightgbm_.score(clients)
off_usual, off_ours = np.abs(by_default(clients) - native), np.abs(ours.score(clients) - native)
print(f"{len(clients):,} clients; the largest difference from LightGBM:")
print(f"32 bits {off_usual.max():.1e}, ours {off_ours.max():.1e}")
print(f"off by more than 1e-6: 32 bits {(off_usual > 1e-6).sum()} clients, ours {(off_ours > 1e-6).sum()}")
print(f"the others, at most: 32 bits {off_usual[off_usual <= 1e-6].max():.1e}")

# %% [markdown]
# ## A row beside a threshold
#
# A tree asks "is the value at most *t*?". In 64 bits, *t* and its neighbours are different numbers. In 32
# bits they are one: a value just above *t* is rounded to the same number as *t*, and goes left where LightGBM
# goes right. Below, one client's value is moved across a threshold in steps too small for 32 bits. LightGBM's
# answer and ours change at the threshold; the 32-bit one changes beside it.

# %%
text = TextModel.read(bundle.folder / MODEL_FILE)
root = text.trees[0]
feature, at = int(root.features[0]), float(root.thresholds[0])
step = float(np.spacing(np.float32(abs(at))))
places = np.linspace(-1.5, 1.5, 601)
known = np.flatnonzero(~np.isnan(clients[:, feature]))
client = known[np.argmin(np.abs(native[known] - threshold))]
moved = np.repeat(clients[[client]], len(places), axis=0)
moved[:, feature] = at + places * step

figure, axes = plt.subplots(figsize=(9, 3.8))
axes.plot(places, by_default(moved), color="C1", lw=4, alpha=0.6, label="onnxmltools by itself, 32 bits")
axes.plot(places, ours.score(moved), color="C0", lw=2.5, label="ours, 64 bits")
axes.plot(places, lightgbm_.score(moved), color="black", lw=1, ls=":", label="LightGBM")
axes.axvline(0, color="C3", lw=1)
axes.set(title=f"{text.names[feature]} beside its threshold {at!r}", ylabel="probability of default")
axes.set_xlabel(f"distance from the threshold, in the smallest steps of 32 bits ({step:.1e})")
axes.legend()
plt.show()

# %% [markdown]
# ## Where every split is tried
#
# The certificate of a bundle is made of rows that aim at **each** split of each tree: the threshold, the
# 64-bit number on either side of it, the 32-bit numbers around it, and missing, infinite and absurd values
# besides. The same rows are given to all three here.

# %%
trials = TrialRows.of(text, all_values(text, bundle.schema), SEED)
rows = np.concatenate(list(trials.blocks()))
with np.errstate(over="ignore"):  # some trial values are larger than any 32-bit number
    answers = {"onnxmltools by itself, 32 bits": by_default(rows), "ours, 64 bits": ours.score(rows)}
native_trials = lightgbm_.score(rows)
off = {name: np.abs(found - native_trials) for name, found in answers.items()}
flips = {name: (found >= threshold) != (native_trials >= threshold) for name, found in answers.items()}
pd.DataFrame(
    [
        (name, len(rows), (off[name] > 1e-6).mean(), off[name].max(), int(flips[name].sum()))
        for name in answers
    ],
    columns=["graph", "rows", "off by more than 1e-6", "largest difference", "decisions flipped"],
).style.hide().format({"rows": "{:,}", "off by more than 1e-6": "{:.1%}", "largest difference": "{:.1e}"})

# %%
figure, axes = plt.subplots(figsize=(9, 3.8))
edges = np.arange(-18.5, 1)
drawn = {
    "32 bits, clients": (off_usual, "C5"),
    "32 bits, rows beside thresholds": (off["onnxmltools by itself, 32 bits"], "C1"),
    "ours, rows beside thresholds": (off["ours, 64 bits"], "C0"),
}
for name, (differences, colour) in drawn.items():
    exponents = np.log10(np.maximum(differences, 1e-18))
    shares = np.histogram(exponents, edges)[0] / len(exponents)
    axes.stairs(100 * shares, edges, color=colour, lw=2, label=name, fill=False)
axes.axvline(-12, color="black", ls="--", lw=1)
axes.text(-11.9, 96, "promised: at most 1e-12", va="top", fontsize=9)
axes.set(
    title="How far from LightGBM", ylabel="rows, %", xlabel="difference of the probability", ylim=(0, 100)
)
axes.set_xticks(range(-18, 1, 3), ["equal", *(f"1e{power}" for power in range(-15, 0, 3)), "1"])
axes.legend(loc="upper right")
plt.show()

# %% [markdown]
# ## One decision that the conversion would have changed
#
# The row with the largest difference among those whose decision flips, if there is one, else of all. The
# table names the values for which a split in 32 bits goes the other way: each differs from a threshold in 64
# bits and is equal to it, or on its other side, in 32.

# %%
wrong = flips["onnxmltools by itself, 32 bits"]
place = int(np.argmax(np.where(wrong | ~wrong.any(), off["onnxmltools by itself, 32 bits"], -1)))
found = {"LightGBM": native_trials, **answers}
for name, probabilities in found.items():
    decided = Assessment(float(probabilities[place]), bundle.policy)
    print(f"{name:31} PD {decided.probability_default:.12f}  {decided.decision}")

row = rows[place]
splits = [
    (text.names[f], row[f], t)
    for tree in text.trees
    for f, t in zip(tree.features.tolist(), tree.thresholds.tolist(), strict=True)
    if np.isfinite(row[f]) and abs(row[f]) < 3e38 and (row[f] <= t) != (np.float32(row[f]) <= np.float32(t))
]
pd.DataFrame(
    [
        (name, repr(float(value)), repr(float(t)), str(np.float32(value)), str(np.float32(t)))
        for name, value, t in splits
    ],
    columns=["feature", "value", "threshold", "value, 32 bits", "threshold, 32 bits"],
).drop_duplicates().style.hide()

# %% [markdown]
# ## What is served is certified
#
# The certificate lies beside the graph and names both files by their hashes. A service whose certificate does
# not hold for the bytes it loaded is not ready.

# %%
certificate = bundle.certificate
print(f"rows {certificate.rows:,}, in batches of {', '.join(map(str, certificate.batch_sizes))}")
print(f"largest difference {certificate.max_difference:.1e}, decisions flipped {certificate.flips}")
print(
    f"model {certificate.model_sha256[:12]}, graph {certificate.onnx_sha256[:12]}: holds: {certificate.holds}"
)

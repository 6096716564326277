# %% [markdown]
# # 2. One row per client
#
# A model sees one row per client, so the histories of the first notebook must become numbers: how many
# credits, how late the latest payments, how much of the income goes into annuities. The list of these
# **candidate features** is data, declared once in `features/catalogue.py`; DuckDB (or Spark) computes it, and
# training, the service and the replay of a past decision read values by the same list. The notebook looks at
# the candidates, follows one client from raw rows to features, and shows how a value from outside becomes a
# number that the model can be given.
#
# The tables are made up, or Kaggle's where `OCTROI_RAW` names their folder.

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from workshop import open_workshop

from features.catalogue import candidates, sections
from features.encoder import Encoder
from features.made_up.raw import opened
from features.made_up.risk import auc
from features.schema import ordered
from training.learned import learn, usable
from training.sample import read_sample
from training.selection import ALWAYS_KEPT, NOT_SCORED, select

workshop = open_workshop()
sample = read_sample(workshop.features, candidates())
section_of = {feature.name: title for title, group in sections() for feature in group}
print(f"{len(sample):,} clients with an outcome, {len(candidates())} candidate features")

# %% [markdown]
# ## What is declared
#
# Every candidate has a name, a meaning, a unit and limits that follow from the meaning: a share lies between
# 0 and 1 whatever the data say. A name says how the feature is made: `INSTAL_DPD_MEAN` is the **mean** of the
# days past due (`DPD`) over the instalments. `docs/data-dictionary.md` lists all of them.

# %%
shown = ["EXT_SOURCE_2", "PAYMENT_RATE", "BURO_DAYS_CREDIT_MAX", "INSTAL_DPD_MEAN", "PREV_CNT_PAYMENT_MEAN"]
by_name = {feature.name: feature for feature in candidates()}
pd.DataFrame(
    [
        (name, by_name[name].meaning, by_name[name].unit, by_name[name].low, by_name[name].high)
        for name in shown
    ],
    columns=["feature", "meaning", "unit", "lowest", "highest"],
).style.hide().format(na_rep="", precision=0)

# %% [markdown]
# ## One client, from rows to features
#
# A client's credits at other lenders are a few rows of `bureau`. Counted, averaged, and the latest one
# picked, they are some of the features. Both ways must agree: the sums below are taken by hand from the raw
# rows.

# %%
counts = sample.columns["BURO_COUNT"]
place = int(np.flatnonzero(counts == 4)[0])
client = int(sample.clients[place])
with opened(workshop.raw) as tables:
    credits_ = tables.rows(
        "CREDIT_ACTIVE, CREDIT_TYPE, DAYS_CREDIT, AMT_CREDIT_SUM", "bureau", f"where SK_ID_CURR = {client}"
    )
by_hand = {
    "BURO_COUNT": len(credits_),
    "BURO_DAYS_CREDIT_MAX": credits_["DAYS_CREDIT"].max(),
    "BURO_AMT_CREDIT_SUM_MEAN": credits_["AMT_CREDIT_SUM"].mean(),
    "BURO_CREDIT_ACTIVE_Active_MEAN": (credits_["CREDIT_ACTIVE"] == "Active").mean(),
}
print(f"The credits of client {client} at other lenders:\n{credits_.to_string(index=False)}\n")
for name, value in by_hand.items():
    print(f"{name:31} by hand {value:13,.3f}   built {sample.columns[name][place]:13,.3f}")

# %% [markdown]
# ## How much each part of the data tells
#
# One feature alone, as a score: its AUC is the chance that a defaulting client has a higher value than one
# who repays. 0.5 is a coin. Drawn is the distance from it, whichever way the feature points, of the numbers
# known of half the clients or more. The scores from outside lead; a combination such as `EXT_SOURCE_MEAN`
# tells more than each of its parts.

# %%
alone = {}
for feature in candidates():
    column = sample.columns[feature.name]
    if not feature.is_category and np.isfinite(column).mean() >= 0.5:
        known = np.isfinite(column)
        alone[feature.name] = auc(sample.defaulted[known].astype(float), column[known])
strength = pd.Series(alone).sub(0.5).abs().sort_values(ascending=False)
best = strength.head(20)[::-1]
titles = list(dict.fromkeys(section_of.values()))
colours = {title: f"C{position}" for position, title in enumerate(titles)}

figure, axes = plt.subplots(figsize=(9, 5.2))
axes.barh(best.index, best, color=[colours[section_of[name]] for name in best.index])
for title in dict.fromkeys(section_of[name] for name in best.index[::-1]):
    axes.barh([best.index[0]], [0], color=colours[title], label=title)
axes.set(title="The 20 numbers that tell most by themselves", xlabel="distance of the AUC from 0.5, a coin's")
axes.tick_params("y", labelsize=8.5)
axes.grid(visible=False, axis="y")
axes.legend(loc="lower right", fontsize=9)
plt.show()

# %% [markdown]
# ## Which of them the model is given
#
# Hundreds of candidates, and many of them say the same again: the largest of a client's credits and their
# sum, say. `select` ranks them by what they gain a quick model, leaves out those that correlate above 0.95
# with a better one, and keeps 125. The features of the public application form are always among them, so that
# whoever sends those is scored on what was sent. Sex is never among them.

# %%
learned = learn(candidates(), sample)
kept = select(usable(learned), sample, 125, seed=0, threads=2)
asked = Counter(section_of[feature.name] for feature in candidates())
taken = Counter(section_of[name] for name in kept)
print(f"{len(usable(learned))} of {len(candidates())} candidates vary here; {len(kept)} are kept, among them")
print(f"all {len(set(ALWAYS_KEPT) & set(kept))} of the public form; never scored: {', '.join(NOT_SCORED)}")

figure, axes = plt.subplots(figsize=(9, 3.6))
axes.barh(titles, [asked[title] for title in titles], color="#D5DDE5", label="candidates")
axes.barh(titles, [taken[title] for title in titles], height=0.45, label="kept")
for position, title in enumerate(titles):
    axes.text(asked[title] + 3, position, f"{taken[title]} of {asked[title]}", va="center", fontsize=9)
axes.set(
    title="Candidates and kept features, by where they come from",
    xlabel="features",
    xlim=(0, 1.1 * max(asked.values())),
)
axes.invert_yaxis()
axes.grid(visible=False, axis="y")
axes.legend(loc="upper right")
plt.show()

# %% [markdown]
# ## From words to the model's row
#
# One `Encoder` maps named values to the model's row, in training, in the service and in every replay. A
# category becomes a code; codes are ordered by default rate, so that a split on the code is a split on risk.
# What nobody has seen in training is not the first known word, nor the likest one: it is **missing**, and the
# answer carries a warning. So does a number outside the range of the training rows, which is scored as it is.
# 365,243 days of employment are missing, too.

# %%
schema = ordered(learned, [*kept, *({"NAME_EDUCATION_TYPE"} - set(kept))])
encoder = Encoder(schema)
applicant = {
    name: None if value != value else value  # noqa: PLR0124  # NaN differs from itself
    for name, value in ((name, sample.columns[name][place]) for name in schema.names)
}
trials = {
    "as they are": {},
    "a word that is none": {"NAME_EDUCATION_TYPE": "Doctor of everything"},
    "no employment": {"DAYS_EMPLOYED": 365243.0},
    "a credit of 90 million": {"AMT_CREDIT": 90e6},
}
encoded = encoder.encode(
    [[(applicant | changed)[name] for name in schema.names] for changed in trials.values()]
)
columns = ["NAME_EDUCATION_TYPE", "DAYS_EMPLOYED", "AMT_CREDIT"]
categories = schema.features[schema.position("NAME_EDUCATION_TYPE")].categories
print(f"NAME_EDUCATION_TYPE, from the lowest default rate to the highest: {', '.join(categories)}")
pd.DataFrame(encoded.rows[:, [schema.position(name) for name in columns]], list(trials), columns).assign(
    warnings=["; ".join(f"{one.field}: {one.message}" for one in found) for found in encoded.warnings]
).style.format("{:,.0f}", columns, na_rep="missing")

# %% [markdown]
# ## What to take along
#
# - Features are declared once and computed by one engine; what the model was trained on is what it is served.
# - A missing value stays missing, and an unknown word becomes missing, with a warning: no fallback looks like
#   an answer.
# - 125 of the candidates carry the model. What it is worth, and where to refuse, is the next notebook.

# %% [markdown]
# # 4. Six kinds of models on the same folds
#
# LightGBM is what this project trains. Is that the right choice? Six kinds of models learn from the same
# features of the same clients and are judged on the same five folds, none of them tuned: a logistic
# regression, a random forest, three libraries of gradient boosted trees, and a neural network. Three things
# are compared: how well they rank, what their decisions cost, and how long one answer takes.
#
# So that the page is ready in a minute, 1,000 clients are drawn from the made-up tables; from Kaggle's files,
# where `OCTROI_RAW` names their folder, 20,000. `python -m training compare` takes all of them.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from workshop import open_workshop, silently

from credit.cost import Costs
from features.catalogue import candidates
from training.comparison import compare, drawn, encoded_folds
from training.comparison_report import chart
from training.contenders import contenders
from training.plan import Plan
from training.sample import read_sample

workshop = open_workshop()
clients, kept, threads = (workshop.clients // 4, 40, 1) if workshop.given is None else (20_000, 60, 2)
plan = Plan(kept=kept, threads=threads)
sample = drawn(read_sample(workshop.features, candidates()), clients, plan.seed)
print(f"{len(sample):,} clients, {int(sample.defaulted.sum()):,} of whom defaulted; {plan.kept} features")

# %%
with threadpool_limits(plan.threads):
    standings = compare(
        contenders(plan.seed, plan.threads),
        encoded_folds(candidates(), sample, plan),
        sample.defaulted,
        Costs(),
        silently,
    )
costs = Costs()
rate = sample.defaulted.mean()
print(f"Cost per client without a model: {min(costs.fn * rate, costs.fp * (1 - rate)):.4f}")
pd.DataFrame(
    {
        "AUC": [one.auc for one in standings],
        "spread of the folds": [one.auc_spread for one in standings],
        "log-loss": [one.log_loss for one in standings],
        "cost per client": [one.theoretical.per_client for one in standings],
        "fit, s": [one.speed.fit_seconds for one in standings],
        "one row, ms": [one.speed.one_row_ms for one in standings],
    },
    [one.name for one in standings],
).style.format(precision=3)

# %%
chart(standings)

# %% [markdown]
# ## Is the best one better?
#
# Some fifths of the clients are easier than others, and the folds differ by more than the models do. So the
# models are compared fold by fold. Each line is a model; where lines cross, the order of the models is the
# draw of the folds, not a property of the models. A thousand clients are too few for anything flexible:
# simple models lead here, and no difference of a point of AUC can be trusted. The more clients, the closer
# together the folds, and the more trees and networks can learn.

# %%
aucs = pd.DataFrame({one.name: one.aucs for one in standings}, index=range(1, 6))
figure, axes = plt.subplots(figsize=(9, 4))
for position, (name, values) in enumerate(aucs.items()):
    axes.plot(values, "o-", color=f"C{position}", label=name)
axes.set(title="AUC in each of the five folds", xlabel="fold", ylabel="AUC", xticks=aucs.index)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
winners = aucs.idxmax(axis=1).value_counts()
between_folds, between_models = aucs.mean(axis=1).std(), aucs.mean().std()
print(f"Best of a fold: {', '.join(f'{name} {count} times' for name, count in winners.items())}")
print(f"Standard deviation between folds {between_folds:.4f}, between models {between_models:.4f}")

# %% [markdown]
# ## What an AUC is worth in money
#
# Costs follow the order only roughly: a decision needs a **calibrated** PD as well as a good order. The full
# square is what each model costs at the theoretical threshold of 0.0909, the open one at its own best, found
# afterwards. The further they are apart, the less its probabilities can be believed, or the luckier that
# threshold was.

# %%
apart = [one.theoretical.per_client - one.cheapest.per_client for one in standings]
names = [one.name for one in standings]
figure, axes = plt.subplots(figsize=(9, 3.2))
axes.hlines(
    names,
    [one.cheapest.per_client for one in standings],
    [one.theoretical.per_client for one in standings],
    "C3",
)
axes.plot([one.theoretical.per_client for one in standings], names, "s", color="C1", label="at 1/11")
axes.plot(
    [one.cheapest.per_client for one in standings],
    names,
    "s",
    color="C1",
    mfc="none",
    label="at its own best threshold",
)
axes.set(
    title="Cost per client", xlabel="cost per client: 10 for a missed default, 1 for a good client refused"
)
axes.invert_yaxis()
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
print(f"Furthest apart: {names[int(np.argmax(apart))]}, by {max(apart):.4f}")

# %% [markdown]
# ## Why LightGBM
#
# It need not win by AUC: no kind wins clearly here, and on Kaggle's tables the three libraries of boosted
# trees end up close together. What decides is the rest. It takes missing values as they are, trains in
# seconds, answers in well under a millisecond, and its trees can be converted **exactly**, which the next
# notebook shows. A model that would be a little better and cannot be proved equal to what is served would be
# no gain.

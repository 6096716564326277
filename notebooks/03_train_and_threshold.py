# %% [markdown]
# # 3. A model, and where to refuse
#
# The model gives each applicant a **probability of default** (PD). The lender turns it into a decision by a
# **threshold**: refuse from there on. This notebook trains the model (once: the other notebooks find it),
# asks whether its probabilities can be believed, and chooses the threshold that costs least when a missed
# default costs ten times what a refused good client does.
#
# Everything here is measured on clients that the scoring model had **not met**: each of five folds selects
# its features, learns its categories and stops on clients of its own, and scores the others. The tables are
# made up, or Kaggle's where `OCTROI_RAW` names their folder. `python -m training fit` does the same in the
# terminal, and tunes first.

# %%
import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Image
from workshop import open_workshop

from credit.cost import Costs, compare_thresholds, cost_curve
from credit.decision import Assessment, RiskLevel
from runners.bundle import METRICS_FILE, Bundle
from training.figures import FIGURES, calibration, cost, roc
from training.metrics import measure
from training.threshold import choose_threshold
from training.trained import Evidence

workshop = open_workshop()
bundle = Bundle.open(workshop.bundle)
metrics = json.loads((bundle.folder / METRICS_FILE).read_bytes())
print(f"{bundle.version}, {metrics['trees']} trees")
print(f"{metrics['features']} features of {metrics['candidates']} candidates")
print(f"Trained on {metrics['rows']:,} clients, {metrics['defaults']:,} of whom defaulted,")
print(f"in {metrics['seconds']:.0f} s")

# %% [markdown]
# ## Does it rank?
#
# The AUC is the chance that a client who defaults is given a higher PD than one who repays: 0.5 is a coin, 1
# a prophet. It says nothing of whether the PD is right, only of the order.

# %%
with np.load(workshop.held_out) as arrays:
    defaulted, probabilities = arrays["defaulted"], arrays["probabilities"]
costs = Costs()
choice = choose_threshold(defaulted, probabilities, costs, seed=0)
measured = measure(defaulted, probabilities, choice.threshold, costs)
evidence = Evidence(defaulted, probabilities, tuple(metrics["trees_by_fold"]), (), ())
print(f"AUC {measured.auc:.3f}, Gini {measured.gini:.3f}, Brier score {measured.brier:.4f}")
roc(evidence, measured, choice)

# %% [markdown]
# ## Can the probability be believed?
#
# Of the clients given about 10 %, about 10 % should default. That is **calibration**, and the model is
# trained for it: on the plain log-loss, with no weights for the rare class. A weighted model ranks as well
# and says 40 % where it means 8 %; then no threshold means anything. Each dot is a tenth of the clients.

# %%
print(f"Mean PD {probabilities.mean():.2%}, default rate {defaulted.mean():.2%}")
print(f"Calibration error, the mean distance of a dot from the line: {measured.calibration_error:.4f}")
calibration(evidence, measured)

# %% [markdown]
# ## What wrong answers cost
#
# A default that is approved costs 10, a good client refused costs 1. Who believes the PD needs no search:
# refusing is cheaper as soon as 10 PD ≥ 1 − PD, which is PD ≥ **1/11 = 0.0909**. The usual threshold of 0.5
# approves nearly everybody and is nearly as dear as approving everybody.

# %%
table = compare_thresholds(
    defaulted, probabilities, (0.5, costs.theoretical_threshold, choice.cheapest), costs
)
print(f"Cost per client: {costs.fn * defaulted.mean():.4f} when everybody is approved,")
print(f"{costs.fp * (~defaulted).mean():.4f} when everybody is refused")
pd.DataFrame(
    [(one.threshold, one.false_negatives, one.false_positives, one.total, one.per_client) for one in table],
    ["usual", "theoretical", "cheapest here"],
    ["threshold", "defaults approved", "good clients refused", "cost", "cost per client"],
).style.format({"threshold": "{:.4f}", "cost": "{:,.0f}", "cost per client": "{:.4f}"})

# %%
cost(evidence, choice)

# %% [markdown]
# ## Theory or the cheapest?
#
# The cheapest threshold of a sample is a noisy thing: drawn again and again from the same clients, it wanders
# over the green band of the figure above. So the theoretical one is taken unless it lies outside that band,
# which would mean that the probabilities are not quite what they say; then it is the cheapest one. Of a few
# thousand clients the band is wide, and one band in twenty misses what it is for. The policy that the service
# reads holds the outcome.

# %%
low, high = choice.interval
print(f"Cheapest here {choice.cheapest:.4f}, and in 95 % of samples between {low:.4f} and {high:.4f}")
print(f"Theory says {costs.theoretical_threshold:.4f}; taken: {choice.threshold:.4f}")
print(f"In policy.json: {bundle.policy.threshold:.4f}, as policy {bundle.policy.version}")

# %% [markdown]
# ## What if the costs were others?
#
# The ratio is data in the policy, not code. A lender to whom a default costs only five good clients refuses
# later; one to whom it costs twenty refuses sooner. Each curve is divided by the cost of the best one could
# do without a model, which is to approve or to refuse everybody: what is below 1 is what the model is worth.

# %%
figure, axes = plt.subplots()
for position, ratio in enumerate((5, 10, 20)):
    asked = Costs(fn=ratio, fp=1)
    thresholds, total = cost_curve(defaulted, probabilities, asked)
    without_model = min(asked.fn * defaulted.sum(), asked.fp * (~defaulted).sum())
    axes.plot(
        thresholds, total / without_model, color=f"C{position}", label=f"a default costs {ratio} good clients"
    )
    best = asked.theoretical_threshold
    at_best = np.interp(best, thresholds, total / without_model)
    axes.plot(best, at_best, "o", color=f"C{position}", ms=8)
    axes.annotate(f"1/{ratio + 1}", (best, at_best), (0, -16), textcoords="offset points", ha="center")
axes.axhline(1, color="C3", lw=1, ls="--")
axes.set(
    title="Cost by threshold; dots: the theoretical ones",
    xlabel="threshold: refuse from this PD on",
    xlim=(0, 0.4),
)
axes.set(ylabel="cost, without a model = 1", ylim=(0.5, 1.5))
axes.legend()
plt.show()

# %% [markdown]
# ## Decisions and risk levels
#
# A PD under a policy is an `Assessment`: the decision, the risk level (LOW below half the threshold, HIGH
# from one and a half times on) and the confidence, which is 0 at the threshold. A level is worth its name
# only if its clients default as often as it says.

# %%
assessments = [Assessment(float(probability), bundle.policy) for probability in probabilities]
levels = np.array([str(one.risk_level) for one in assessments])
figure, axes = plt.subplots()
bins = np.linspace(0, 0.5, 51)
said = [
    f"{level}: {inside.mean():.0%} of all, {defaulted[inside].mean():.1%} of them defaulted"
    for level, inside in ((level, levels == level) for level in RiskLevel)
]
parts = [probabilities[levels == level] for level in RiskLevel]
axes.hist(parts, bins=bins, stacked=True, color=["C2", "C5", "C1"], label=said)
axes.axvline(bundle.policy.threshold, color="black", lw=1.2)
axes.text(bundle.policy.threshold, axes.get_ylim()[1], "  refused from here on", va="top")
beyond = int((probabilities > bins[-1]).sum())
axes.set(
    title=f"Probabilities of default and risk levels ({beyond} clients lie further right)", ylabel="clients"
)
axes.set(xlabel="probability of default", xlim=(0, 0.5))
axes.legend(loc="center right")
plt.show()
refused = [one.decision for one in assessments].count("refuse")
print(f"Refused: {refused:,} of {len(assessments):,}, {refused / len(assessments):.1%}")

# %% [markdown]
# ## Is it fair?
#
# The model is not given the sex, and its decisions may differ by sex all the same, since other columns
# differ. What is compared is **equal opportunity**: of those who repaid, how many were approved? A bar that
# is higher than another of the same panel is a group whose good clients are refused less often. Young clients
# default more often, and pay for it even when they are good. `metrics.json` holds these numbers, and the
# model card says them.

# %%
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), width_ratios=(2, 5), sharey=True)
for axes, (name, title) in zip(panels, {"sex": "sex", "age": "age at the application"}.items(), strict=True):
    groups = pd.DataFrame(metrics["fairness"][name]["groups"]).T
    groups = groups[~groups["small"].astype(bool)]
    axes.bar(groups.index, 100 * groups["equal_opportunity"].astype(float), width=0.6)
    axes.bar_label(axes.containers[0], fmt="%.0f", padding=2)
    axes.plot(groups.index, 100 * groups["default_rate"].astype(float), "D", color="C1", label="default rate")
    axes.set_title(f"By {title}")
    axes.set_ylim(0, 110)
    axes.tick_params("x", labelsize=9)
    axes.grid(visible=False, axis="x")
panels[0].set_ylabel("approved among those who repaid, %")
panels[1].legend(loc="upper left")
plt.show()

# %% [markdown]
# ## What moves the model
#
# SHAP values take single probabilities apart: each dot is what one feature adds to one client's log-odds.
# Blue is a low value of the feature and yellow a high one; grey is missing. Low scores from outside raise the
# risk: blue lies right.

# %%
Image(bundle.folder / FIGURES / "shap.png", width=760)

# %% [markdown]
# ## What to take along
#
# - Of a calibrated probability, the costs alone say where to refuse: 1/11. The clients are asked whether they
#   contradict it.
# - What the threshold is worth is money, and the table says how much; the 0.5 of the libraries throws it
#   away.
# - Is LightGBM the right kind of model for this? The next notebook asks five others.

# %% [markdown]
# # 1. What the lender knows of its applicants
#
# Seven tables say what a lender knows when somebody applies for a consumer credit: the application itself,
# credits at other lenders as the credit bureau reports them, and how earlier credits here were paid. One
# column says what became of the loan: `TARGET` is 1 for a client with payment difficulties, a **default**,
# and 0 otherwise.
#
# This notebook looks at the tables as they are, before anything is computed: how many rows, how often clients
# default and which of them do, what is missing, and which values mean something else than they say.
#
# The tables are **made up** unless you name a folder with Kaggle's files (*Home Credit Default Risk*): start
# Jupyter, or `make notebooks`, with `OCTROI_RAW=/path/to/folder`. Made-up tables hold no real client; they
# imitate the aggregate statistics of the real ones, which are drawn beside them here where they are known.

# %%
import matplotlib.pyplot as plt
import numpy as np
from workshop import open_workshop

from features.made_up.layout import IDS
from features.made_up.raw import opened
from features.made_up.statistics import SENTINEL, TARGET_RATE, load

workshop = open_workshop()
known = load()
print(f"Tables: {'made up' if workshop.given is None else workshop.given}")

with opened(workshop.raw) as tables:
    rows = {table: int(tables.number("count(*)", table)) for table in IDS}
    owners = {
        table: tables.column(table, "SK_ID_CURR").unique().to_numpy()
        for table in IDS
        if "SK_ID_CURR" in IDS[table]
    }
    application = tables.rows("*", "application_train")

# %% [markdown]
# ## Seven tables, one client
#
# `application_train` and `application_test` are one table in two files: with the outcome, and without it. The
# others are histories, with many rows to a client. Not everybody has every history: who never held a credit
# card here has no row in `credit_card_balance`. For a model that is information, and a missing value is the
# way to say it.

# %%
everyone = np.union1d(owners["application_train"], owners["application_test"])
share = {
    table: np.isin(everyone, owners[table]).mean() for table in owners if not table.startswith("application")
}

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
left.barh(list(rows), list(rows.values()))
left.bar_label(left.containers[0], [f"{count:,}" for count in rows.values()], padding=3, fontsize=9)
left.set(
    title="Rows of each table", xlabel="rows, logarithmic", xscale="log", xlim=(100, 8 * max(rows.values()))
)
right.barh(list(share), [100 * part for part in share.values()])
right.bar_label(right.containers[0], [f"{part:.0%}" for part in share.values()], padding=3, fontsize=9)
right.set(title="Clients with a row in it", xlabel="% of all clients", xlim=(0, 112))
for axes in (left, right):
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
plt.show()

# %% [markdown]
# ## Defaults are rare
#
# About one client in twelve defaults. A model that approves everybody is right eleven times in twelve and
# useless all the same, so accuracy is not what this project measures: notebook 3 counts what wrong answers
# cost.

# %%
defaulted = application["TARGET"].to_numpy()
spread = 1.96 * np.sqrt(defaulted.mean() * (1 - defaulted.mean()) / len(defaulted))
print(f"{len(defaulted):,} clients with an outcome, {int(defaulted.sum()):,} of them defaulted:")
print(
    f"{defaulted.mean():.2%}, give or take {spread:.2%} by chance; {TARGET_RATE:.2%} of the real clients did"
)

# %% [markdown]
# ## Who defaults
#
# The default rate by education, by kind of income, by sex. Dots are these tables, with the 95 % interval that
# so few clients leave open; diamonds are the real rates. Sex is in the data and tells something, and yet the
# model is not given it: it is recorded to measure fairness, and nobody is scored on it.

# %%
named = {"NAME_EDUCATION_TYPE": "education", "NAME_INCOME_TYPE": "kind of income", "CODE_GENDER": "sex"}
figure, panels = plt.subplots(3, 1, figsize=(9, 7), sharex=True, height_ratios=(5, 5, 2))
for axes, (column, title) in zip(panels, named.items(), strict=True):
    groups = (
        application.groupby(column)["TARGET"].agg(["mean", "count"]).query("count >= 30").sort_values("mean")
    )
    error = 196 * np.sqrt(groups["mean"] * (1 - groups["mean"]) / groups["count"])
    axes.errorbar(100 * groups["mean"], groups.index, xerr=error, fmt="o", capsize=3, label="these tables")
    statistics = known.column("application_train", column)
    real = dict(zip(statistics.words, statistics.default_rates, strict=True))
    axes.plot(
        [100 * real.get(word, np.nan) for word in groups.index],
        groups.index,
        "D",
        color="C1",
        mfc="none",
        label="real rate",
    )
    axes.set_title(f"Default rate by {title}, groups of 30 clients or more", fontsize=11)
    axes.margins(y=0.25)
panels[0].legend(loc="lower right")
panels[-1].set_xlabel("clients who defaulted, %")
panels[-1].set_xlim(left=0)
plt.show()

# %% [markdown]
# ## What is missing
#
# Columns about the client's building are missing together, for half of the clients and more; `OWN_CAR_AGE`
# where there is no car; `EXT_SOURCE_1`, one of three scores bought from outside, for more than half. Nothing
# is filled in: a gradient boosted tree sends a missing value down a branch of its own, and learns which.

# %%
missing = application.isna().mean().sort_values(ascending=False)
# Of the building, each part has a mean, a mode and a median, which are missing together.
shown = [name for name in missing[missing > 0.1].index if not name.endswith(("_MODE", "_MEDI"))]
real = [100 * known.column("application_train", name).null for name in shown]
figure, axes = plt.subplots(figsize=(9, 0.2 * len(shown) + 1))
axes.barh(shown, 100 * missing[shown], height=0.65, label="these tables")
axes.plot(real, shown, "D", color="C1", mfc="none", ms=4, label="real share")
axes.set(
    title=f"Missing values: {len(shown)} columns that more than 10 % lack",
    xlabel="clients without a value, %",
)
axes.set_xlim(0, 100)
axes.invert_yaxis()
axes.margins(y=0.01)
axes.tick_params("y", labelsize=8)
axes.grid(visible=False, axis="y")
axes.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## A thousand years in the same job
#
# Days are counted from the application, backwards: `DAYS_EMPLOYED` is -730 for two years in the present job.
# One value is no number at all: 365,243 days, a thousand years, stands for "has no employment". Left as it
# is, it is the largest number of the column, and every mean and every scale of it is wrong. The features read
# it as missing, and so does the service.

# %%
days = application["DAYS_EMPLOYED"].to_numpy(dtype=float)
without = days == SENTINEL
kinds = application.loc[without, "NAME_INCOME_TYPE"].value_counts().head(2)
real_share = known.column("application_train", "DAYS_EMPLOYED").sentinel
years = -days / 365.25
print(
    f"DAYS_EMPLOYED is {SENTINEL:,} for {without.mean():.1%} of them; for {real_share:.1%} of the real ones"
)
print(f"Their kinds of income: {', '.join(f'{kind} {count:,}' for kind, count in kinds.items())}")
print(f"Mean time in the job: {years.mean():+.0f} years with it, {years[~without].mean():+.1f} without it")

figure, axes = plt.subplots(figsize=(9, 3.4))
axes.hist(years[~without], bins=np.arange(0, 46), color="C0")
axes.set(title="Time in the present job, of the employed", xlabel="years", ylabel="clients", xlim=(0, 45))
plt.show()

# %% [markdown]
# ## The three scores from outside
#
# `EXT_SOURCE_1`, `_2` and `_3` are the strongest columns of all. In each tenth of the clients, from the
# lowest score to the highest, the default rate falls: of the real clients, from one in five or six to one in
# thirty. The tenths are cut where those of the real clients are, so that the two may be compared.

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True)
for axes, name in zip(panels, ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"), strict=True):
    tenths = known.deciles[name]
    both = application[[name, "TARGET"]].dropna()
    place = np.searchsorted([tenth.bound for tenth in tenths[:-1]], both[name])
    groups = both.groupby(place)["TARGET"].agg(["mean", "count"])
    error = 196 * np.sqrt(groups["mean"] * (1 - groups["mean"]) / groups["count"])
    axes.errorbar(
        groups.index + 1, 100 * groups["mean"], yerr=error, fmt="o", capsize=3, label="these tables"
    )
    axes.plot(
        np.arange(1, 11),
        [100 * tenth.default_rate for tenth in tenths],
        "D-",
        color="C1",
        mfc="none",
        label="real rate",
    )
    axes.set(
        title=f"{name}, known of {both.shape[0] / len(application):.0%}",
        xlabel="tenth of the clients, by score",
    )
    axes.set_xticks(range(1, 11))
panels[0].set_ylabel("clients who defaulted, %")
panels[0].set_ylim(bottom=0)
panels[2].legend()
plt.show()

# %% [markdown]
# ## What to take along
#
# - Defaults are rare, so the question is what errors cost, not how many there are.
# - Missing values mean something and stay missing; 365,243 days is one of them.
# - No single column decides. The next notebook gathers all seven tables into one row per client.

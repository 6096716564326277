"""What was found, for the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table

from monitoring.drift.report import Comparison

if TYPE_CHECKING:
    # What they import takes longer to load than a report to write.
    from monitoring.outcomes import Cohort, Interval
    from monitoring.trial.selftest import Trial


def drift_table(found: Comparison) -> Table:
    """The features that drifted, the furthest first."""
    # A name cut short names nothing.
    feature = Column("feature", overflow="fold", min_width=max(map(len, (one.name for one in found.drifted))))
    table = Table(feature, "drifted", "PSI", "limit", "missing before", "now", "never seen")
    for one in sorted(found.drifted, key=lambda feature: -feature.psi):
        table.add_row(
            one.name,
            ", ".join(one.reasons),
            f"{one.psi:.3f}",
            f"{one.limit:.2f}",
            f"{one.missing_before:.1%}",
            f"{one.missing_now:.1%}",
            f"{one.unseen_now:.1%}",
        )
    return table


def trial_table(trials: "Sequence[Trial]") -> Table:
    """Each case with its result for each seed."""
    seeds = sorted({trial.seed for trial in trials})
    cases = list(dict.fromkeys(trial.case for trial in trials))
    results = {(trial.case, trial.seed): trial for trial in trials}
    table = Table("windows", "decisions", "must be", *(f"seed {seed}" for seed in seeds), "holds")
    for case in cases:
        tried = [results[case, seed] for seed in seeds]
        bound = f"{tried[0].bound} of {tried[0].windows}"
        table.add_row(
            case.what,
            f"{case.rows:,}",
            f"{case.target} named in at least {bound}" if case.target else f"an alert in at most {bound}",
            *(str(trial.hits) for trial in tried),
            "yes" if all(trial.holds for trial in tried) else "NO",
        )
    return table


def outcome_table(found: "Sequence[Cohort]") -> Table:
    """Each cohort of loans: what happened, and what was expected."""
    table = Table("decided", "loans", "default rate", "expected", "AUC", "expected", "concept drift")
    for one in found:
        cells = [*_cells(one.default_rate, "{:.2%}"), *_cells(one.auc, "{:.3f}")]
        said = "too few loans" if one.default_rate is None else ("YES" if one.concept_drift else "no")
        table.add_row(one.name, f"{one.loans:,}", *cells, said)
    return table


def _cells(interval: "Interval | None", form: str) -> tuple[str, str]:
    if interval is None:
        return "", ""
    expected = f"{form.format(interval.low)} to {form.format(interval.high)}"
    return form.format(interval.value), expected

"""The counts of `stats` as a table for the terminal."""

from rich.table import Table

from records.benchmark import CatchUp
from records.hours import HOUR_US, written
from records.maturity import Matured
from records.stats import HourOfAnswers, Stats

_LAST_HOURS = 24


def totals_table(found: Stats, title: str) -> Table:
    """What there is in all."""
    table = Table(title=title, show_header=False)
    latency = ", ".join(f"{name} {_shown(value, '{:.2f}')}" for name, value in found.latency_ms.items())
    rows: list[tuple[str, object]] = [
        ("decisions", f"{found.decisions:,}"),
        *((f"  {decision}", f"{count:,}") for decision, count in found.by_decision.items()),
        *((f"  risk {level}", f"{count:,}") for level, count in found.by_risk_level.items()),
        *((f"  by {model}", f"{count:,}") for model, count in found.by_model.items()),
        *((f"  on {route}", f"{count:,}") for route, count in found.by_route.items()),
        ("approval rate", _shown(found.approval_rate, "{:.1%}")),
        ("mean probability of default", _shown(found.mean_probability_default, "{:.4f}")),
        ("mean latency", _shown(found.mean_latency_ms, "{:.2f} ms")),
        ("latency in ms", latency if found.decisions else "none yet"),
        ("errors", f"{found.errors:,}"),
        *((f"  status {status}", f"{count:,}") for status, count in found.errors_by_status.items()),
        ("error rate", _shown(found.error_rate, "{:.2%}")),
        ("first", "none yet" if found.first_us is None else written(found.first_us)),
        ("last", "none yet" if found.last_us is None else written(found.last_us)),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def hours_table(hours: list[HourOfAnswers]) -> Table:
    """The last hours in which there was anything."""
    table = Table("hour (UTC)", "decisions", "approved", "errors", title="Per hour")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in hours[-_LAST_HOURS:]:
        start = written(one.hour * HOUR_US)[:16].replace("T", " ")
        table.add_row(start, *(f"{count:,}" for count in (one.decisions, one.approved, one.errors)))
    return table


def matured_table(found: Matured, cost: float | None) -> Table:
    """What approved loans came to; nobody knows what the refused would have."""
    table = Table(title="Approved and matured loans only", show_header=False)
    rows = [
        ("loans", f"{found.loans:,}"),
        ("  defaulted", f"{found.defaulted:,}"),
        ("realised default rate", _shown(found.default_rate, "{:.2%}")),
        ("realised cost of false negatives", _cost(found, cost)),
        ("AUC", _shown(found.auc, "{:.3f}")),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _cost(found: Matured, cost: float | None) -> str:
    if found.loans and cost is None:
        return "unknown: no model is here, and no policy in OCTROI_POLICY"
    return _shown(cost, "{:,.0f}")


def bench_table(
    moved: CatchUp, walked: float, found_us: float, took: dict[str, float], decisions: int
) -> Table:
    """What a benchmark measured."""
    table = Table("measured on this machine", "", title="Records")
    table.columns[1].justify = "right"
    what = f"{moved.records:,} decisions of {moved.bytes_each:,.0f} bytes moved into the database"
    table.add_row(what, f"{moved.per_second:,.0f} a second")
    table.add_row("decisions of the chain verified", f"{walked:,.0f} a second")
    table.add_row("one client found by number", f"{found_us:.0f} µs")
    table.add_section()
    table.add_row(f"asked of the counts of {decisions:,} decisions:", "")
    for question, milliseconds in took.items():
        table.add_row(question, f"{milliseconds:.1f} ms")
    return table


def _shown(value: float | None, form: str) -> str:
    return "none yet" if value is None else form.format(value)

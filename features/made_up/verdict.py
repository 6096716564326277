"""What was measured, as a table to read."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from rich.table import Table

from features.made_up import limits
from features.made_up.difference import Difference
from features.made_up.statistics import TARGET_RATE


def verdict(measured: Sequence[Difference], *, everything: bool = False) -> Table:
    """Each fault, the worst first; then of each measure what is nearest its limit, or *everything*."""
    table = Table("verdict", "measure", "of", "allowed", "found", title_justify="left")
    for one in faults(measured):
        table.add_row("[red]fails[/]", one.measure, one.subject, _allowed(one), _number(one.found))
    for measure, holding in _by_measure(one for one in measured if one.holds):
        shown = holding if everything else holding[:1]
        name = measure if everything else f"{measure}, nearest of {len(holding)}"
        for one in shown:
            table.add_row("holds", name, one.subject, _allowed(one), _number(one.found))
    return table


def faults(measured: Iterable[Difference]) -> list[Difference]:
    """What lies outside its limit, the worst first."""
    return sorted((one for one in measured if not one.holds), key=attrgetter("strain"), reverse=True)


def _by_measure(measured: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """Each measure with what it was taken of, nearest to the limit first."""
    ordered = sorted(measured, key=lambda one: (one.measure, -one.strain))
    return [(measure, list(group)) for measure, group in groupby(ordered, attrgetter("measure"))]


def _allowed(one: Difference) -> str:
    if one.expected == 0.0:
        return f"up to {_number(one.limit)}"
    return f"{_number(one.expected - one.limit)} … {_number(one.expected + one.limit)}"


def _number(value: float) -> str:
    return f"{value:.4g}"


def fidelity_help() -> str:
    """What is measured, and the limits, for the command line."""
    return f"""Hold tables, made up or real, against the statistics of Home Credit's own.

    Shows each fault, and of each measure what lies nearest its limit; ends with status 1 when anything fails.
    Needs {limits.LEAST_CLIENTS:,} training clients.

    \b
    What is measured, and how far it may lie from what is known:
      rate                of TARGET: {TARGET_RATE:.2%}, {_points(limits.TARGET_RATE)}
      missing             share of each column: {_points(limits.MISSING)}
      quantiles           of each number: the share of rows below a known
                          quantile, the largest gap: {_points(limits.DISTRIBUTION)}
      frequencies         of each category: half the sum of the gaps between
                          the shares of its words: {_points(limits.DISTRIBUTION)}
                          (both wider, by 1/sqrt(rows))
      rows per client     of each history: {limits.ROWS:.0%} of their mean
      share of clients    or contracts, for whom something is so: {_points(limits.SHARE)}
      broken              rules like DAYS_EMPLOYED 365243 where ORGANIZATION_TYPE
                          is XNA: {limits.EXACT:.1%} of the rows; of histories, {limits.LOOSE:.0%}
      rank correlation    of two numbers of the application: {limits.RANKS}
      correlation         of each strong number with TARGET: {limits.CORRELATION}, less
                          than the weakest of them, so that its sign is right
      AUC of its words    of each strong category: {limits.WORDS}
      default rate        by tenths of the strong numbers: {_points(limits.TENTHS)}
      AUC                 of a plain LightGBM on the application alone:
                          {limits.LOWEST_AUC} to {limits.HIGHEST_AUC}
      gain in AUC         by simple aggregates of all tables:
                          {limits.LEAST_GAIN} to {limits.MOST_GAIN}
    """


def _points(share: float) -> str:
    return f"{100 * share:g} points"

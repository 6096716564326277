"""A load test as a page, and as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape

from load_tests.outcome import Check, Outcome, Table, holds

_PAGE = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Load test: {name}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #ddd }}
.holds {{ color: #00694d }} .missed {{ color: #b3400a; font-weight: bold }}
</style>
<h1>Load test: {name}</h1>
<p>{meaning}. <strong class="{verdict}">{told}</strong>{link}</p>
{tables}
<p>{taken}</p>
</html>
"""
_LOCUST = ' <a href="locust.html">What Locust saw</a>.'


@dataclass(frozen=True, slots=True)
class Taken:
    """What a load test was taken on, in sentences, and the seed of its clients."""

    machine: str
    origin: str
    """Of the code: its commit and versions."""
    seed: int

    @property
    def sentences(self) -> str:
        return f"{self.machine} {self.origin} Clients made up with seed {self.seed}."


def as_html(name: str, outcome: Outcome, taken: Taken, *, by_locust: bool) -> str:
    """The page for people."""
    return _PAGE.format(
        name=escape(name),
        meaning=escape(outcome.meaning),
        verdict=_word(holds(outcome)),
        told="Everything held." if holds(outcome) else "Not everything held.",
        link=_LOCUST if by_locust else "",
        tables="\n".join(map(_table, [_checks(outcome.checks()), *outcome.tables()])),
        taken=escape(taken.sentences),
    )


def as_json(name: str, outcome: Outcome, taken: Taken) -> str:
    """The same for programs."""
    told = {
        "profile": name,
        "meaning": outcome.meaning,
        "taken": asdict(taken),
        "holds": holds(outcome),
        "checks": [asdict(check) for check in outcome.checks()],
        "tables": [asdict(table) for table in outcome.tables()],
    }
    return json.dumps(told, indent=1) + "\n"


def _word(is_held: bool) -> str:
    return "holds" if is_held else "missed"


def _checks(checks: Iterable[Check]) -> Table:
    rows = [(check.what, check.measured, _word(check.holds)) for check in checks]
    return Table("What must hold", ("", "measured", ""), rows)


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    body = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in table.rows)
    return f"<h2>{escape(table.title)}</h2>\n<table><tr>{head}</tr>\n{body}\n</table>"


def _cell(text: str) -> str:
    marked = f' class="{text}"' if text in {"holds", "missed"} else ""
    return f"<td{marked}>{escape(text)}</td>"

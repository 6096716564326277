"""The door to outcomes: `python -m monitoring outcomes`. Here decisions and what became of them meet."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import numpy as np
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from monitoring.concept.outcomes import Cohort, Interval, cohorts
from monitoring.files import write_durably
from records.database import Database
from records.tables import outcomes, predictions
from runners.bundle import Bundle
from runners.source import open_bundle
from settings import read_settings


@click.command("outcomes")
def door() -> None:
    """Compare what became of approved loans with what the model expected, by month of decision.

    A gap that chance does not explain is concept drift: clients pay otherwise than those of training did,
    however alike they look. Status: 0 none, 3 concept drift, 4 not enough outcomes.
    """
    settings = read_settings()
    bundle = open_bundle(settings.model)
    found = _cohorts(Database(settings.database), bundle)
    Console().print(_table(found))
    click.echo(_kept(settings.reports, bundle, found))
    if any(cohort.concept_drift for cohort in found):
        sys.exit(3)
    sys.exit(0 if any(cohort.default_rate for cohort in found) else 4)


def _cohorts(database: Database, bundle: Bundle) -> list[Cohort]:
    """Of the served model's real approvals whose outcome is known."""
    query = (
        sa.select(predictions.c.decided_at_us, predictions.c.probability_default, outcomes.c.defaulted)
        .join(outcomes, outcomes.c.decision_id == predictions.c.decision_id)
        .where(
            predictions.c.model_sha256 == bundle.model_sha256,
            predictions.c.decision == "approve",
            predictions.c.scenario.is_(None),
        )
    )
    rows = database.rows(query)
    return cohorts(
        [datetime.fromtimestamp(row[0] / 1e6, UTC).strftime("%Y-%m") for row in rows],
        np.array([row[1] for row in rows], dtype=np.float64),
        np.array([row[2] for row in rows], dtype=np.bool_),
    )


def _kept(reports: Path, bundle: Bundle, found: list[Cohort]) -> Path:
    """Write what was found; where."""
    now = datetime.now(UTC)
    body = {
        "made_at_us": int(now.timestamp() * 1e6),
        "model_version": bundle.version,
        "concept_drift": any(cohort.concept_drift for cohort in found),
        "cohorts": [asdict(cohort) for cohort in found],
    }
    reports.mkdir(parents=True, exist_ok=True)
    path = reports / f"outcomes_{now:%Y%m%dT%H%M%SZ}_{bundle.model_sha256[:12]}.json"
    write_durably(path, msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n")
    return path


def _table(found: list[Cohort]) -> Table:
    table = Table("decided", "loans", "default rate", "expected", "AUC", "expected", "concept drift")
    for one in found:
        cells = [*_cells(one.default_rate, "{:.2%}"), *_cells(one.auc, "{:.3f}")]
        said = "too few loans" if one.default_rate is None else ("YES" if one.concept_drift else "no")
        table.add_row(one.name, f"{one.loans:,}", *cells, said)
    return table


def _cells(interval: Interval | None, form: str) -> tuple[str, str]:
    if interval is None:
        return "", ""
    expected = f"{form.format(interval.low)} to {form.format(interval.high)}"
    return form.format(interval.value), expected


if __name__ == "__main__":
    door(prog_name="python -m monitoring.concept")

"""The page says what the comparison found, and calls nothing a change that is none."""

import re

import pytest
from lender import POLICY, SCHEMA, clients, reference, window

from monitoring.drift.report import compare
from monitoring.drift.window import Window
from monitoring.reporting.document import About, Document
from monitoring.reporting.drawing import bars
from monitoring.reporting.page import page
from monitoring.trial.induced import Change, Scale, Shift, recomputed

TRAINED = reference()


def rates(rows: int, *changes: Change) -> dict[str, str]:
    """What the page says of the change of each rate."""
    columns = clients(rows, 90)
    for change in changes:
        columns = recomputed(change.of(columns, None), SCHEMA.features, change.touched)
    found = compare(TRAINED, Window.of_training(TRAINED), window(TRAINED, columns), POLICY)
    about = About(
        made_at_us=1,
        since_us=1,
        until_us=2,
        model_version="octroi-credit:0123456789ab",
        model_sha256="0" * 64,
        policy_version="default",
        against="training",
        source="database",
    )
    text = page(Document(about, found), [])
    rows_ = re.findall(
        r"<tr><td>((?:expected|approval) [a-z ]+)</td><td>[^<]+</td><td>[^<]+</td><td>([^<]+)", text
    )
    return dict(rows_)


def test_like_clients_change_no_rate():
    assert set(rates(2000).values()) == {"no change beyond chance"}


def test_what_is_sure_but_small_is_no_change_to_speak_of():
    assert rates(50_000, Scale(("AMT_CREDIT",), 1.12))["expected default rate"] == "less than 5%"


def test_riskier_clients_are_approved_less_and_cost_more():
    found = rates(2000, Shift(("EXT_SOURCE_2",), -0.15, low=0.0))

    assert re.fullmatch(r"\+\d\.\d\d points", found["expected default rate"])
    assert re.fullmatch(r"−\d\d\.\d points", found["approval rate"])
    assert float(found["expected cost per client"]) == pytest.approx(0.1, abs=0.08)


def test_words_too_long_to_lie_below_their_bars_are_slanted_and_numbers_lie():
    words = [(word, word) for word in ("Laborers", "High skill tech staff", "Managers", "missing")]
    numbers = [(f"from {i}", f"{i}") for i in range(10)]
    drawn = [
        bars(labels * 3, [0.1] * 3 * len(labels), [0.1] * 3 * len(labels)) for labels in (words, numbers)
    ]

    assert drawn[0].count("rotate(") == 12
    assert ">Laborers</text>" in drawn[0]
    assert ">High skill tech s…</text>" in drawn[0]
    assert "<title>High skill tech staff: 10.0%</title>" in drawn[0]
    assert "rotate(" not in drawn[1]

"""Prometheus' own tool holds the alert rules to their tests; it comes with Debian's package `prometheus`."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
CHECKS = [
    ("check", "rules", "octroi.rules.yml"),
    ("check", "config", "prometheus.yml"),
    ("test", "rules", "octroi.rules.test.yml"),
]


def promtool(*arguments: str, folder: Path = DEPLOY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(DEPLOY, tmp_path / "prometheus"))


@pytest.mark.parametrize("check", CHECKS, ids=" ".join)
def test_what_we_ship_holds(check):
    done = promtool(*check)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (">= 0.3", ">= 0.31"),
        (">= 0.3", ">= 0.29"),
        ('kind="feature"}) > 0', 'kind="feature"}) >= 0'),
        ('kind="probability"}) > 0', 'kind="probability"}) > 1'),
        ("> 7200", "> 3600"),
        ("== 0", "== 2"),
        ("> 0.01", "> 0.04"),
        ("[5m]))) > 0.5", "[5m]))) > 1"),
        ("> 50e6", "> 70e6"),
        ("min_over_time", "max_over_time"),
    ],
)
def test_a_rule_that_is_wrong_fails_its_test(copy, right, wrong):
    rules = copy / "octroi.rules.yml"
    assert right in rules.read_text()
    rules.write_text(rules.read_text().replace(right, wrong, 1))

    assert promtool(*CHECKS[0], folder=copy).returncode == 0
    assert promtool(*CHECKS[2], folder=copy).returncode == 1


def test_a_rule_that_is_no_expression_fails_the_check(copy):
    rules = copy / "octroi.rules.yml"
    rules.write_text(rules.read_text().replace(">= 0.3", ">= ", 1))

    assert promtool(*CHECKS[0], folder=copy).returncode == 1

"""What the guide tells people to type is there."""

import re
import shlex
from pathlib import Path

import click
import pytest

from load_tests.__main__ import door as load_tests
from monitoring.__main__ import door as monitoring
from monitoring.drift.budget import FALSE_ALARMS, FALSE_NAMES, SHARE_FOR_RETRAINING
from monitoring.drift.report import ENOUGH
from monitoring.drift.verdict import LEAST_MISSING, LEAST_UNSEEN

GUIDE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
DOORS = {"monitoring": monitoring, "load_tests": load_tests}


def options(room: str, command: str) -> set[str]:
    found = DOORS[room].commands[command]
    return {
        name for parameter in found.params if isinstance(parameter, click.Option) for name in parameter.opts
    }


@pytest.mark.parametrize("line", re.findall(r"python -m (?:monitoring|load_tests) [^`\n]+", GUIDE))
def test_every_command_of_the_guide_exists(line):
    room, command, *rest = shlex.split(line)[2:]

    assert {word for word in rest if word.startswith("--")} <= {*options(room, command), "--help"}


def test_the_guide_names_every_command_and_the_limits_in_force():
    assert set(re.findall(r"python -m monitoring (\w+)", GUIDE)) == monitoring.commands.keys()
    for words in (
        f"Below {ENOUGH} decisions",
        f"{SHARE_FOR_RETRAINING:.0%}".replace("%", " %") + " of the features",
        f"at least {100 * LEAST_MISSING:.0f} points",
        f"at least {100 * LEAST_UNSEEN:.0f} %",
        f"{100 * FALSE_ALARMS:.1f} % of cases",
        f"in {100 * FALSE_NAMES:.0f} %",
    ):
        assert words in " ".join(GUIDE.split())

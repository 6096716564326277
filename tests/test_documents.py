"""What the documents say is so."""

import json
import re
import runpy
import shlex
import subprocess
import sys

import pytest
from serving import ROOT
from uncovered import uncovered

READMES = ["README.md", "README.fr.md"]


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(), flags=re.DOTALL)


def commands(name):
    """Every command line of the document, continued lines joined."""
    lines = "".join(blocks(name, "sh")).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_exists(name):
    targets = set(re.findall(r"^([a-z-]+):.*?##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    mentioned = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join([*commands(name), *_inline(name)])))

    assert mentioned >= {"serve", "test"}
    assert mentioned <= targets


def _inline(name):
    return re.findall(r"`([^`\n]+)`", (ROOT / name).read_text())


DOORS = sorted(
    {
        tuple(match)
        for name in READMES
        for match in re.findall(r"python -m (\w+)(?: ([a-z][a-z-]*))?", (ROOT / name).read_text())
    }
)


@pytest.mark.parametrize("room", sorted({room for room, _ in DOORS}))
def test_every_door_of_the_readme_opens(room):
    done = subprocess.run(
        [sys.executable, "-m", room, "--help"],
        cwd=ROOT,
        env=uncovered(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: python -m " + room)


@pytest.mark.parametrize(("room", "command"), [door for door in DOORS if door[1]])
def test_every_command_of_a_door_explains_itself(room, command, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, f"{room}.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", [room, command, "--help"])

    with pytest.raises(SystemExit, match="0"):
        runpy.run_module(room, run_name="__main__", alter_sys=True)

    assert capsys.readouterr().out.startswith(f"Usage: python -m {room} {command} ")


@pytest.mark.parametrize("name", READMES)
def test_every_curl_of_the_readme_is_answered_as_it_is_printed(service, name):
    curls = [command for command in commands(name) if command.startswith("curl")]
    assert curls

    for command in curls:
        arguments = shlex.split(command.replace("127.0.0.1:3000", f"127.0.0.1:{service.port}"))
        done = subprocess.run(
            [*arguments, "--silent", "--show-error"], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert ("decision_id" in answer or "decisions" in answer) != ('"a lot"' in command)


def test_the_answer_in_the_readme_has_the_shape_of_a_real_one(service):
    (shown,) = [json.loads(block) for block in blocks("README.md", "json")]
    real = service.client.post(
        "/predict", json=json.loads((ROOT / "docs/examples/predict_40.json").read_text())
    ).json()

    assert list(shown) == list(real)
    assert {key: type(value) for key, value in shown.items()} == {
        key: type(value) for key, value in real.items()
    }


def test_every_link_to_a_file_leads_somewhere():
    for name in [
        *READMES,
        "docs/api.md",
        "docs/architecture.md",
        "docs/deploy.md",
        "docs/configuration.md",
        "docs/dashboard.md",
    ]:
        for target in re.findall(r"\]\((?!http|#)([^)]+)\)", (ROOT / name).read_text()):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"

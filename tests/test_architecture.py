"""The house stands as docs/architecture.md draws it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "credit": 0,
    "features": 1,
    "runners": 2,
    "records": 2,
    "monitoring": 2,
    "training": 3,
    "conversion": 4,
    "settings": 5,
    "keys": 4,
    "logs": 5,
    "doors": 4,
    "api": 6,
    "dashboard": 6,
    "deploy": 6,
    "profiling": 6,
    "load_tests": 6,
    "service": 7,
}
PURE = {
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "json",
    "math",
    "numpy",
    "typing",
    "credit",
}
SHELLS = {"__main__.py", "variants"}
"""What may use any floor: doors, and the service with a part replaced, measured and never shipped."""
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


def sources() -> list[Path]:
    rooms = [ROOT / room for room in FLOORS]
    files = [path for room in rooms if room.is_dir() for path in room.rglob("*.py")]
    return sorted([*files, *(room.with_suffix(".py") for room in rooms if room.with_suffix(".py").is_file())])


def imported(path: Path) -> set[str]:
    """Full names of the modules that *path* imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def forbidden(room: str, names: set[str]) -> set[str]:
    """The rooms among *names* that *room* may not import: on its own floor, or above."""
    rooms = {name.partition(".")[0] for name in names} & FLOORS.keys()
    return {other for other in rooms if other != room and FLOORS[other] >= FLOORS[room]}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    if not SHELLS & set(path.parts):
        assert forbidden(room_of(path), imported(path)) == set()


def test_an_import_upwards_or_across_would_be_noticed():
    assert forbidden("records", {"monitoring.profiles", "credit.errors"}) == {"monitoring"}
    assert forbidden("credit", {"features.schema"}) == {"features"}
    assert forbidden("features", {"settings"}) == {"settings"}
    assert forbidden("api", {"settings", "records.journal", "api.desk"}) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "credit").glob("*.py")), ids=lambda path: path.name)
def test_the_lenders_rules_touch_nothing_outside(path):
    assert {name.partition(".")[0] for name in imported(path)} <= PURE
    names = {node.func.id for node in ast.walk(ast.parse(path.read_text())) if _calls_a_name(node)}
    assert names & IMPURE_CALLS == set()


def _calls_a_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_the_environment_is_read_in_one_place():
    readers = {path.name for path in sources() if {"environ", "getenv"} & _attributes(path)}

    # These tell a library something in the only way it listens to, before it is loaded.
    telling = {"sketch.py", "parameters.py", "mlflow_store.py", "spark.py", "second_opinion.py"}
    assert readers <= {"settings.py"} | telling
    assert "settings.py" in readers


def _attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


def test_every_room_is_on_a_floor():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages <= FLOORS.keys()


def reached(start: Path) -> set[str]:
    """The project's files that *start* needs: what it imports, and the rooms it runs with `-m`."""
    waiting, seen = [start], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        names = imported(path) | ({"records.__main__"} if path.name == "supervisor.py" else set())
        waiting += [file for name in names for file in _files_of(name)]
    return {str(path.relative_to(ROOT)) for path in seen}


def _files_of(name: str) -> list[Path]:
    """The files that importing module *name* reads: its own and its packages'."""
    parts = name.split(".")
    if parts[0] not in FLOORS:
        return []
    packages = [ROOT.joinpath(*parts[:i], "__init__.py") for i in range(1, len(parts) + 1)]
    module = ROOT.joinpath(*parts).with_suffix(".py")
    return [path for path in [*packages, module] if path.is_file()]


def test_no_file_of_another_folder_is_shipped_for_its_name():
    import yaml

    included = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["include"]

    assert "/service.py" in included
    assert [pattern for pattern in included if "/" not in pattern] == []


def test_the_bento_ships_exactly_what_the_service_reaches(made, tmp_path):
    import subprocess
    import sys

    import yaml

    done = subprocess.run(
        [str(Path(sys.executable).with_name("bentoml")), "build", "--output", "tag"],
        cwd=ROOT,
        env=made.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    name, version = done.stdout.strip().removeprefix("__tag__:").split(":")
    bento = made.folder / "bentoml" / "bentos" / name / version

    shipped = {str(path.relative_to(bento / "src")) for path in (bento / "src").rglob("*.py")}
    assert shipped == reached(ROOT / "service.py")
    assert (bento / "src" / "api" / "static" / "swagger-ui-bundle.js").is_file()
    manifest = yaml.safe_load((bento / "bento.yaml").read_text())
    assert [model["tag"].partition(":")[0] for model in manifest["models"]] == ["octroi-credit"]
    requirements = (bento / "env" / "python" / "requirements.txt").read_text()
    assert "--hash=sha256:" in requirements
    assert "lightgbm" not in requirements


def test_the_process_that_starts_the_workers_loads_nothing_of_what_decides(made):
    import subprocess
    import sys

    heavy = {"api.office", "api.entrance", "numpy", "onnxruntime", "sqlalchemy"}
    asked = f"import sys, service; print(*sorted({heavy} & set(sys.modules)))"
    opened = f"{asked}; import api.office; print(*sorted({heavy} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", opened], cwd=ROOT, env=made.environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    starter, worker = done.stdout.split("\n")[:2]
    assert starter == ""
    assert worker.split() == sorted(heavy - {"api.entrance"})

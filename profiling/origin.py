"""Which code, in which versions, a measurement is of."""

import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("bentoml", "onnxruntime", "onnxmltools", "lightgbm", "numpy", "pandas", "fastapi", "uvicorn")
ROOT = Path(__file__).parent.parent
"""The folder of the project."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of the project and what it stands on."""

    commit: str
    """With a + when files were changed since; empty outside a repository."""
    python: str
    versions: dict[str, str]

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"Commit {self.commit or 'unknown'}, Python {self.python}, {packages}."


def this_origin() -> Origin:
    """Of the code that runs here."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    # What a measurement writes is no change of the code it measures.
    changed = commit and _git("status", "--porcelain", "--", ".", ":!docs")
    versions = {name: version(name) for name in _PACKAGES}
    return Origin(commit + ("+" if changed else ""), platform.python_version(), versions)


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # all ours
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607  # whichever git there is
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()

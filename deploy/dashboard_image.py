"""The image of the dashboard: its packages, the rooms it needs, and the model of the service's image."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.base_image import base_reference
from deploy.engine import Engine
from deploy.image import LATEST, labels_of
from deploy.process import ROOT, run

DASHBOARD = "octroi-dashboard:latest"
"""What deploy/compose.yml runs."""
_ROOMS = ("credit", "features", "runners", "records", "monitoring", "dashboard")
_FILES = ("settings.py", "keys.py", "doors.py", "logs.py")
_OWN = ROOT / "deploy" / "dashboard.Dockerfile"


def build_dashboard(engine: Engine) -> str:
    """Build the image beside the newest image of the service, whose labels it bears; its name."""
    labels = labels_of(engine, LATEST)
    with TemporaryDirectory() as name:
        context = Path(name)
        _fill(context)
        engine.run(
            *("build", "--file", str(_OWN), "--tag", DASHBOARD),
            *("--build-arg", f"BASE={base_reference()}", "--build-arg", f"SERVICE={LATEST}"),
            *(word for option in engine.build_options() for word in _said(option)),
            *(word for label, value in labels.items() for word in ("--label", f"{label}={value}")),
            str(context),
        )
    return DASHBOARD


def _fill(context: Path) -> None:
    """Copy what the image is made of, as git has it; what else lies in the folders stays there."""
    shutil.copy(ROOT / "requirements" / "dashboard.txt", context / "requirements.txt")
    for file in run(["git", "ls-files", *_ROOMS, *_FILES]).splitlines():
        target = context / "rooms" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, target)


def _said(option: str) -> tuple[str, str]:
    """
    >>> _said("volume=/a:/a:ro")
    ('--volume', '/a:/a:ro')
    """
    name, _, value = option.partition("=")
    return f"--{name}", value

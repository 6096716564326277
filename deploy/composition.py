"""deploy/compose.yml, run for real: what is decided is in PostgreSQL, also after a restart."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.dashboard_image import build_dashboard
from deploy.debian_image import ensure_image
from deploy.engine import Engine
from deploy.image import LATEST
from deploy.process import ROOT, CommandFailed, run, with_environment
from deploy.proof import ProofFailed, Say, require
from deploy.registry import free_port
from deploy.secrets import make_secrets

_OFFICIAL = "docker.io/library/postgres:16-bookworm"
_OWN = "localhost/postgres-of-debian:15"
_PROJECT = "octroi-proof"
_BODY = (ROOT / "docs" / "examples" / "predict_40.json").read_bytes()
_COMPOSE = str(Path(sys.executable).with_name("docker-compose"))
_PATIENCE_S = 60


@dataclass(frozen=True)
class Composition:
    """The services of deploy/compose.yml, with secrets and a port of their own."""

    folder: Path
    environment: dict[str, str]
    port: int
    dashboard_port: int
    key: str

    def compose(self, *arguments: str) -> str:
        """What `docker compose` answers."""
        command = [_COMPOSE, "--project-name", _PROJECT, "--file", str(self.folder / "compose.yml")]
        return run([*command, *arguments], self.environment)

    def up(self) -> None:
        """Start all services, and wait until they are healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "120")

    def decide(self) -> None:
        """One decision, over HTTP."""
        headers = {"content-type": "application/json", "x-api-key": self.key}
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/predict", content=_BODY, headers=headers, timeout=30
        )
        require(answer.status_code == httpx.codes.OK, f"/predict answers 200; it answered {answer.text}")

    def shown(self) -> str:
        """What the dashboard says of its health."""
        answer = httpx.get(f"http://127.0.0.1:{self.dashboard_port}/_stcore/health", timeout=30)
        return answer.text

    def recorded(self) -> int:
        """How many decisions are in PostgreSQL, by its own word."""
        return int(
            self.compose(
                *("exec", "-T", "database", "psql", "--username=octroi", "--dbname=octroi"),
                *("--tuples-only", "--no-align", "--command=select count(*) from predictions"),
            )
        )

    def counted(self) -> int:
        """How many the service's own command counts."""
        stats = self.compose(
            *("exec", "-T", "--workdir", "/opt/bento/src", "octroi"),
            *("python", "-m", "records", "stats", "--json"),
        )
        return int(json.loads(stats)["decisions"])


def prove_composition(engine: Engine, folder: Path, say: Say) -> None:
    """Run the composition with the newest image in *engine*; *folder* takes its secrets."""
    postgres, how = _ensure_postgres(engine)
    say(f"PostgreSQL's image: {how}")
    dashboard = build_dashboard(engine)
    say(f"the dashboard's image: {dashboard}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "compose.yml", folder)
    port, dashboard_port = free_port(), free_port()
    key = make_secrets(folder / "secrets")
    with _api(engine, folder) as api:
        environment = {
            **api,
            "OCTROI_IMAGE": LATEST,
            "OCTROI_DASHBOARD_IMAGE": dashboard,
            "POSTGRES_IMAGE": postgres,
            "OCTROI_PUBLISHED_PORT": str(port),
            "OCTROI_DASHBOARD_PORT": str(dashboard_port),
            "COMPOSE_PROFILES": "dashboard",
        }
        composition = Composition(folder, environment, port, dashboard_port, key)
        try:
            _prove(composition, say)
        finally:
            composition.compose("down", "--volumes", "--timeout", "30")


def _prove(composition: Composition, say: Say) -> None:
    composition.up()
    require(composition.shown() == "ok", "the dashboard can be reached")
    say("all three services are healthy")
    composition.decide()
    _wait(composition, 1)
    require(composition.counted() == 1, "the service's own command counts it too")
    say("a decision is in PostgreSQL")
    composition.compose("down", "--timeout", "30")
    composition.up()
    composition.decide()
    _wait(composition, 2)
    say("after down and up both decisions are there: the volumes hold")


def _wait(composition: Composition, decisions: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    found = None
    while found != decisions:
        if time.monotonic() > deadline:
            raise ProofFailed(f"PostgreSQL holds {found} decisions, not {decisions}")
        # The archivist makes the tables in its first seconds; until then PostgreSQL refuses the question.
        with suppress(CommandFailed):
            found = composition.recorded()
        time.sleep(0.5)


def _ensure_postgres(engine: Engine) -> tuple[str, str]:
    if engine.attempt("pull", "--quiet", _OFFICIAL).returncode == 0:
        return _OFFICIAL, f"{_OFFICIAL}, pulled"
    entrypoint = ROOT / "deploy" / "postgres_entrypoint.sh"
    how = ensure_image(
        engine,
        _OWN,
        ("postgresql-15",),
        f'install --mode=755 {entrypoint} "$1"/entrypoint',
        (
            'ENTRYPOINT ["/entrypoint"]',
            "ENV PGDATA=/var/lib/postgresql/data",
            "ENV PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin",
        ),
    )
    return _OWN, f"PostgreSQL 15, {how}"


@contextmanager
def _api(engine: Engine, folder: Path) -> Iterator[dict[str, str]]:
    """Where `docker compose` finds the engine: Docker's daemon, or Podman speaking like it."""
    if engine.name == "docker":
        yield {}
        return
    socket = folder / "engine.sock"
    with (folder / "engine.log").open("wb") as log:
        service = subprocess.Popen(  # noqa: S603
            with_environment(
                ["podman", "system", "service", "--time=0", f"unix://{socket}"], engine.environment
            ),
            stdout=log,
            stderr=log,
        )
    stopping = threading.Event()
    looking = threading.Thread(target=_look_after_health, args=(engine, stopping))
    looking.start()
    try:
        yield {"DOCKER_HOST": f"unix://{socket}"}
    finally:
        stopping.set()
        looking.join()
        service.terminate()
        service.wait()


def _look_after_health(engine: Engine, stopping: threading.Event) -> None:
    """Podman leaves the clock of its health checks to systemd; where there is none, this is the clock."""
    if Path("/run/systemd/system").is_dir():
        return
    while not stopping.wait(1):
        label = f"label=com.docker.compose.project={_PROJECT}"
        for container in engine.attempt("ps", "--quiet", f"--filter={label}").stdout.split():
            engine.attempt("healthcheck", "run", container)

"""A container of the image, run as it is meant to be run: with nothing it does not need."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass

import httpx

from deploy.engine import Engine
from deploy.process import CommandFailed
from deploy.registry import free_port

HARDENED = (
    "--read-only",
    "--tmpfs=/tmp:rw,nosuid,nodev,size=64m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=1g",
    "--pids-limit=256",
)
"""How docs/deploy.md, the composition and Kubernetes run it."""
DATA = "/var/lib/octroi"
_PATIENCE_S = 60


@dataclass(frozen=True)
class Container:
    """A running container that answers on a port of loopback."""

    engine: Engine
    id: str
    client: httpx.Client
    ready_s: float
    """From the start of the container until /readyz answered 200."""

    @classmethod
    def start(
        cls,
        engine: Engine,
        reference: str,
        volume: str,
        environment: dict[str, str],
        *options: str,
        inner_port: int = 3000,
    ) -> "Container":
        """Run *reference* hardened, its records in *volume*, and wait until it is ready."""
        port = free_port()
        started = time.monotonic()
        identity = engine.run(
            *("run", "--detach", *HARDENED, *options),
            *(f"--env={name}={value}" for name, value in environment.items()),
            *(f"--volume={volume}:{DATA}", f"--publish=127.0.0.1:{port}:{inner_port}", reference),
        )
        key = {"x-api-key": environment["API_KEY"]}
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=30)
        while time.monotonic() < started + _PATIENCE_S:
            with suppress(httpx.TransportError):
                if client.get("/readyz").status_code == httpx.codes.OK:
                    return cls(engine, identity, client, time.monotonic() - started)
            if engine.run("inspect", "--format", "{{.State.Running}}", identity) != "true":
                break
            time.sleep(0.05)
        raise CommandFailed(f"the container is not ready: {_log(engine, identity)}")

    @property
    def port(self) -> int:
        """On loopback."""
        return int(self.client.base_url.port or 0)

    def inspect(self, template: str) -> str:
        return self.engine.run("inspect", "--format", template, self.id)

    def run(self, *command: str) -> str:
        """What *command* writes inside the container."""
        return self.engine.run("exec", "--workdir=/opt/bento/src", self.id, *command)

    def refuses(self, *command: str) -> bool:
        """Whether *command* fails inside the container."""
        return self.engine.attempt("exec", self.id, *command).returncode != 0

    def recorded(self) -> dict[str, float]:
        """The probability that is in the database, by decision."""
        self.run("python", "-m", "records", "export", "--out", "/tmp/decisions.csv")  # noqa: S108
        rows = self.run("cat", "/tmp/decisions.csv").splitlines()  # noqa: S108
        names = rows[0].split(",")
        decision, probability = names.index("decision_id"), names.index("probability_default")
        cells = [row.split(",") for row in rows[1:]]
        return {row[decision]: float(row[probability]) for row in cells}

    def counted(self) -> int:
        """How many decisions `records stats` counts."""
        return int(json.loads(self.run("python", "-m", "records", "stats", "--json"))["decisions"])

    def kill(self) -> None:
        """kill -9 of everything in it."""
        self.engine.run("kill", "--signal=KILL", self.id)
        self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return int(self.engine.run("wait", self.id))

    def remove(self) -> None:
        """Nothing is left of it but the volume."""
        self.client.close()
        self.engine.run("rm", "--force", self.id)


def _log(engine: Engine, identity: str) -> str:
    shown = engine.attempt("logs", identity)
    return f"{shown.stdout}\n{shown.stderr}".strip()

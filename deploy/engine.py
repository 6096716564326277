"""What builds, moves and runs images: Docker or Podman, whichever answers."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from deploy.process import CommandFailed, attempt, run


class Engine(Protocol):
    """A container engine, with its images and containers."""

    @property
    def name(self) -> str:
        """Of its command."""

    @property
    def environment(self) -> dict[str, str]:
        """What its command needs beside the environment of this process."""

    def run(self, *arguments: str) -> str:
        """What the command of the engine answers; `CommandFailed` when it does not."""

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """How the command of the engine ended."""

    def build_options(self) -> list[str]:
        """What `bentoml containerize --opt` is given for this engine."""

    def push(self, reference: str) -> str:
        """Send an image to the registry in its *reference*; the digest there."""

    def pull(self, reference: str) -> None:
        """Fetch an image from the registry in its *reference*."""

    def emptied(self, folder: Path) -> "Engine":
        """This engine with no image of ours; a store of its own may lie in *folder*."""


@dataclass(frozen=True)
class Podman:
    """Podman, which needs no daemon. Its images lie where *environment* says."""

    environment: dict[str, str] = field(default_factory=dict)
    name: str = "podman"

    @classmethod
    def storing_in(cls, folder: Path) -> "Podman":
        """Podman with a store of its own, which leaves the user's alone."""
        folder.mkdir(parents=True, exist_ok=True)
        storage = folder / "storage.conf"
        storage.write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/images"\nrunroot = "{folder}/run"\n'
        )
        limits = folder / "containers.conf"
        # Podman raises these limits by itself, which not every machine lets it.
        limits.write_text('[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n')
        return cls(
            {
                "CONTAINERS_STORAGE_CONF": str(storage),
                "CONTAINERS_CONF": str(limits),
                # A store that nobody builds in again needs no layer for each line.
                "BUILDAH_LAYERS": "false",
            }
        )

    def run(self, *arguments: str) -> str:
        return run([self.name, *arguments], self.environment)

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return attempt([self.name, *arguments], self.environment)

    def build_options(self) -> list[str]:
        """The machine's own certificates are lent to the build, and do not stay in the image."""
        certificates = Path("/etc/ssl/certs/ca-certificates.crt")
        return [f"volume={certificates}:{certificates}:ro"] if certificates.is_file() else []

    def push(self, reference: str) -> str:
        with NamedTemporaryFile("r") as digest:
            self.run("push", *_plain_http(reference), "--digestfile", digest.name, reference)
            return digest.read().strip()

    def pull(self, reference: str) -> None:
        self.run("pull", "--quiet", *_plain_http(reference), reference)

    def emptied(self, folder: Path) -> "Podman":
        return self.storing_in(folder)


@dataclass(frozen=True)
class Docker:
    """Docker, through its daemon."""

    environment: dict[str, str] = field(default_factory=dict)
    name: str = "docker"

    def run(self, *arguments: str) -> str:
        return run([self.name, *arguments], self.environment)

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return attempt([self.name, *arguments], self.environment)

    def build_options(self) -> list[str]:
        return []

    def push(self, reference: str) -> str:
        self.run("push", reference)
        repository = reference.rpartition(":")[0]
        digests: list[str] = json.loads(
            self.run("image", "inspect", "--format", "{{json .RepoDigests}}", reference)
        )
        return next(digest.partition("@")[2] for digest in digests if digest.startswith(f"{repository}@"))

    def pull(self, reference: str) -> None:
        self.run("pull", "--quiet", reference)

    def emptied(self, folder: Path) -> "Docker":  # noqa: ARG002  # its daemon has one store
        for reference in self.run("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines():
            if "octroi" in reference:
                self.run("rmi", "--force", reference)
        return self


def find_engine(store: Path | None = None) -> Engine:
    """The engine that answers; Podman keeps its images in *store*, if that is given."""
    if _answers("docker", "info"):
        return Docker()
    if shutil.which("podman"):
        return Podman.storing_in(store) if store else Podman()
    raise CommandFailed(
        "no container engine answers: start Docker's daemon, or install Podman (apt-get install podman)"
    )


def loopback(reference: str) -> bool:
    """Whether *reference* names a registry of this machine, which may speak plain HTTP."""
    return reference.partition("/")[0].rpartition(":")[0] in {"127.0.0.1", "localhost"}


def _plain_http(reference: str) -> Sequence[str]:
    return ["--tls-verify=false"] if loopback(reference) else []


def _answers(*command: str) -> bool:
    return bool(shutil.which(command[0])) and attempt(command).returncode == 0

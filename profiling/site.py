"""Where the product and its peers are served side by side, for measurements."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from profiling.origin import ROOT
from profiling.running import Server, serving

PRODUCT, USUAL, ONNX, PLAIN = "Octroi", "FastAPI, pandas, LightGBM", "FastAPI, ONNX Runtime", "BentoML, plain"
CONSTANT = "a constant, by a bare ASGI server"
"""No peer, but the limit: it reads a body and answers the same to all."""


@dataclass(frozen=True)
class Site:
    """Where the peers run: the bundle they read, a folder for what the product writes, the environment."""

    bundle: Path
    data: Path
    environment: Mapping[str, str]

    def octroi(
        self, workers: int = 1, service: str = "service:CreditScoring", more: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Server]:
        """The product as it is served, or as a *service* like it; its records in a folder of its own.

        *more*: what its environment says beside what it says here.
        """
        data = self._new(f"octroi-{workers}")
        data.mkdir()
        told = {
            "OCTROI_MODEL": str(self.bundle),
            "OCTROI_DATA": str(data),
            "DATABASE_URL": f"sqlite:///{data / 'octroi.db'}",
            "OCTROI_WORKERS": str(workers),
        }
        # The shell's folder: relative paths of settings are of it.
        environment = {**self.environment, **told, "PWD": str(ROOT), "OCTROI_DRAIN_S": "0", **(more or {})}
        command = [*_bentoml(service), "--working-dir", str(ROOT)]
        return serving(command, ROOT, environment, "/readyz", data / "server.log")

    def peer(self, name: str) -> AbstractContextManager[Server]:
        """One of the peers, in the folder of the bundle."""
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        command, ready = PEERS[name]
        return serving(command, self.bundle, environment, ready, self._new("peer", ".log"))

    def _new(self, name: str, ending: str = "") -> Path:
        """A path that nothing has yet."""
        return self.data / f"{name}-{len(list(self.data.iterdir()))}{ending}"


def _bentoml(service: str) -> list[str]:
    return [str(Path(sys.executable).with_name("bentoml")), "serve", service, "--port", "PORT"]


def _uvicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "uvicorn", application, "--port", "PORT", "--no-access-log"]


PEERS = {
    USUAL: (_uvicorn("profiling.peers.usual:app"), "/openapi.json"),
    ONNX: (_uvicorn("profiling.peers.onnx_fastapi:app"), "/openapi.json"),
    PLAIN: (_bentoml("profiling.peers.plain_bentoml:Plain"), "/readyz"),
    CONSTANT: (_uvicorn("profiling.peers.constant:app"), "/"),
}

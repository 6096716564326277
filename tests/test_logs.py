"""A log that cannot be written loses lines, and says how many once it can be written again."""

import errno
import io
import json
import sys

from logs import LineWriter


class FullDisk(io.StringIO):
    """Takes nothing."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_lines_that_found_a_full_disk_are_counted_and_later_ones_are_written(monkeypatch):
    writer = LineWriter()
    monkeypatch.setattr(sys, "stderr", FullDisk())
    writer.msg("lost")
    writer.msg("lost, too")
    writer.flush()
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)

    writer.msg("kept")
    writer.flush()

    said = json.dumps({"event": "log_lines_dropped", "level": "warning", "lines": 2}, separators=(",", ":"))
    # Its own thread may have written one before the other.
    assert sorted(written.getvalue().splitlines()) == ["kept", said]

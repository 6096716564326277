"""The worker's journal: what is appended is on the disk when `append` returns."""

import errno
import fcntl
import os
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from credit.errors import JournalUnavailable
from records.durable import sync_folder
from records.frame import pack
from records.record import Anomaly, DecisionRecord, ErrorReport, SegmentHeader

JOURNAL_FORMAT = 2
SUFFIX = ".journal"
OPENING = ".opening"
HEADER_EVERY = 8 << 20
"""A segment begins with two copies of its header, and has another every so many bytes."""

_ROTATE = "rotate"
_DURABLE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_DSYNC
"""Each write is on the disk when it returns: one call, where `fdatasync` would be another."""


def ask_to_rotate(folder: Path) -> None:
    """Ask whoever writes in *folder* to begin a new segment; those with a decision in them may then go."""
    folder.mkdir(parents=True, exist_ok=True)
    now_ns = time.time_ns()
    path = folder / _ROTATE
    path.touch(mode=0o600)
    # The system's own time of a file is some milliseconds late.
    os.utime(path, ns=(now_ns, now_ns))


class Journal:
    """Appends frames to segments of its own; a segment that failed once is never written again.

    One frame holds the decisions of one request. Safe to call from several threads.
    """

    def __init__(self, folder: Path, header: SegmentHeader, max_bytes: int = 64 << 20) -> None:
        self.folder = folder
        self._header = pack(msgspec.json.encode(header))
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._path = folder
        self._file: os.stat_result | None = None
        self._size = self._headed = 0
        self._opened_ns = 0
        self._closed = False

    def append(self, requests: Iterable[Sequence[DecisionRecord]]) -> None:
        """Make the decisions of *requests* durable; `JournalUnavailable` when that fails."""
        self._append(b"".join(pack(msgspec.json.encode(records)) for records in requests))

    def _append(self, data: bytes) -> None:
        with self._lock:
            self._ensure_open()
            if self._size - self._headed >= HEADER_EVERY:
                self._headed = self._size
                data = self._header + data
            try:
                self._write(data)
            except OSError as error:
                self._abandon()
                raise JournalUnavailable(
                    f"the journal in {self.folder} cannot be written: {error.strerror}"
                ) from error
            if self._size > self._max_bytes:
                self._abandon()

    def report(self, anomalies: Sequence[Anomaly]) -> None:
        """Keep what was refused or failed; `JournalUnavailable` when that fails."""
        named = tuple(
            msgspec.structs.replace(anomaly, key=anomaly.key or uuid.uuid4().hex) for anomaly in anomalies
        )
        self._append(pack(msgspec.json.encode(ErrorReport(anomalies=named))))

    def rotate(self) -> None:
        """Leave the segment to the archivist; the next decision opens another."""
        with self._lock:
            self._abandon()

    def rotate_if_asked(self) -> None:
        """Leave the segment to the archivist if `ask_to_rotate` came after it was opened."""
        try:
            asked_ns = (self.folder / _ROTATE).stat().st_mtime_ns
        except OSError:
            return  # nobody asked, or there is no folder: writing will say so
        with self._lock:
            if self._opened_ns <= asked_ns:
                self._abandon()

    def close(self) -> None:
        """Leave the segment to the archivist."""
        with self._lock:
            self._closed = True
            self._abandon()

    def check(self) -> None:
        """Raise `JournalUnavailable` while nothing can be written: after a failure it tries anew."""
        with self._lock:
            self._ensure_open()

    def _ensure_open(self) -> None:
        if self._closed:
            raise JournalUnavailable("the service is stopping")
        if self._descriptor is None:
            self._open()

    def _open(self) -> None:
        """Start a segment. It gets its name only when locked and headed, so no reader sees it before."""
        name = f"{time.time_ns() // 1000:017d}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        opening = self.folder / (name + OPENING)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(opening, _DURABLE, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self._file = os.fstat(self._descriptor)
            self._size = self._headed = 0
            self._opened_ns = time.time_ns()
            self._path = opening
            self._write(2 * self._header)
            self._path = opening.rename(self.folder / (name + SUFFIX))
            sync_folder(self.folder)
        except OSError as error:
            self._abandon()
            with suppress(OSError):
                opening.unlink()
            raise JournalUnavailable(
                f"the journal in {self.folder} cannot be opened: {error.strerror}"
            ) from error

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None
        assert self._file is not None
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._size += len(data)
        # A file that was moved or removed still takes writes, and nobody would ever read them.
        if not os.path.samestat(self._file, self._path.stat()):
            raise FileNotFoundError(errno.ENOENT, "its file was replaced")

    def _abandon(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

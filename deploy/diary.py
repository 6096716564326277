"""What a proof saw, step by step, and how long each step took."""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_HEAD = """# What a running image needs

Written by `make prove-container REPORT=`: every line was seen on a machine with {cores} cores
({system}), with {engine}, starting from nothing.

| seconds | what was seen |
|---:|---|
"""


@dataclass
class Diary:
    """Sentences, each with the seconds since the one before; *tell* is given each line as it comes."""

    tell: Callable[[str], None]
    entries: list[tuple[float, str]] = field(default_factory=list)
    _last: float = field(default_factory=time.monotonic)

    def say(self, sentence: str) -> None:
        """Note *sentence*, now."""
        now = time.monotonic()
        self.entries.append((now - self._last, sentence))
        self._last = now
        self.tell(f"{self.entries[-1][0]:6.1f} s  {sentence}")

    def close(self) -> None:
        """Tell that all of it held."""
        self.tell(f"{self.total_s:6.1f} s  proved")

    @property
    def total_s(self) -> float:
        return sum(seconds for seconds, _ in self.entries)

    def page(self, engine: str) -> str:
        """The diary as a page of Markdown."""
        head = _HEAD.format(
            cores=os.cpu_count(), system=f"{platform.system()} {platform.machine()}", engine=engine
        )
        rows = [f"| {seconds:.1f} | {sentence} |\n" for seconds, sentence in self.entries]
        return head + "".join(rows) + f"| **{self.total_s:.1f}** | **in all** |\n"

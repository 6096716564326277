"""What a measurement was taken on."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Processors and memory, and how busy the machine was before the measurement."""

    cores: int
    processor: str
    memory_bytes: int
    load: float
    """Processes that wanted a core in the last minute, on average."""

    @property
    def sentence(self) -> str:
        """All but its memory, in one line."""
        return f"{self.cores} cores of {self.processor}, load before the measurement {self.load:.1f}."


def this_machine() -> Machine:
    """The machine this runs on, as it is now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(len(os.sched_getaffinity(0)), _processor(), memory, os.getloadavg()[0])


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"

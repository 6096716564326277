"""All that was measured of the service in one run, and what it must reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiling.machine import Machine
from profiling.measured import Measured
from profiling.origin import Origin
from profiling.overload import Overload
from profiling.parts import Parts
from profiling.site import CONSTANT, ONNX, PLAIN, PRODUCT, USUAL
from profiling.target import Target
from profiling.worker_bench import APART, ONE, TWO


@dataclass(frozen=True, slots=True)
class Generator:
    """What made the load, which must not be what limits it."""

    most: float
    """Requests a second that it made of a server that does nothing."""
    product: float
    """And of the product."""
    cores: float
    """That it kept busy meanwhile."""

    @property
    def is_quick_enough(self) -> bool:
        """Whether it could have asked half as much again, and was idle for some of the time."""
        return self.most >= 1.5 * self.product and self.cores < 0.8

    @property
    def sentence(self) -> str:
        """What it reached, and what that means."""
        found = (
            f"The clients made {self.most:,.0f} requests/s of a server that answers a constant, against "
            f"{self.product:,.0f} of Octroi, for which they kept {self.cores:.2f} of a core busy"
        )
        if self.is_quick_enough:
            return f"{found}: they are not what limits it."
        return f"{found}: **they may be what limits it.**"


@dataclass(frozen=True)
class ServingBench:
    """All that was measured of the service, in one run."""

    machine: Machine
    origin: Origin
    seed: int
    bodies: int
    features: int
    nulls: float
    trees: int
    with_wrk: bool
    peers: Sequence[Measured]
    """The product, its peers, and the server of a constant."""
    variants: Sequence[Measured]
    parts: Sequence[Parts]
    workers: Sequence[Measured]
    """The product with one worker and with two, and two that share nothing, loaded in turn."""
    overload: Overload

    def of(self, name: str) -> Measured:
        return next(one for one in self.peers if one.name == name)

    @property
    def generator(self) -> Generator:
        """Whether the clients were quick enough."""
        return Generator(
            most=self.of(CONSTANT).busy.per_second,
            product=self.of(PRODUCT).busy.per_second,
            cores=self.of(PRODUCT).busy.client_cores,
        )

    @property
    def apart(self) -> str:
        """What of a second worker's cost is the machine's, in a sentence."""
        times = self._of_workers(APART) / self._of_workers(ONE)
        return (
            "Two services of one worker that share nothing but the machine, each with half of the clients, "
            f"spend {times:.2f} times what one alone spends on a request."
        )

    def _of_workers(self, name: str) -> float:
        return next(one.cpu_us for one in self.workers if one.name == name)

    def targets(self) -> list[Target]:
        """What it must reach."""
        ours, usual = self.of(PRODUCT), self.of(USUAL)
        rate = ours.busy.per_second
        two_workers = self._of_workers(TWO) / self._of_workers(ONE)
        alone = ours.alone.p50_ms / usual.alone.p50_ms
        return [
            Target.at_least(f"requests/s, times those of {USUAL}", rate / usual.busy.per_second, 12),
            Target.at_least(f"requests/s, times those of {PLAIN}", rate / self.of(PLAIN).busy.per_second, 5),
            Target.at_least(f"requests/s, times those of {ONNX}", rate / self.of(ONNX).busy.per_second, 1.3),
            Target.at_most(f"p99, share of that of {USUAL}", ours.busy.p99_ms / usual.busy.p99_ms, 1 / 8),
            Target.at_most(f"p50 alone, share of that of {USUAL}", alone, 1 / 3),
            Target.at_most("processor time for each request, µs", ours.cpu_us, 200),
            Target.at_most("the same with two workers, times that of one", two_workers, 1.15),
            Target.at_least("3 times the clients: share of the peak", self.overload.crowded_share, 0.8),
            Target.at_least("1.5 times the peak rate: share of the peak", self.overload.flooded_share, 0.7),
            Target.at_least("in the 2 s after it: share of the peak", self.overload.recovered_share, 0.9),
        ]

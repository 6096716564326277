"""Whether a run kept to its limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from load_tests.locust_run import Counted, latency_ms
from load_tests.outcome import Check, Table
from load_tests.place import WORKERS
from load_tests.profile import Profile
from load_tests.reckoning import Reckoning
from load_tests.vitals import Trend

_MB = 1 << 20
_TOO_SHORT = "too short to tell"


@dataclass(frozen=True)
class Run:
    """All that is known of one run."""

    profile: Profile
    seconds: int
    counted: Sequence[Counted]
    reckoning: Reckoning
    trends: Sequence[Trend]
    workers: int
    """Processes that answered, at one time or another."""

    @property
    def requests(self) -> int:
        return sum(one.num_requests for one in self.counted)

    @property
    def failures(self) -> int:
        return sum(one.num_failures for one in self.counted)

    @property
    def meaning(self) -> str:
        profile = self.profile
        return (
            f"{profile.meaning.capitalize()}: {profile.rate:g} requests a second for {self.seconds} s, "
            f"by {profile.clients} clients"
        )

    def checks(self) -> Iterator[Check]:
        """Everything that must hold of it, in order of weight."""
        yield from self._answers()
        yield from self._records()
        yield from self._speed()
        yield Check("workers, none of which ended", f"{self.workers}", self.workers == WORKERS)
        yield from self._vitals()

    def tables(self) -> Iterator[Table]:
        """Latencies of each kind of request; memory and file descriptors of each process."""
        kinds = [
            (
                one.name,
                f"{one.num_requests:,}",
                f"{one.num_failures:,}",
                *(f"{latency_ms([one], share):g} ms" for share in (0.5, 0.95, 0.99)),
            )
            for one in self.counted
        ]
        yield Table("Requests", ("Kind", "requests", "failures", "p50", "p95", "p99"), kinds)
        processes = [
            (
                one.process,
                f"{one.memory_bytes / _MB:.0f} MB",
                f"{one.memory_an_hour / _MB:+.1f} MB" if one.is_telling else _TOO_SHORT,
                f"{one.descriptors:.0f}",
                f"{one.descriptors_an_hour:+.1f}" if one.is_telling else _TOO_SHORT,
            )
            for one in self.trends
        ]
        columns = ("Process", "memory", "an hour", "file descriptors", "an hour")
        yield Table("Processes", columns, processes)

    def _answers(self) -> Iterator[Check]:
        limits, share = self.profile.limits, self.failures / max(1, self.requests)
        yield Check(
            f"answered otherwise than expected: at most {limits.errors:.1%}",
            f"{self.failures:,} of {self.requests:,}",
            self.requests > 0 and share <= limits.errors,
        )

    def _records(self) -> Iterator[Check]:
        found = self.reckoning
        yield Check(
            "the database holds exactly the answered decisions",
            f"{found.answered:,} answered; {found.missing:,} missing, {found.unasked:,} that nobody was "
            f"answered, {found.different:,} with another probability",
            found.holds,
        )

    def _speed(self) -> Iterator[Check]:
        limits, planned = self.profile.limits, self.profile.planned(self.seconds)
        p99, good = latency_ms(self.counted, 0.99), (self.requests - self.failures) / planned
        yield Check(f"p99 of all requests: at most {limits.p99_ms:g} ms", f"{p99:g} ms", p99 <= limits.p99_ms)
        yield Check(
            f"answered as expected, of {self.profile.rate:g} planned a second: at least {limits.goodput:.0%}",
            f"{good:.1%}",
            good >= limits.goodput,
        )

    def _vitals(self) -> Iterator[Check]:
        if not self.profile.is_soak:
            return
        there, least = len(self.trends), WORKERS + len(("starter", "archivist"))
        yield Check(f"processes that were there to be judged: at least {least}", f"{there}", there >= least)
        for one in self.trends:
            span = f"in {60 * one.hours:.1f} min"
            yield Check(
                f"memory of {one.process} is flat",
                f"{one.memory_bytes / _MB:.0f} MB, {one.memory_growth / _MB:+.1f} MB {span}",
                one.memory_is_flat,
            )
            yield Check(
                f"file descriptors of {one.process} are flat",
                f"{one.descriptors:.0f}, {one.descriptors_growth:+.1f} {span}",
                one.descriptors_are_flat,
            )

"""The product with one part switched off, or done the way it was before, beside the product as it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from keys import ApiKey, Scope, new_secret
from profiling.bodies import Bodies
from profiling.measured import Measured
from profiling.peer_bench import Effort, measure_running
from profiling.running import Server
from profiling.site import Site

AS_IT_IS = "as it is served"
WITHOUT_JOURNAL = "no journal: nothing recorded, nothing synced"
WITHOUT_ARCHIVIST = "no archivist: no database, no profiles"
WITHOUT_PROFILES = "no profiles: decisions in the database alone"
WITH_KEY = "an API key asked for and checked"
ALONE_IN_A_BATCH = "one decision in a batch: a score and a sync for each"
DISPATCHER = "BentoML's dispatcher instead of our micro-batcher"
COLLECTED = "the garbage collector as Python starts it"
TWO_PIECES = "head and body of an answer written apart"
DECLARED = "BentoML's own way through its routes, no hot path"
_JOURNAL, _DISPATCHER = "profiling.variants.without_journal", "profiling.variants.bentoml_dispatcher"
_WITHOUT_PROFILES = "profiling.variants.without_profiles"
_COLLECTED, _TWO_PIECES = "profiling.variants.collected", "profiling.variants.two_pieces"


@dataclass(frozen=True, slots=True)
class Variant:
    """How the product is told to differ."""

    service: str = "service"
    settings: Mapping[str, str] = field(default_factory=dict)


VARIANTS = {
    AS_IT_IS: Variant(),
    WITHOUT_JOURNAL: Variant(_JOURNAL),
    WITHOUT_ARCHIVIST: Variant(settings={"OCTROI_ARCHIVE": "false"}),
    WITHOUT_PROFILES: Variant(_WITHOUT_PROFILES, {"OCTROI_ARCHIVE": "true"}),
    WITH_KEY: Variant(),
    ALONE_IN_A_BATCH: Variant(settings={"OCTROI_MAX_BATCH": "1"}),
    DISPATCHER: Variant(_DISPATCHER),
    COLLECTED: Variant(_COLLECTED),
    TWO_PIECES: Variant(_TWO_PIECES),
    DECLARED: Variant(settings={"OCTROI_HOT_PATH": "false"}),
}


def measure_variants(
    site: Site,
    bodies: Bodies,
    effort: Effort,
    report: Callable[[float], None],
    variants: Mapping[str, Variant] = MappingProxyType(VARIANTS),
) -> list[Measured]:
    """Each of *variants* under load, all of them there at once, loaded in turn."""
    with ExitStack() as servers:
        running = {name: servers.enter_context(_serving(site, name, one)) for name, one in variants.items()}
        return measure_running(running, bodies.texts, effort, report)


def _serving(site: Site, name: str, variant: Variant) -> AbstractContextManager[Server]:
    service = f"{variant.service}:CreditScoring"
    if name == WITH_KEY:
        return _with_key(site, service)
    return site.octroi(service=service, more=variant.settings)


@contextmanager
def _with_key(site: Site, service: str) -> Iterator[Server]:
    secret = new_secret()
    keys = str(ApiKey.of("bench", [Scope.SCORE], secret))
    with site.octroi(service=service, more={"OCTROI_API_KEYS": keys}) as server:
        yield replace(server, key=secret)

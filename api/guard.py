"""Who may ask for what, and how often."""

import math
import time
from collections.abc import Mapping

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.asgi import Header
from api.body import Refused
from keys import KeyRing, Scope, is_loopback

_KEYLESS = frozenset({Scope.SCORE, Scope.READ})
"""What may be done without a key where no key is set, which is on loopback alone."""


class Guard:
    """Admits a request by its key, or refuses it with 401, 403 or 429."""

    def __init__(self, keys: KeyRing, rate: RateLimitItem | None) -> None:
        self._keys = keys
        self._rate = rate
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def admit(self, headers: Mapping[bytes, bytes], needed: Scope | None) -> str | None:
        """The name of the key that allows *needed*; `Refused` when there is none that does."""
        if not self._keys:
            _require_loopback_host(headers.get(b"host", b""))
            if needed is None or needed in _KEYLESS:
                return None
            raise Refused(403, "this needs an API key, and the service has none: set OCTROI_API_KEYS")
        return None if needed is None else self._by_key(_secret(headers), needed)

    def count(self, name: str | None) -> list[Header]:
        """The headers that tell how much *name* may still ask; `Refused` with 429 when that is nothing.

        Each worker counts for itself.
        """
        if self._rate is None or name is None:
            return []
        allowed = self._limiter.hit(self._rate, name)
        stats = self._limiter.get_window_stats(self._rate, name)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        told = [
            (b"ratelimit-policy", f'"key";q={self._rate.amount};w={self._rate.get_expiry()}'.encode()),
            (b"ratelimit", f'"key";r={stats.remaining};t={wait}'.encode()),
        ]
        if not allowed:
            raise Refused(
                429,
                f"at most {self._rate} for one key: try again in {wait} s",
                [*told, (b"retry-after", str(wait).encode())],
            )
        return told

    def _by_key(self, secret: bytes, needed: Scope) -> str:
        key = self._keys.find(secret)
        if key is None:
            told = "this key is not known" if secret else "send your API key in the header x-api-key"
            raise Refused(401, told, [(b"www-authenticate", b'ApiKey realm="octroi"')])
        if needed not in key.scopes:
            raise Refused(403, f"key {key.name} has no scope {needed}: ask for one that has")
        return key.name


def _secret(headers: Mapping[bytes, bytes]) -> bytes:
    """From `x-api-key`, or from `Authorization: Bearer`, as BentoML's own client sends it."""
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    return headers.get(b"x-api-key") or (token.strip() if kind.lower() == b"bearer" else b"")


def _require_loopback_host(host: bytes) -> None:
    """Keep a page of another site, whose name was pointed at this machine, from asking in a browser."""
    name = host.decode("latin-1")
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    if not is_loopback(name):
        raise Refused(
            403, "without API keys the service answers to localhost alone: use 127.0.0.1, or set keys"
        )

"""API keys: named, with scopes, kept as SHA-256 hashes only."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from credit.errors import InvalidSettings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_PREFIX = "oct_"
FORM = "NAME:scope+scope:SHA-256 in hex"


class Scope(StrEnum):
    """What a key lets its bearer do."""

    SCORE = "score"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as the service keeps it: its secret cannot be had from this."""

    name: str
    scopes: frozenset[Scope]
    sha256: str
    """Of the secret, lower-case hex."""

    def __str__(self) -> str:
        """The form that `read_keys` reads."""
        return f"{self.name}:{'+'.join(sorted(self.scopes))}:{self.sha256}"

    @classmethod
    def of(cls, name: str, scopes: Iterable[Scope], secret: str) -> "ApiKey":
        """The key *name* whose secret is *secret*."""
        if not _NAME.fullmatch(name):
            raise InvalidSettings(f"{name!r} is no name for a key: take letters, digits and . _ -")
        return cls(name, frozenset(scopes), _sha256(secret.encode()))


class KeyRing:
    """The keys that are valid now; two with other secrets may share a name while one replaces the other."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = [(key, bytes.fromhex(key.sha256)) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._keys)

    def find(self, secret: bytes) -> ApiKey | None:
        """The key with this secret; takes as long for any wrong secret as for any right one."""
        given = hashlib.sha256(secret).digest()
        matches = [key for key, known in self._keys if hmac.compare_digest(given, known)]
        return matches[0] if matches else None


def read_keys(text: str) -> tuple[ApiKey, ...]:
    """The keys in *text*, separated by commas or lines; `#` starts a comment.

    >>> [key.name for key in read_keys("till:score:" + "0" * 64)]
    ['till']
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    entries = [entry.strip() for line in lines for entry in line.split(",")]
    return tuple(_read_key(position, entry) for position, entry in enumerate(filter(None, entries), start=1))


@lru_cache(maxsize=64)  # asked of every request
def is_loopback(address: str) -> bool:
    """Whether only this machine reaches *address*, a number or a name: there alone no key is needed."""
    if address == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    return False


def new_secret() -> str:
    """A new secret of 256 bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def _read_key(position: int, entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    scopes, _, sha256 = rest.partition(":")
    try:
        key = ApiKey(name, frozenset(Scope(scope) for scope in scopes.split("+")), sha256.lower())
    except ValueError:
        key = None
    if key is None or not (_NAME.fullmatch(key.name) and _HASH.fullmatch(key.sha256)):
        # Never the entry itself: who mistook the form may have written the secret there.
        raise InvalidSettings(
            f"API key number {position} is not {FORM}: make one with python -m settings new-key"
        )
    return key


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

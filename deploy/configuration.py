"""Every environment variable in words, from settings.py: .env.example and docs/configuration.md."""

import types
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from settings import SECRETS, Settings, variable_of

_EXAMPLE_HEAD = "# Copy to .env and change what you need; every line shows the default.\n\n"
_PAGE_HEAD = f"""# Configuration

Every variable that Octroi reads, with its default. `python -m deploy configuration` writes this page and
[.env.example](../.env.example) from settings.py.

A variable is looked for in three places, and the first that has it wins:

1. the environment,
2. the file `.env` in the folder where the command is started,
3. a file of that name in `{SECRETS}`, where container engines put secrets.

Empty is the same as not set. A value that cannot be right stops the start with a sentence that names the
variable, never its value. Relative paths start in the folder where the command is started.

| variable | default | values | meaning |
|---|---|---|---|
"""
_PAGE_TAIL = """
A secret has no default. `python -m settings new-key` makes API keys: the service keeps their hashes alone.
Without any key it serves loopback, and nothing else.
"""


def example_environment() -> str:
    """The text of .env.example."""
    return _EXAMPLE_HEAD + "".join(
        f"# {field.description}\n# {variable_of(name)}={_default(field)}\n"
        for name, field in Settings.model_fields.items()
    )


def configuration_page() -> str:
    """The text of docs/configuration.md."""
    rows = [
        f"| `{variable_of(name)}` | {_code(_default(field))} | {_values(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return _PAGE_HEAD + "".join(rows) + _PAGE_TAIL


def _default(field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _values(field: FieldInfo) -> str:
    return _described(field.annotation, field.metadata)


def _described(kind: object, limits: list[object]) -> str:
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        return _described(kind, more)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    if get_origin(kind) in {Union, types.UnionType}:
        parts = [part for part in get_args(kind) if part is not type(None)]
        return " or ".join(_described(part, limits) for part in parts)
    if kind is int:
        return f"whole number{_bounds(limits)}"
    if kind is bool:
        return "`true`, `false`"
    return ""


def _bounds(limits: list[object]) -> str:
    found = [limit for outer in limits for limit in (getattr(outer, "metadata", None) or [outer])]
    least = [f" from {limit.ge}" for limit in found if hasattr(limit, "ge")]
    most = [f" to {limit.le}" for limit in found if hasattr(limit, "le")]
    return "".join([*least, *most])

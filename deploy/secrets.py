"""The secrets of deploy/compose.yml: made once, each in a file of its own."""

import secrets
from pathlib import Path

from deploy.process import CommandFailed
from keys import ApiKey, Scope, new_secret


def make_secrets(folder: Path) -> str:
    """Write new secrets into *folder*, which must not be there; the secret of the first API key.

    The folder lets nobody else in; the files can be read by the users inside the containers.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError as error:
        raise CommandFailed(f"{folder} is there already, and what runs needs its secrets: keep it") from error
    secret, password = new_secret(), secrets.token_urlsafe(32)
    key = ApiKey.of("first", (Scope.SCORE, Scope.READ), secret)
    _write(folder / "api_keys", f"{key}\n")
    _write(folder / "postgres_password", password)
    _write(folder / "database_url", f"postgresql://octroi:{password}@database:5432/octroi")
    return secret


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o444)

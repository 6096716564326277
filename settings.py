"""Every environment variable, read once and validated. Floors below receive plain values."""

import os
from pathlib import Path
from typing import Annotated, Literal

import click
from limits import RateLimitItem, parse
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from credit.errors import InvalidSettings
from doors import Door
from keys import FORM, ApiKey, KeyRing, Scope, new_secret, read_keys
from records.address import SQLITE, address_of
from runners.remotes import Remotes

SECRETS = Path("/run/secrets")
"""Where container engines put secrets, each in a file."""


def _started_in() -> Path:
    """The folder that relative paths and `.env` are of: the one the user started us in.

    BentoML moves into a Bento before it serves it; the shell's PWD stays where the user is.
    """
    here = Path.cwd()
    shell = Path(os.environ.get("PWD", here))
    return shell if _bento_of(here) and shell.is_dir() else here


def _bento_of(path: Path) -> Path | None:
    """The Bento that *path* lies in."""
    return next((folder for folder in (path, *path.parents) if (folder / "bento.yaml").exists()), None)


class Settings(BaseSettings):
    """What the environment, or a file `.env` in the working directory, says; empty is not said.

    Names are those of the fields with the prefix `OCTROI_`, except where the field has a name of its own.
    """

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    model: str = Field(
        "octroi-credit:latest",
        description="Tag in the BentoML model store, folder, hf://owner/repo@revision, mlflow://name@alias; "
        "or several, separated by commas: the first that can be had.",
    )
    data: Path = Field(Path("var"), description="Folder of the journal, the database and the profiles.")
    policy: Path | None = Field(
        None, description="A policy file that replaces the one in the model's bundle."
    )
    workers: Annotated[int, Field(ge=1, le=256)] | Literal["cpu_count"] = Field(
        "cpu_count", description="Worker processes; by default one for each core."
    )
    max_body: int = Field(1 << 20, ge=1, description="Largest body of /predict, in bytes.")
    max_batch_body: int = Field(16 << 20, ge=1, description="Largest body of /predict_batch, in bytes.")
    max_batch: int = Field(1000, ge=1, description="Most clients in one /predict_batch.")
    max_waiting: int = Field(1024, ge=1, description="Most requests that wait in one worker; past it, 503.")
    drain_s: float = Field(
        3.0, ge=0, le=15, description="Seconds between SIGTERM, from which on it is not ready, and its end."
    )
    hot_path: bool = Field(
        True, description="Answer /predict ahead of BentoML's own dispatch; off for comparison."
    )
    archive: bool = Field(True, description="Keep an archivist running beside the workers.")
    database_url: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="URL of PostgreSQL, or of an SQLite file; by default octroi.db in OCTROI_DATA.",
    )
    mlflow_tracking_uri: str | None = Field(
        None,
        validation_alias="MLFLOW_TRACKING_URI",
        description="MLflow server or database of the trainings; by default mlflow.db in OCTROI_DATA.",
    )
    hf_endpoint: str = Field(
        "https://huggingface.co", validation_alias="HF_ENDPOINT", description="Hub of the models named hf://."
    )
    hf_token: SecretStr | None = Field(
        None, validation_alias="HF_TOKEN", description="Token for private repositories of that hub."
    )
    api_keys: SecretStr = Field(
        SecretStr(""),
        description=f"API keys, separated by commas, each {FORM}; python -m settings new-key makes one.",
    )
    api_keys_file: Path | None = Field(None, description="A file of such keys, one on each line.")
    api_key: SecretStr | None = Field(
        None, validation_alias="API_KEY", description="One plain API key that may score and read."
    )
    heads: Path | None = Field(
        None,
        description="Folder of the chain's heads, best on another disk; by default heads in OCTROI_DATA.",
    )
    chain_key: SecretStr | None = Field(
        None, description="Secret that signs the chain's heads, so that nobody without it can forge them."
    )
    rate_limit: str | None = Field(
        None, description="Most requests of one key in each worker, such as 100/second; none by default."
    )
    webhook: SecretStr | None = Field(
        None, description="Address that monitoring watch sends alerts of drift to."
    )
    port: int = Field(3000, validation_alias="PORT", ge=1, le=65535, description="Port of the service.")
    service_url: str | None = Field(
        None, description="Where the dashboard finds the service; by default this machine, at PORT."
    )
    dashboard_user_header: str | None = Field(
        None,
        description="Header, such as X-Forwarded-User, in which the dashboard's proxy names who it let in.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="LOG_LEVEL", description="Least level that is logged."
    )

    @field_validator("data", "policy", "api_keys_file", "heads")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and _started_in() / path.expanduser()

    @field_validator("data", "heads")
    @classmethod
    def _outside_the_bento(cls, folder: Path | None) -> Path | None:
        if folder is not None and _bento_of(folder):
            # A Bento is copied, exported and deleted; applicants' data must not be in it.
            raise ValueError("lies inside the Bento: name a folder outside it, such as /var/lib/octroi")
        return folder

    @field_validator("database_url")
    @classmethod
    def _of_a_database(cls, url: str | None) -> str | None:
        return url and address_of(url, _started_in())

    @field_validator("rate_limit")
    @classmethod
    def _a_rate(cls, rate: str | None) -> str | None:
        if rate is not None:
            try:
                parse(rate)
            except ValueError:
                raise ValueError("give a number and a time, such as 100/second or 1000/minute") from None
        return rate

    @property
    def rate(self) -> RateLimitItem | None:
        """How much one key may ask of one worker."""
        return parse(self.rate_limit) if self.rate_limit else None

    @property
    def keys(self) -> KeyRing:
        """Every key that is valid; `InvalidSettings` when one is not written as it must be."""
        found = [*read_keys(self.api_keys.get_secret_value()), *self._keys_in_file()]
        if self.api_key is not None:
            found.append(ApiKey.of("API_KEY", (Scope.SCORE, Scope.READ), self.api_key.get_secret_value()))
        return KeyRing(found)

    def _keys_in_file(self) -> tuple[ApiKey, ...]:
        if self.api_keys_file is None:
            return ()
        try:
            return read_keys(self.api_keys_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSettings(f"OCTROI_API_KEYS_FILE: {self.api_keys_file} cannot be read") from error

    @property
    def journal(self) -> Path:
        return self.data / "journal"

    @property
    def repetitions(self) -> Path:
        """Folder of the idempotency keys; every worker of the host shares it."""
        return self.data / "idempotency"

    @property
    def kept_heads(self) -> Path:
        return self.heads or self.data / "heads"

    @property
    def signing_key(self) -> bytes | None:
        return self.chain_key.get_secret_value().encode() if self.chain_key else None

    @property
    def tracking_store(self) -> str:
        """URI of the MLflow store of the trainings."""
        return self.mlflow_tracking_uri or f"{SQLITE}{self.data / 'mlflow.db'}"

    @property
    def remotes(self) -> Remotes:
        """Where models may be fetched from."""
        token = self.hf_token.get_secret_value() if self.hf_token else None
        return Remotes(self.hf_endpoint, token, self.tracking_store)

    @property
    def profiles(self) -> Path:
        return self.data / "profiles"

    @property
    def reports(self) -> Path:
        return self.data / "reports"

    @property
    def service(self) -> str:
        """URL of the service, as the dashboard asks it."""
        return (self.service_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"{SQLITE}{self.data / 'octroi.db'}"

    def child_environment(self) -> dict[str, str]:
        """The environment for a process that must see the same places from any working directory."""
        return {**os.environ, "OCTROI_DATA": str(self.data), "DATABASE_URL": self.database}


def read_settings(secrets: Path = SECRETS) -> Settings:
    """The settings; `InvalidSettings` names each variable that is wrong, without its value.

    What neither the environment nor `.env` says may stand in a file of *secrets*, named as the variable.
    """
    try:
        return Settings(_env_file=_started_in() / ".env", _secrets_dir=secrets if secrets.is_dir() else None)
    except ValidationError as error:
        wrong = "; ".join(
            f"{_variable(part['loc'])}: {part['msg'].removeprefix('Value error, ')}"
            for part in error.errors(include_input=False)
        )
        raise InvalidSettings(f"check the environment and .env: {wrong}") from error


def variable_of(name: str) -> str:
    """The environment variable of the field *name*."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias) if alias else f"OCTROI_{name.upper()}"


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else variable_of(name)


def _door() -> click.Group:
    """The commands of `python -m settings`."""

    @click.group(cls=Door)
    def door() -> None:
        """What the service is told by its environment; .env.example names every variable."""

    @door.command("new-key")
    @click.argument("name")
    @click.option(
        "--scope",
        "scopes",
        type=click.Choice([scope.value for scope in Scope]),
        multiple=True,
        default=(Scope.SCORE.value,),
        show_default=True,
        help="What the key allows; give it several times for several.",
    )
    def new_key(name: str, scopes: tuple[str, ...]) -> None:
        """Make an API key for NAME.

        The first line is the secret for the client, shown this once. The second goes into OCTROI_API_KEYS
        or the file of OCTROI_API_KEYS_FILE. While a client changes over, both of its keys are valid.
        """
        secret = new_secret()
        key = ApiKey.of(name, map(Scope, scopes), secret)
        click.echo(secret)
        click.echo(key)

    return door


if __name__ == "__main__":
    _door()(prog_name="python -m settings")

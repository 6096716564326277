"""What the documents say of each variable is what settings.py says."""

import subprocess

import pytest
import yaml
from serving import ROOT

from credit.errors import InvalidSettings
from deploy.configuration import configuration_page, example_environment
from deploy.secrets import make_secrets
from keys import read_keys
from settings import Settings, read_settings, variable_of

VARIABLES = {variable_of(name) for name in Settings.model_fields}


def test_the_example_environment_is_written_from_the_settings():
    assert (ROOT / ".env.example").read_text() == example_environment()


def test_the_page_of_the_configuration_is_written_from_the_settings():
    page = (ROOT / "docs" / "configuration.md").read_text()

    assert page == configuration_page()
    assert {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")} == VARIABLES


def test_a_setting_that_is_new_or_has_another_default_would_change_both(monkeypatch):
    before = example_environment(), configuration_page()

    monkeypatch.setattr(Settings.model_fields["max_batch"], "default", 7)

    assert example_environment() == before[0].replace("OCTROI_MAX_BATCH=1000", "OCTROI_MAX_BATCH=7")
    assert configuration_page() == before[1].replace(
        "| `OCTROI_MAX_BATCH` | `1000`", "| `OCTROI_MAX_BATCH` | `7`"
    )


def test_a_secret_is_read_from_a_file_unless_the_environment_says_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "database_url").write_text("postgresql://octroi:hidden@database:5432/octroi\n")

    assert read_settings(tmp_path).database == "postgresql+psycopg://octroi:hidden@database:5432/octroi"
    assert read_settings(tmp_path / "none").database_url is None

    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/octroi")
    assert read_settings(tmp_path).database == "postgresql+psycopg://elsewhere/octroi"


def test_a_wrong_secret_is_named_without_its_value(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "database_url").write_text("mysql://octroi:hidden@database/octroi")

    with pytest.raises(InvalidSettings, match="DATABASE_URL: give the SQLAlchemy URL") as caught:
        read_settings(tmp_path)

    assert "hidden" not in str(caught.value)


def test_secrets_are_made_once_and_fit_each_other(tmp_path):
    folder = tmp_path / "secrets"

    secret = make_secrets(folder)

    (key,) = read_keys((folder / "api_keys").read_text())
    assert secret not in (folder / "api_keys").read_text()
    password = (folder / "postgres_password").read_text()
    assert f":{password}@database:5432/" in (folder / "database_url").read_text()
    assert (folder.stat().st_mode & 0o777, (folder / "api_keys").stat().st_mode & 0o777) == (0o700, 0o444)
    with pytest.raises(Exception, match="is there already"):
        make_secrets(folder)
    assert read_keys((folder / "api_keys").read_text()) == (key,)


def test_no_secret_is_in_a_file_that_git_tracks():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    composed = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())

    files = {f"deploy/{secret['file'].removeprefix('./')}" for secret in composed["secrets"].values()}
    assert files == {f"deploy/secrets/{name}" for name in ("api_keys", "database_url", "postgres_password")}
    assert not files & set(tracked.splitlines())
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()

"""A run that could only fail is refused before any work is done for it."""

import socket

import pytest
from click.testing import CliRunner

from load_tests import locust_run
from load_tests.__main__ import door
from load_tests.locust_run import LocustFailed, require_locust


def test_a_page_needs_its_port(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(locust_run, "_PAGE_PORT", other.getsockname()[1])

        with pytest.raises(LocustFailed, match="of Locust's page, is taken"):
            require_locust(with_page=True)
        require_locust(with_page=False)

    require_locust(with_page=True)


def test_a_page_is_not_promised_where_there_is_none(tmp_path):
    done = CliRunner().invoke(door, ["run", "--profile", "spike", "--web", "--out", str(tmp_path)])

    assert done.exit_code == 2
    assert "spike is not loaded by Locust, whose page it is" in done.output
    assert list(tmp_path.iterdir()) == []

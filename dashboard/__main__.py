"""The door of the dashboard: `python -m dashboard --help`."""

from pathlib import Path

import click
from streamlit.web import cli as streamlit

from credit.errors import InvalidSettings
from doors import Door
from keys import is_loopback
from settings import read_settings

_APP = Path(__file__).with_name("app.py")


@click.group(cls=Door)
def door() -> None:
    """What was decided and how the service does, for people."""


@door.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def serve(host: str, port: int) -> None:
    """Show the dashboard on http://127.0.0.1:8501.

    On another address than loopback it asks for an API key that may read, or trusts the header of a proxy.
    """
    settings = read_settings()
    if not (is_loopback(host) or settings.keys or settings.dashboard_user_header):
        raise InvalidSettings(
            f"without an API key the dashboard listens on loopback alone, and {host} is not: "
            "set API_KEY or OCTROI_API_KEYS"
        )
    # Loaded now, so that the first visitor need not wait for it.
    import dashboard.front  # noqa: F401, PLC0415

    click.echo(f"The dashboard: http://{host}:{port}   Stop: Ctrl+C")
    # With the address said, nobody outside is asked for it.
    options = [f"--server.address={host}", f"--server.port={port}", f"--browser.serverAddress={host}"]
    if is_loopback(host):
        # A page of elsewhere must not reach it under a name of its own.
        options += [f"--server.allowedHosts={name}" for name in ("localhost", "127.0.0.1", "::1")]
    streamlit.main(["run", str(_APP), *options])


if __name__ == "__main__":
    door(prog_name="python -m dashboard")

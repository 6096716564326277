"""The dashboard as Streamlit's own tester runs it: script, pages and widgets, without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit.config
from replayable import decided  # noqa: F401  # a fixture
from serving import ROOT
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

Look = Callable[..., AppTest]


@pytest.fixture
def loopback() -> Iterator[None]:
    """Nobody but this machine reaches the dashboard."""
    before = streamlit.config.get_option("server.address")
    streamlit.config.set_option("server.address", "127.0.0.1")
    yield
    streamlit.config.set_option("server.address", before)


@pytest.fixture
def look(loopback: None, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Opens a page: `look("overview", lang="Français")`. No service runs beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCTROI_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("OCTROI_SERVICE_URL", "http://127.0.0.1:9")

    no_components = BidiComponentManager()

    def opened(page: str, lang: str = "English", time: str | None = None) -> AppTest:
        app = AppTest.from_file(ROOT / "dashboard" / "app.py", default_timeout=30)
        app.query_params["lang"] = lang
        if time is not None:
            app.session_state["time"] = time
        # Else it reads about every installed package, which takes longer than the page.
        app._bidi_component_manager = no_components
        # Its own way to switch pages knows files alone.
        app._page_hash = calc_hash("" if page == "home" else page)
        app.run()
        assert not app.exception
        return app

    return opened

"""One look at one page: by whom it is asked, and what it is answered from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from dashboard.speech import Speech
from records.database import Database
from settings import Settings


@dataclass(frozen=True, slots=True)
class Visit:
    """The language of the reader, and where everything lies."""

    settings: Settings
    speech: Speech
    pages: Mapping[str, st.Page]
    """All pages by their names, to lead to."""

    @contextmanager
    def records(self) -> Iterator[Database]:
        """The recorded decisions, to read; opened anew, so that a database that went is not remembered."""
        with Database(self.settings.database, read_only=True) as database:
            yield database

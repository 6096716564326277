"""A page: what it draws, and what it says when it cannot."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
import structlog

from credit.errors import DatabaseUnavailable
from dashboard.visit import Visit

log = structlog.get_logger()

EVERY_S = 10
"""How often a live page looks again."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the dashboard; *name* is in its address and in the catalogues."""

    name: str
    icon: str
    body: Callable[[Visit], None]
    changes: bool = False
    """Whether it looks again while it is read; a page that is studied keeps still."""

    def draw(self, visit: Visit) -> None:
        """Draw the page; if it changes, again and again while the reader wants it to."""
        words = visit.speech.words
        live = self.changes and st.sidebar.toggle(
            words.common.live,
            value=True,
            key="live",
            bind="query-params",
            help=words.common.live_help.format(seconds=EVERY_S),
        )
        st.title(words.pages[self.name].title)
        st.caption(words.pages[self.name].purpose)
        st.fragment(self._look, run_every=EVERY_S if live else None)(visit)

    def _look(self, visit: Visit) -> None:
        words = visit.speech.words.common
        try:
            self.body(visit)
        except DatabaseUnavailable as error:
            log.error("page_not_drawn", page=self.name, reason=str(error))
            st.error(words.database_gone, icon=":material/database_off:")
            st.code(str(error), language=None, wrap_lines=True)
            st.info(words.database_gone_advice)
        now = visit.speech.moment(time.time_ns() // 1000)
        st.caption(words.updated.format(time=now))

"""The front of the dashboard: language, door and the way to the pages."""

from functools import partial
from pathlib import Path

import streamlit as st

from credit.errors import InvalidSettings
from dashboard import business, decisions, drift, home, overview, performance
from dashboard.guard import admit
from dashboard.page import Page
from dashboard.speech import CATALOGUES, Language, Speech
from dashboard.visit import Visit
from settings import read_settings

_ICON = Path(__file__).with_name("icon.svg")
PAGES = (
    Page("home", ":material/home:", home.body, changes=True),
    Page("overview", ":material/monitoring:", overview.body, changes=True),
    Page("business", ":material/payments:", business.body),
    Page("drift", ":material/moving:", drift.body),
    Page("performance", ":material/speed:", performance.body, changes=True),
    Page("decisions", ":material/gavel:", decisions.body),
)


def draw() -> None:
    """Draw what was asked for, to who may see it."""
    st.set_page_config("Octroi", _ICON, layout="wide")
    speech = Speech(_language())
    words = speech.words.common
    try:
        settings = read_settings()
        is_admitted = admit(settings, speech)
    except InvalidSettings as error:
        st.error(words.settings_wrong.format(reason=error))
        return
    pages: dict[str, st.Page] = {}
    visit = Visit(settings, speech, pages)
    for page in PAGES:
        pages[page.name] = st.Page(
            partial(page.draw, visit),
            title=speech.words.pages[page.name].title,
            icon=page.icon,
            url_path=page.name,
            default=page is PAGES[0],
        )
    # Named before the door, too: whoever enters it is led to the page that was asked for.
    asked = st.navigation(list(pages.values()), position="sidebar" if is_admitted else "hidden")
    if is_admitted:
        asked.run()


def _language() -> Language:
    """The one chosen, or else the browser's."""
    names = {Language.ENGLISH: "English", Language.FRENCH: "Français"}
    first = Language.of(st.context.locale)
    chosen = st.sidebar.segmented_control(
        CATALOGUES[first].common.language,
        list(Language),
        default=first,
        format_func=names.__getitem__,
        key="lang",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    return Language(chosen or first)

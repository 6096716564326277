"""Home: is everything all right, and what are the other pages for?"""

import streamlit as st

from dashboard import checks
from dashboard.answer import ask
from dashboard.visit import Visit

_IN_A_ROW = 3


def body(visit: Visit) -> None:
    """Six lights, and the way on."""
    words = visit.speech.words
    st.markdown(words.home.lead)
    key = visit.settings.api_key
    answer = ask(visit.settings.service, key.get_secret_value() if key else None)
    database, drift, last = checks.recorded(visit)
    lights = [
        checks.service(visit, answer),
        checks.model(visit.speech, answer, last),
        database,
        checks.backlog(visit),
        drift,
        checks.disk(visit),
    ]
    st.subheader(words.home.state)
    for first in range(0, len(lights), _IN_A_ROW):
        for column, light in zip(st.columns(_IN_A_ROW), lights[first : first + _IN_A_ROW], strict=True):
            with column:
                light.draw(visit.speech)
    st.subheader(words.home.pages)
    for name, told in list(words.pages.items())[1:]:
        st.page_link(visit.pages[name], label=visit.speech.said(f"**{told.title}**", told.purpose))

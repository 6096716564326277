"""Who may look: on loopback anybody; from elsewhere who has a key that may read, or whom the proxy let in."""

import streamlit as st

from dashboard.speech import Speech
from keys import Scope, is_loopback
from settings import Settings

_WHO = "who"


def admit(settings: Settings, speech: Speech) -> bool:
    """Whether the visitor may look; if not, the door is drawn instead."""
    words = speech.words.guard
    if is_loopback(st.get_option("server.address") or "") or _sent_by_the_proxy(settings):
        return True
    if _WHO in st.session_state:
        if st.sidebar.button(words.leave):
            del st.session_state[_WHO]
            st.rerun()
        return True
    if not settings.keys:
        st.error(words.no_key_set, icon=":material/lock:")
        return False
    _ask(settings, speech)
    return False


def _sent_by_the_proxy(settings: Settings) -> bool:
    header = settings.dashboard_user_header
    return header is not None and bool(st.context.headers.get(header))


def _ask(settings: Settings, speech: Speech) -> None:
    words = speech.words.guard
    with st.form("door"):
        st.info(words.closed, icon=":material/lock:")
        secret = st.text_input(words.key, type="password")
        entered = st.form_submit_button(words.enter)
    if not entered:
        return
    key = settings.keys.find(secret.encode())
    if key is None or Scope.READ not in key.scopes:
        st.error(words.wrong_key)
        return
    st.session_state[_WHO] = key.name
    st.rerun()

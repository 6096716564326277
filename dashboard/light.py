"""Green, amber or red, with the sentence that says what to do."""

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from dashboard.speech import Speech


class Level(StrEnum):
    """How things stand."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


_ICONS = {Level.GREEN: "check_circle", Level.AMBER: "warning", Level.RED: "error"}
_COLOURS = {Level.GREEN: "green", Level.AMBER: "orange", Level.RED: "red"}


@dataclass(frozen=True, slots=True)
class Light:
    """How one thing stands: the fact, and what is to be done unless it is green."""

    name: str
    level: Level
    fact: str
    advice: str = ""

    def draw(self, speech: Speech) -> None:
        """Draw it as a box; its word and its shape say what its colour says."""
        word = {
            Level.GREEN: speech.words.home.green,
            Level.AMBER: speech.words.home.amber,
            Level.RED: speech.words.home.red,
        }[self.level]
        with st.container(border=True, height="stretch"):
            icon, colour = _ICONS[self.level], _COLOURS[self.level]
            st.markdown(f"**{self.name}** :{colour}-badge[:material/{icon}: {word}]")
            st.markdown(self.fact)
            if self.advice:
                st.markdown(f":material/arrow_forward: {self.advice}")

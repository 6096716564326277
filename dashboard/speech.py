"""Words and numbers as one language writes them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard.words.catalogue import ENGLISH, FRENCH, Words
from records.hours import moment_of

_MARKS = {"en": (",", ".", ""), "fr": ("\N{NARROW NO-BREAK SPACE}", ",", "\N{NO-BREAK SPACE}")}
"""Between thousands, before decimals, before a percent sign."""
_COLONS = {"en": ": ", "fr": "\N{NO-BREAK SPACE}: "}
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Language(StrEnum):
    """A language that the dashboard speaks."""

    ENGLISH = "en"
    FRENCH = "fr"

    @classmethod
    def of(cls, locale: str | None) -> "Language":
        """The one for a browser's locale.

        >>> Language.of("fr-CA"), Language.of(None)
        (<Language.FRENCH: 'fr'>, <Language.ENGLISH: 'en'>)
        """
        return cls.FRENCH if (locale or "").lower().startswith("fr") else cls.ENGLISH


CATALOGUES: Mapping[Language, Words] = {Language.ENGLISH: ENGLISH, Language.FRENCH: FRENCH}


@dataclass(frozen=True, slots=True)
class Speech:
    """What a page says, and how it writes numbers; a value that there is not is a dash."""

    language: Language

    @property
    def words(self) -> Words:
        return CATALOGUES[self.language]

    def whole(self, number: float | None) -> str:
        """
        >>> Speech(Language.ENGLISH).whole(1234567)
        '1,234,567'
        """
        return self.decimal(number, 0)

    def decimal(self, number: float | None, digits: int) -> str:
        """*number* with so many digits after the point.

        >>> Speech(Language.FRENCH).decimal(0.0909, 3)
        '0,091'
        """
        if number is None:
            return "\N{EN DASH}"
        return self.marked(f"{number:,.{digits}f}")

    def marked(self, english: str) -> str:
        """Numbers with English marks, with those of the language.

        >>> Speech(Language.FRENCH).marked("-22,200.5")
        '-22\\u202f200,5'
        """
        thousands, point, _ = _MARKS[self.language]
        return english.translate({ord(","): thousands, ord("."): point})

    def share(self, share: float | None, digits: int = 1) -> str:
        """
        >>> Speech(Language.ENGLISH).share(0.1234)
        '12.3%'
        """
        gap = _MARKS[self.language][2]
        return "\N{EN DASH}" if share is None else f"{self.decimal(100 * share, digits)}{gap}%"

    def said(self, name: str, value: object) -> str:
        """What *name* is, with the language's colon between.

        >>> Speech(Language.ENGLISH).said("model", "m"), Speech(Language.FRENCH).said("modèle", "m")
        ('model: m', 'modèle\\xa0: m')
        """
        return f"{name}{_COLONS[self.language]}{value}"

    def milliseconds(self, number: float | None) -> str:
        return "\N{EN DASH}" if number is None else f"{self.decimal(number, 1)}\N{NO-BREAK SPACE}ms"

    def bytes(self, count: int) -> str:
        """
        >>> Speech(Language.ENGLISH).bytes(2_500_000)
        '2.5\\xa0MB'
        """
        size = min(len(_UNITS) - 1, max(0, math.floor(math.log10(max(1, count)) / 3)))
        return f"{self.decimal(count / 1000**size, int(size > 0))}\N{NO-BREAK SPACE}{_UNITS[size]}"

    def moment(self, microseconds: int) -> str:
        """A time in UTC, to the second.

        >>> Speech(Language.FRENCH).moment(1_790_000_000_000_000)
        '21/09/2026 14:13:20'
        """
        form = "%Y-%m-%d %H:%M:%S" if self.language is Language.ENGLISH else "%d/%m/%Y %H:%M:%S"
        return moment_of(microseconds).strftime(form)

    @property
    def locale(self) -> dict[str, Any]:
        """How Vega writes numbers and times."""
        thousands, point, _ = _MARKS[self.language]
        number = {"decimal": point, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
        if self.language is Language.ENGLISH:
            return {"number": number}
        return {"number": {**number, "percent": "\N{NO-BREAK SPACE}%"}, "time": _FRENCH_TIME}


_FRENCH_TIME = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "shortMonths": [
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ],
}

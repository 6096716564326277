"""Every language says everything."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from serving import ROOT

from dashboard.front import PAGES
from dashboard.speech import CATALOGUES, Language
from dashboard.words.catalogue import ENGLISH


def texts(words: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield name, words
    elif isinstance(words, dict):
        for key, value in words.items():
            yield from texts(value, f"{name}.{key}")
    elif is_dataclass(words):
        for field in fields(words):
            yield from texts(getattr(words, field.name), f"{name}.{field.name}")
    else:
        assert isinstance(words, tuple)
        for position, value in enumerate(words):
            yield from texts(value, f"{name}.{position}")


def test_both_languages_hold_the_same_texts_with_the_same_places_to_fill():
    english, french = (dict(texts(CATALOGUES[language])) for language in Language)

    assert english.keys() == french.keys()
    for name, text in english.items():
        assert text.strip()
        assert french[name].strip()
        assert set(re.findall(r"{\w*}", text)) == set(re.findall(r"{\w*}", french[name])), name


def test_commands_and_variables_are_the_same_in_both_languages():
    english, french = (dict(texts(CATALOGUES[language])) for language in Language)

    assert [re.findall(r"`[^`]+`", english[name]) for name in english] == [
        re.findall(r"`[^`]+`", french[name]) for name in english
    ]


def test_no_text_is_kept_that_no_page_says():
    pages = "".join(
        path.read_text() for path in (ROOT / "dashboard").rglob("*.py") if "words" not in path.parts
    )
    kept = [
        one.name
        for part in fields(ENGLISH)
        if part.name != "pages"
        for one in fields(getattr(ENGLISH, part.name))
    ]

    assert [name for name in kept if not re.search(rf"\.{name}\b", pages)] == []


def test_every_page_has_a_title_and_a_purpose():
    for words in CATALOGUES.values():
        assert list(words.pages) == [page.name for page in PAGES]

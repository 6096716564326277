"""The questions of a load test: made-up clients, with the probability that LightGBM itself gives each."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec
import numpy as np

from features.encoder import Encoder
from features.schema import FeatureSchema
from load_tests.applicants import Applicants
from load_tests.question import Question
from runners.bundle import MODEL_FILE, Bundle
from runners.native import NativeScorer

SINGLE, LOOKUP, BATCH, BAD = "single", "lookup", "batch", "bad"
_IN_A_BATCH = 20
_NOBODY = 1
"""Made-up clients have numbers from 100,001 on."""


def questions_of(bundle: Bundle, applicants: Applicants) -> Iterator[Question]:
    """Each of *applicants* alone, by number alone and in company; and what must be refused."""
    applications = list(applicants.applications(with_numbers=True))
    expected = _expected(bundle, applications)
    for application, probability in zip(applications, expected, strict=True):
        yield _single(application, probability)
        number = {"sk_id_curr": application["sk_id_curr"]}
        yield Question(LOOKUP, "/predict", _json(number), 200, (probability,))
    pairs = iter(zip(applications, expected, strict=True))
    while batch := tuple(islice(pairs, _IN_A_BATCH)):
        clients, probabilities = zip(*batch, strict=True)
        yield Question(BATCH, "/predict_batch", _json({"clients": clients}), 200, probabilities)
    yield from _bad(applications[0])


def _expected(bundle: Bundle, applications: Sequence[Mapping[str, object]]) -> list[float]:
    values = [_values(bundle.schema, application) for application in applications]
    scorer = NativeScorer(bundle.folder / MODEL_FILE)
    return [float(one) for one in scorer.score(Encoder(bundle.schema).encode(values).rows)]


def _values(schema: FeatureSchema, application: Mapping[str, object]) -> tuple[float | str | None, ...]:
    return msgspec.convert(
        tuple(application.get(name) for name in schema.names), tuple[float | str | None, ...]
    )


def _single(application: Mapping[str, object], probability: float) -> Question:
    return Question(SINGLE, "/predict", _json(application), 200, (probability,))


def _bad(application: Mapping[str, object]) -> Iterator[Question]:
    wrong: tuple[tuple[str, int], ...] = (
        (_json({**application, "AMT_CREDIT": "a lot"}), 422),
        (_json({**application, "EXT_SOURCE_2": 2.0}), 422),
        (_json({**application, "NO_FEATURE": 1.0}), 422),
        (_json({"sk_id_curr": _NOBODY}), 404),
        ('{"AMT_CREDIT": ', 400),
    )
    for body, status in wrong:
        yield Question(BAD, "/predict", body, status)


def _json(body: Mapping[str, object]) -> str:
    return msgspec.json.encode(body).decode()


def known(applicants: Applicants) -> Applicants:
    """Those of *applicants* of whom all is known that an application needs."""
    needed = [applicants.columns[name] for name in ("AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH")]
    there = np.all([~np.isnan(column.astype(float)) for column in needed], axis=0)
    numbers = tuple(np.array(applicants.numbers)[there].tolist())
    return Applicants(numbers, {name: column[there] for name, column in applicants.columns.items()})

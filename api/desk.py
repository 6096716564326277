"""The path of a decision: encode, score, assess, record, answer. Nothing is answered unrecorded."""

import time
from collections.abc import Sequence

from api.answer import Answer, BatchAnswer
from api.decided import Decided, Request
from api.metrics import observe_batch
from api.model import ServedModel
from credit.decision import Assessment
from credit.errors import Overloaded
from credit.finding import Finding
from features.encoder import Encoded, Encoder
from records.backlog import pending_bytes
from records.journal import Journal
from runners.batcher import MicroBatcher
from runners.bentoml_batcher import BentoBatcher
from runners.scorer import Probabilities

MOST_BATCHES = 8
"""Requests of many rows that one worker decides at a time; each may bring megabytes."""
_Scored = tuple[Request, Encoded, Probabilities, int]
"""A request of many rows with its rows, their probabilities, and the nanoseconds that took."""


class Desk:
    """Decides requests: single ones share micro-batches, those with many rows go to BentoML's dispatcher."""

    def __init__(self, model: ServedModel, journal: Journal, max_batch: int, max_waiting: int) -> None:
        self._model = model
        self._encoder = Encoder(model.schema)
        self._journal = journal
        self._single = MicroBatcher(self._decide, max_batch, max_waiting, observe_batch)
        self._rows = BentoBatcher(model.scorer, max_batch)
        self._scored = MicroBatcher(self._settle_scored, max_batch, max_waiting)
        self._batches = 0

    async def decide(self, request: Request) -> Answer | BatchAnswer:
        """The recorded answer to *request*, all of its decisions recorded together or not at all.

        `Overloaded` at once when too many wait already, or `MOST_BATCHES` of many rows are being decided.
        """
        if request.is_single:
            (answer,) = await self._single.submit(request)
            request.visit.decided = (answer,)
            return answer
        answers = await self._decide_in_turn(request)
        request.visit.decided = answers.decisions
        return answers

    async def _decide_in_turn(self, request: Request) -> BatchAnswer:
        self.require_room(is_single=False)
        self._batches += 1
        try:
            return await self._decide_batch(request)
        finally:
            self._batches -= 1

    async def _decide_batch(self, request: Request) -> BatchAnswer:
        started_ns = time.perf_counter_ns()
        encoded = self._encoder.encode([application.values for application in request.applications])
        probabilities = await self._rows.score(encoded.rows)
        took_ns = time.perf_counter_ns() - started_ns
        answers = await self._scored.submit((request, encoded, probabilities, took_ns))
        return BatchAnswer(
            decisions=tuple(answers), count=len(answers), inference_time_ms=request.elapsed_ns / 1e6
        )

    def require_room(self, *, is_single: bool) -> None:
        """Raise `Overloaded` while a request would be refused: who knows it need not read its body."""
        if is_single:
            self._single.require_room()
        elif self._batches >= MOST_BATCHES:
            raise Overloaded(f"{self._batches} batches are being decided already: try again in a second")

    @property
    def pending_bytes(self) -> int:
        """How much of the journals of this host is not in the database yet."""
        return pending_bytes(self._journal.folder)

    def check(self) -> None:
        """Raise `JournalUnavailable` while no decision could be recorded."""
        self._journal.check()

    def close(self) -> None:
        """Finish what is running, then leave the journal to the archivist."""
        for part in (self._single, self._rows, self._scored, self._journal):
            part.close()

    def _decide(self, requests: list[Request]) -> list[list[Answer]]:
        started_ns = time.perf_counter_ns()
        encoded = self._encoder.encode([request.applications[0].values for request in requests])
        probabilities = self._model.scorer.score(encoded.rows)
        took_ns = time.perf_counter_ns() - started_ns
        return self._answer(
            [
                self._decisions(request, encoded.warnings[i : i + 1], probabilities[i : i + 1], took_ns)
                for i, request in enumerate(requests)
            ]
        )

    def _settle_scored(self, scored: list[_Scored]) -> list[list[Answer]]:
        return self._answer(
            [
                self._decisions(request, encoded.warnings, rows, took)
                for request, encoded, rows, took in scored
            ]
        )

    def _decisions(
        self,
        request: Request,
        warnings: Sequence[tuple[Finding, ...]],
        probabilities: Probabilities,
        took_ns: int,
    ) -> list[Decided]:
        policy = self._model.policy
        return [
            Decided(self._model, request, application, Assessment(probability, policy), found, name, took_ns)
            for application, probability, found, name in zip(
                request.applications, probabilities.tolist(), warnings, request.decision_ids, strict=True
            )
        ]

    def _answer(self, requests: list[list[Decided]]) -> list[list[Answer]]:
        """Record the decisions of all *requests* with one sync, then answer them."""
        self._journal.append([[decided.record() for decided in request] for request in requests])
        return [[decided.answer() for decided in request] for request in requests]

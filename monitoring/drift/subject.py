"""The model whose decisions are looked at, and what is asked about them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from credit.errors import InvalidModel, InvalidSettings
from credit.policy import Policy
from features.schema import FeatureSchema
from monitoring.drift.reference import Reference
from monitoring.drift.report import compare
from monitoring.drift.span import Span, microseconds
from monitoring.drift.window import Window
from monitoring.files import profile_files
from monitoring.reporting.document import About, Document

TRAINING = "training"
PREVIOUS = "previous"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True)
class Question:
    """Which decisions, and what to compare them with."""

    span: Span
    against: str = TRAINING
    scenario: str | None = None
    """Whose simulated traffic; `None` for real traffic."""

    def __post_init__(self) -> None:
        if self.scenario is not None and not _NAME.fullmatch(self.scenario):
            raise InvalidSettings(
                "a scenario's name has 1 to 64 letters, digits, points, hyphens, underscores"
            )


@dataclass(frozen=True)
class Subject:
    """A model under a policy, with its reference."""

    version: str
    sha256: str
    schema: FeatureSchema
    policy: Policy
    reference: Reference

    def __post_init__(self) -> None:
        if {one.name for one in self.reference.features} != {feature.name for feature in self.schema.used}:
            raise InvalidModel(
                f"the reference of {self.version} is of other features than its schema: train it again"
            )

    def compared(
        self, question: Question, earlier: Window | None, now: Window, source: str, others: int = 0
    ) -> Document:
        """What the comparison of *now* with *earlier*, or with the training rows, found.

        *others*: decisions by other models in the same time.
        """
        about = About(
            made_at_us=microseconds(datetime.now(UTC)),
            since_us=question.span.since_us,
            until_us=question.span.until_us,
            model_version=self.version,
            model_sha256=self.sha256,
            policy_version=self.policy.version,
            against=question.against,
            source=source,
            scenario=question.scenario,
            others=others,
        )
        before = Window.of_training(self.reference) if earlier is None else earlier
        return Document(about, compare(self.reference, before, now, self.policy))

    def from_profiles(self, question: Question, folders: Sequence[Path]) -> Document:
        """The answer from profiles alone, those of all *folders* together; each folder is of one host."""
        if question.scenario is not None:
            raise InvalidSettings("profiles do not tell scenarios apart: leave out --scenario")
        earlier = self._profiled(question.span.previous, folders) if question.against == PREVIOUS else None
        return self.compared(question, earlier, self._profiled(question.span, folders), "profiles")

    def _profiled(self, span: Span, folders: Sequence[Path]) -> Window:
        """The profiles whose time begins within *span*."""
        # Whoever reads the database need not wait for whylogs.
        from monitoring.sketch import StoredSketch  # noqa: PLC0415

        files = [
            file for folder in folders for file in profile_files(folder) if file.model == self.sha256[:12]
        ]
        paths = [file.path for file in files if span.since <= file.since < span.until]
        return (
            Window.of_profiles(self.reference, StoredSketch(paths)) if paths else Window.empty(self.reference)
        )

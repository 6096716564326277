"""What a training found."""

from dataclasses import dataclass

from credit.cost import Labels, Probabilities
from credit.policy import Policy
from features.schema import FeatureSchema
from training.explanation import Explanation
from training.fairness import GroupOutcome
from training.metrics import Metrics
from training.plan import Plan
from training.sample import Sample
from training.threshold import Choice


@dataclass(frozen=True)
class Evidence:
    """The clients a model was measured on, none of whom it had seen."""

    defaulted: Labels
    probabilities: Probabilities
    fold_trees: tuple[int, ...]
    by_sex: tuple[GroupOutcome, ...]
    by_age: tuple[GroupOutcome, ...]


@dataclass(frozen=True)
class Trained:
    """A model with what was learned and measured on the way."""

    text: str
    schema: FeatureSchema
    policy: Policy
    metrics: Metrics
    choice: Choice
    evidence: Evidence
    explanation: Explanation
    plan: Plan
    trees: int
    sample: Sample
    """Everybody the model has seen."""
    seconds: float

    @property
    def rows(self) -> int:
        return len(self.sample)

    @property
    def defaults(self) -> int:
        return int(self.sample.defaulted.sum())

    @property
    def model_bytes(self) -> int:
        """Size of LightGBM's text."""
        return len(self.text.encode())

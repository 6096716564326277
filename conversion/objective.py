"""What LightGBM does to the sum of the trees, and how the graph does the same."""

from dataclasses import dataclass
from enum import StrEnum

from conversion.text_model import TextModel
from credit.errors import UnconvertibleModel


class Link(StrEnum):
    """From raw score to answer."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"
    EXP = "exp"
    IDENTITY = "identity"
    SIGNED_SQUARE = "signed square"


LINKS = {
    "binary": Link.SIGMOID,
    "cross_entropy": Link.SIGMOID,
    "multiclass": Link.SOFTMAX,
    "poisson": Link.EXP,
    "gamma": Link.EXP,
    "tweedie": Link.EXP,
    "regression": Link.IDENTITY,
    "regression_l1": Link.IDENTITY,
    "huber": Link.IDENTITY,
    "fair": Link.IDENTITY,
    "quantile": Link.IDENTITY,
    "mape": Link.IDENTITY,
    "lambdarank": Link.IDENTITY,
    "rank_xendcg": Link.IDENTITY,
}
SUPPORTED = ", ".join(LINKS)


@dataclass(frozen=True, slots=True)
class Objective:
    """The objective of a model, reduced to what its answer depends on."""

    name: str
    link: Link
    slope: float = 1.0
    """LightGBM's `sigmoid`: the raw score is multiplied by it."""

    @property
    def gives_probability(self) -> bool:
        return self.link in (Link.SIGMOID, Link.SOFTMAX)

    @property
    def output(self) -> str:
        """The name of the answer: "probabilities" are of several classes, a "value" has no bounds."""
        return {Link.SIGMOID: "probability", Link.SOFTMAX: "probabilities"}.get(self.link, "value")

    @classmethod
    def of(cls, model: TextModel) -> "Objective":
        """The objective of *model*; `UnconvertibleModel` names what has no exact counterpart here."""
        if model.averages:
            raise UnconvertibleModel(
                "boosting=rf averages its trees, which is not converted: train with gbdt, dart or goss"
            )
        name, *words = model.objective.split() or ["none"]
        if name not in LINKS:
            raise UnconvertibleModel(_refusal(name))
        link = Link.SIGNED_SQUARE if "sqrt" in words else LINKS[name]
        if (link is Link.SOFTMAX) != (model.outputs > 1):
            raise UnconvertibleModel(
                f"objective {name} with {model.outputs} trees an iteration is not converted"
            )
        slopes = [float(word.removeprefix("sigmoid:")) for word in words if word.startswith("sigmoid:")]
        return cls(name, link, slopes[0] if slopes and name == "binary" else 1.0)


def _refusal(name: str) -> str:
    if name == "multiclassova":
        return (
            "multiclassova fits one model per class and does not add up to 1: train with objective=multiclass"
        )
    if name in ("none", "custom"):
        return f"it has no objective (a custom one is not in the file): train with one of {SUPPORTED}"
    return f"objective {name} is not converted: train with one of {SUPPORTED}"

"""What LightGBM does to the sum of the trees, and how the graph does the same."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from conversion.text_model import TextModel
from credit.errors import InvalidModel, UnconvertibleModel


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
    "custom": Link.IDENTITY,
}
ALIASES = {
    **dict.fromkeys(("mse", "l2", "regression_l2", "mean_squared_error", "rmse", "l2_root"), "regression"),
    **dict.fromkeys(("mae", "l1", "mean_absolute_error"), "regression_l1"),
    **dict.fromkeys(("none", "null", "na"), "custom"),
    "mean_absolute_percentage_error": "mape",
    **dict.fromkeys(("multiclass_ova", "ova", "ovr"), "multiclassova"),
    "softmax": "multiclass",
    "xentropy": "cross_entropy",
    "xentlambda": "cross_entropy_lambda",
    "xendcg": "rank_xendcg",
}
"""Other names LightGBM reads, some of which earlier versions wrote; a custom objective has none."""
WITH_ROOT = ("regression", "regression_l1", "fair", "quantile", "mape")
"""Objectives that may be trained on the square root of the target (reg_sqrt); huber ignores it."""
SUPPORTED = ", ".join(name for name in LINKS if name != "custom")


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
        name, *words = ALIASES.get(model.objective, model.objective).split() or ["custom"]
        if name not in LINKS:
            raise UnconvertibleModel(_refusal(name))
        link = Link.SIGNED_SQUARE if "sqrt" in words and name in WITH_ROOT else LINKS[name]
        if (link is Link.SOFTMAX) != (model.outputs > 1) and name != "custom":
            raise UnconvertibleModel(
                f"objective {name} with {model.outputs} trees an iteration is not converted"
            )
        return cls(name, link, _slope(words) if name == "binary" else 1.0)


def _slope(words: list[str]) -> float:
    """The number of "sigmoid:number", which LightGBM requires to be positive."""
    slopes = [word.removeprefix("sigmoid:") for word in words if word.startswith("sigmoid:")]
    try:
        slope = float(slopes[0])
    except (IndexError, ValueError):
        slope = 0.0
    if not 0.0 < slope < inf:
        raise InvalidModel(f"objective binary {' '.join(words)} has no positive number after sigmoid:")
    return slope


def _refusal(name: str) -> str:
    if name == "multiclassova":
        return (
            "multiclassova fits one model per class and does not add up to 1: train with objective=multiclass"
        )
    return f"objective {name} is not converted: train with one of {SUPPORTED}"

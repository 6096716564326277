"""From the raw score to the answer, by operators that take each value alone.

Not by Sigmoid, Exp and Softmax: they take a batch several values at a time and its remainder one by one,
with two algorithms, so that the last bit of an answer would depend on its place in the batch.
"""

import numpy as np

from conversion.nodes import Nodes
from conversion.objective import Link, Objective


def add_link(graph: Nodes, objective: Objective, raw: str, outputs: int) -> None:
    """Add what *objective* does to the scores *raw*, *outputs* to a row."""
    answer = objective.output
    if objective.link is Link.SIGMOID:
        _sigmoid(graph, raw, objective.slope, answer)
    elif objective.link is Link.SOFTMAX:
        _softmax(graph, raw, outputs, answer)
    elif objective.link is Link.EXP:
        graph.add("Pow", [graph.constant("e", np.exp(1.0)), raw], answer)
    elif objective.link is Link.SIGNED_SQUARE:
        distance = graph.add("Abs", [raw], "score_abs")
        graph.add("Mul", [raw, distance], answer)
    else:
        graph.add("Identity", [raw], answer)


def _sigmoid(graph: Nodes, raw: str, slope: float, answer: str) -> None:
    if slope != 1.0:
        raw = graph.add("Mul", [raw, graph.constant("slope", slope)], "steep_score")
    odds = graph.add("Pow", [graph.constant("one_eth", np.exp(-1.0)), raw], "odds_against")
    whole = graph.add("Add", [graph.constant("one", 1.0), odds], "whole")
    graph.add("Reciprocal", [whole], answer)


def _softmax(graph: Nodes, raw: str, outputs: int, answer: str) -> None:
    """As LightGBM does: the largest score is subtracted, and the classes are added up one after another."""
    scores = _columns(graph, raw, outputs)
    largest = graph.add("Max", scores, "largest_score")
    lowered = graph.add("Sub", [raw, largest], "lowered_scores")
    weights = graph.add("Pow", [graph.constant("e", np.exp(1.0)), lowered], "weights")
    total = graph.add("Sum", _columns(graph, weights, outputs), "weight_of_all")
    graph.add("Div", [weights, total], answer)


def _columns(graph: Nodes, matrix: str, count: int) -> list[str]:
    names = [f"{matrix}_{number}" for number in range(count)]
    return graph.add_many("Split", [matrix], names, axis=1, num_outputs=count)

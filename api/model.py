"""The model that is served, opened once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from credit.errors import InvalidModel
from credit.policy import Policy
from features.schema import FeatureSchema
from runners.bundle import Bundle, read_policy
from runners.onnx import OnnxScorer
from runners.remotes import Remotes
from runners.scorer import Scorer
from runners.source import Found, find_bundle

log = structlog.get_logger()


@dataclass(frozen=True)
class ServedModel:
    """A certified model under the policy that applies."""

    found: Found
    scorer: Scorer
    policy: Policy

    @property
    def bundle(self) -> Bundle:
        return self.found.bundle

    @property
    def schema(self) -> FeatureSchema:
        return self.bundle.schema

    @property
    def version(self) -> str:
        return self.bundle.version

    @property
    def sha256(self) -> str:
        return self.bundle.model_sha256


def open_model(names: str, remotes: Remotes, policy: Path | None) -> ServedModel:
    """The model *names* mean, under *policy* if given; `InvalidModel` or `InvalidPolicy` says why not."""
    found = find_bundle(names, remotes)
    for reason in found.failed:
        log.warning("model_source_failed", reason=reason)
    bundle = found.bundle
    scorer = OnnxScorer(bundle.certified_onnx())
    if scorer.width != bundle.schema.width:
        raise InvalidModel(
            f"the model takes {scorer.width} features and its schema names {bundle.schema.width}"
        )
    # The first run of a session allocates; let no client wait for it.
    scorer.score(np.full((1, scorer.width), np.nan))
    return ServedModel(found, scorer, read_policy(policy) if policy else bundle.policy)

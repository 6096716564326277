"""The files of a model bundle, written all or none."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from monitoring.drift.reference import write_reference
from runners.bundle import METRICS_FILE, MODEL_FILE, POLICY_FILE, SCHEMA_FILE
from training.card import CARD_FILE, model_card
from training.figures import FIGURES, draw_all
from training.measured import measured
from training.trained import Trained

_DPI = 110


def write_bundle(trained: Trained, folder: Path) -> None:
    """Write the model bundle; an older one in its place goes, whole, once the new one is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as drafts:
        draft = Path(drafts) / "bundle"
        draft.mkdir()
        _write_files(trained, draft)
        if folder.exists():
            folder.rename(Path(drafts) / "older")
        draft.rename(folder)


def _write_files(trained: Trained, draft: Path) -> None:
    texts = {
        MODEL_FILE: trained.text,
        SCHEMA_FILE: trained.schema.to_json(),
        POLICY_FILE: _json(trained.policy.as_dict()),
        METRICS_FILE: _json(measured(trained)),
        CARD_FILE: model_card(trained),
    }
    for name, text in texts.items():
        (draft / name).write_text(text, encoding="utf-8")
    _write_figures(draw_all(trained), draft / FIGURES)
    _write_reference(trained, draft)


def _write_figures(figures: Mapping[str, Figure], folder: Path) -> None:
    folder.mkdir()
    for name, figure in figures.items():
        # Without the drawing library's own version, the same figure is the same bytes.
        figure.savefig(folder / f"{name}.png", dpi=_DPI, metadata={"Software": None})


def _write_reference(trained: Trained, draft: Path) -> None:
    """What later decisions are compared with: the training rows, and answers to those not seen before."""
    sample, answers = trained.sample, trained.evidence.probabilities
    write_reference(
        draft, trained.schema, sample.columns, answers, sample.defaulted, trained.explanation.gain.tolist()
    )


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, indent=1, allow_nan=False) + "\n"

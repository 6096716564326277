"""What the notebooks work on: raw tables, features, one model. Made where it is missing, then kept.

`OCTROI_RAW` names a folder with Kaggle's files; without it the tables are made up.
`OCTROI_NOTEBOOKS` names the folder to keep things in; by default `var/notebooks`. Delete it to start anew.
`OCTROI_NOTEBOOKS_CLIENTS` makes up another number of clients, each number in a folder of its own.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A notebook starts in its own folder, and the packages lie beside that.
sys.path.insert(0, str(ROOT))

# Before anything else that loads LightGBM: training tells its threads not to spin while they wait.
import training.parameters  # noqa: F401, I001

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.rcsetup import cycler

from conversion.convert import convert
from features.build import build
from features.catalogue import candidates
from features.made_up import write_tables
from features.tables import TARGET
from runners.bundle import CERTIFICATE_FILE, MODEL_FILE
from training.bundle_files import write_bundle
from training.fit import train
from training.plan import Plan
from training.sample import Column, read_sample

CLIENTS = 4_000
"""Made-up clients: enough to see what there is to see, few enough to train on in half a minute."""
STRANGERS = 1_000
"""Made-up clients that the model is not trained on."""
SEED = 0

# Of Okabe and Ito, told apart by every eye: blue, vermilion, green, grey, purple, orange.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#666666", "#CC79A7", "#E69F00")


@dataclass(frozen=True)
class Workshop:
    """The folder in which the notebooks find what they share."""

    folder: Path
    given: Path | None
    """Where Kaggle's files are; none when the tables are made up."""
    clients: int = CLIENTS
    """How many are made up."""

    @property
    def raw(self) -> Path:
        """The seven tables."""
        if self.given is not None:
            return self.given
        tables = self.folder / "raw"
        with self._alone():
            if not (tables / "made_up.json").exists():
                print(f"Making up {self.clients:,} clients ...")
                write_tables(tables, self.clients, SEED, silently)
        return tables

    @property
    def features(self) -> Path:
        """One row per client."""
        raw, file = self.raw, self.folder / "features.parquet"
        with self._alone():
            if not file.exists():
                print("Building the features ...")
                build(raw, file, silently)
        return file

    @property
    def bundle(self) -> Path:
        """The model, trained with the default parameters and converted."""
        features, bundle = self.features, self.folder / "bundle"
        with self._alone():
            if not (bundle / MODEL_FILE).exists():
                print("Training, each of five folds on its own clients ...")
                self._train(features, bundle)
            if not (bundle / CERTIFICATE_FILE).exists():
                print("Converting to ONNX, and proving it equal ...")
                convert(bundle, bundle, silently)
        return bundle

    @property
    def held_out(self) -> Path:
        """Clients' outcomes, and what models that had not met them said: `defaulted` and `probabilities`."""
        return self.bundle.with_name("held_out.npz")

    def strangers(self) -> dict[str, Column]:
        """Raw features of clients the model has not met: made up anew, or Kaggle's without an outcome."""
        if self.given is not None:
            frame = pd.read_parquet(self.features)
            unlabelled = frame[frame[TARGET].isna()]
            return {feature.name: unlabelled[feature.name].to_numpy() for feature in candidates()}
        file = self.folder / "strangers.parquet"
        with self._alone():
            if not file.exists():
                print(f"Making up {STRANGERS:,} clients more ...")
                write_tables(self.folder / "raw_of_strangers", STRANGERS, SEED + 1, silently)
                build(self.folder / "raw_of_strangers", file, silently)
        return read_sample(file, candidates()).columns

    def _train(self, features: Path, bundle: Path) -> None:
        trained = train(read_sample(features, candidates()), candidates(), Plan(), silently)
        evidence = trained.evidence
        np.savez(
            bundle.with_name("held_out.npz"),
            defaulted=evidence.defaulted,
            probabilities=evidence.probabilities,
        )
        write_bundle(trained, bundle)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps two notebooks that run side by side from making the same thing twice."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def open_workshop() -> Workshop:
    """The workshop of the tables that the environment names. Figures are drawn in one style from here on."""
    _draw_plainly()
    home = Path(os.environ.get("OCTROI_NOTEBOOKS") or ROOT / "var" / "notebooks")
    if not (named := os.environ.get("OCTROI_RAW")):
        clients = int(os.environ.get("OCTROI_NOTEBOOKS_CLIENTS") or CLIENTS)
        return Workshop(home / f"made_up-{clients}", None, clients)
    given = (ROOT / named).resolve()
    own = hashlib.sha256(str(given).encode()).hexdigest()[:8]
    return Workshop(home / f"{given.name}-{own}", given)


def _draw_plainly() -> None:
    # A notebook shows the figures of the packages, too, once it has drawn one itself.
    plt.close(plt.figure())
    plt.rcParams.update(
        {
            "figure.figsize": (9, 4.2),
            "figure.dpi": 96,
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.titlelocation": "left",
            "grid.alpha": 0.25,
            "legend.frameon": False,
        }
    )


def silently(_: float) -> None:
    """What long work reports to: a progress bar would stay in the page."""

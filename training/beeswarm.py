"""What each feature adds to single clients' risk, as the SHAP library draws it."""

import warnings

from matplotlib import colormaps
from matplotlib.figure import Figure

from training.explanation import Explanation

_SHOWN = 20


def beeswarm(explanation: Explanation) -> Figure:
    """One dot for each client and feature: left lowers the risk, right raises it; the colour is the value."""
    figure = Figure(figsize=(9.5, 9), layout="constrained")
    axes = figure.subplots()
    shown = min(_SHOWN, len(explanation.names))
    with warnings.catch_warnings():
        # The library calls what the drawing library below it will give up one day.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap  # type: ignore[import-untyped]  # noqa: PLC0415  # loading it takes seconds

        shap.plots.beeswarm(
            shap.Explanation(
                explanation.contributions,
                data=explanation.rows,
                feature_names=list(explanation.names),
            ),
            max_display=shown,
            ax=axes,
            color=colormaps["cividis"],
            plot_size=None,
            show=False,
            group_remaining_features=False,
        )
    axes.tick_params("y", labelsize=9)
    axes.set_xlabel("contribution to the log-odds of default", fontsize=10)
    axes.set_title(
        f"Contributions for {len(explanation.rows):,} clients, {shown} weightiest features; grey: missing",
        loc="left",
    )
    return figure

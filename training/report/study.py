"""A search as a picture: how it went, and what mattered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import optuna
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState

from training.files import write_whole

#: The endings that a picture may have.
PLOTS = (".png", ".svg", ".pdf")


def write_plot(path: Path, study: optuna.Study) -> None:
    """Draw the trials of ``study`` in their order, and how much what varied mattered for them."""
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    pruned = study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    course, matter = figure.subplots(1, 2)
    course.set_title("Trials")
    course.set_xlabel("trial")
    course.set_ylabel("accuracy on the validation photographs")
    green, grey = "#2c7a4b", "#8a938c"
    values = [(trial.number, trial.value or 0.0) for trial in done]
    given_up = [
        (trial.number, max(trial.intermediate_values.values()))
        for trial in pruned
        if trial.intermediate_values
    ]
    best = [(number, max(v for n, v in values if n <= number)) for number, _ in values]
    for points, style, colour, label in (
        (values, "o", green, "finished"),
        (given_up, "x", grey, "pruned, its best epoch"),
        (best, "-", green, "best so far"),
    ):
        course.plot(
            [n for n, _ in points], [v for _, v in points], style, color=colour, label=label
        )
    course.xaxis.set_major_locator(MaxNLocator(integer=True))
    course.legend(fontsize=8)
    matter.set_title("What mattered (fANOVA)")
    importance = _importance(study, done)
    if importance:
        matter.barh(list(importance)[::-1], list(importance.values())[::-1], color=green)
    else:
        matter.text(0.5, 0.5, "not to be told yet", ha="center", transform=matter.transAxes)
    write_whole(path, lambda part: figure.savefig(part, dpi=120))


def _importance(study: optuna.Study, done: Sequence[FrozenTrial]) -> dict[str, float]:
    """Return how much what varied mattered, most first; nothing where that cannot be told."""
    if len({trial.value for trial in done}) < 2:
        return {}
    try:
        found = optuna.importance.get_param_importances(
            study, evaluator=FanovaImportanceEvaluator(seed=0)
        )
    except RuntimeError:  # where no value that varied explains any difference
        return {}
    return {name: part for name, part in found.items() if len({t.params[name] for t in done}) > 1}

"""The picture of a search, whatever its trials were like."""

import optuna
import pytest
from matplotlib.axes import Axes
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from training.report.study import write_plot


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """A function that draws trials, given as (rate, accuracy, pruned), and tells what it drew."""
    bars: list[str] = []
    lines: dict[str, list[tuple[float, float]]] = {}
    barh, plot = Axes.barh, Axes.plot

    def bars_too(axes, names, *arguments, **options):
        bars.extend(names)
        return barh(axes, names, *arguments, **options)

    def lines_too(axes, x, y, *arguments, **options):
        lines[options["label"]] = list(zip(x, y, strict=True))
        return plot(axes, x, y, *arguments, **options)

    monkeypatch.setattr(Axes, "barh", bars_too)
    monkeypatch.setattr(Axes, "plot", lines_too)

    def draw(*trials):
        study = optuna.create_study(direction="maximize")
        for rate, accuracy, pruned in trials:
            study.add_trial(
                create_trial(
                    state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
                    value=None if pruned else accuracy,
                    params={"rate": rate, "size": 5.0},
                    distributions=dict.fromkeys(("rate", "size"), FloatDistribution(0, 9)),
                    intermediate_values={1: accuracy, 2: accuracy / 2},
                )
            )
        write_plot(tmp_path / "study.png", study)
        assert (tmp_path / "study.png").read_bytes().startswith(b"\x89PNG")
        return bars, lines

    return draw


def test_how_it_went_and_what_mattered(drawn):
    bars, lines = drawn((1, 0.5, False), (2, 0.4, False), (3, 0.3, True), (4, 0.7, False))
    assert bars == ["rate"]  # the other was the same in all
    assert lines["finished"] == [(0, 0.5), (1, 0.4), (3, 0.7)]
    assert lines["pruned, its best epoch"] == [(2, 0.3)]
    assert lines["best so far"] == [(0, 0.5), (1, 0.5), (3, 0.7)]


@pytest.mark.parametrize(
    "trials",
    [
        [(1, 0.5, False)],
        [(1, 0.5, False), (2, 0.5, False)],
        [(1, 0.5, False), (1, 0.6, False)],  # the same values, tried twice
    ],
)
def test_what_mattered_cannot_be_told_from_every_study(drawn, trials):
    bars, lines = drawn(*trials)
    assert not bars
    assert len(lines["finished"]) == len(trials)

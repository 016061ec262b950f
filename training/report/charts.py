"""Diagrams as SVG to stand in a page: text is text, and the colours are the page's.

matplotlib draws with the colours of :data:`_COLOURS`; in the SVG they become CSS variables, so
that light and dark are the page's affair.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from training.measure import BINS, share

_INK, _QUIET, _LINE, _GOOD, _BAD = "#010101", "#020202", "#030303", "#040404", "#050505"
_COLOURS = dict(
    zip((_INK, _QUIET, _LINE, _GOOD, _BAD), ("ink", "quiet", "line", "good", "bad"), strict=True)
)
_STYLE: Any = {  # matplotlib types every key
    "svg.fonttype": "none",
    "svg.hashsalt": "florapp",  # the same page for the same figures
    "text.parse_math": False,  # names of classes may hold dollars
    "font.size": 10,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _LINE,
    "ytick.color": _LINE,
    "xtick.labelcolor": _QUIET,
    "ytick.labelcolor": _QUIET,
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
}
_POINTS = 72  # to the inch
_CLASSES = 32  # in a confusion matrix that can be read
_NAME = 26  # characters of a name beside it


def shown_classes(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    """Choose the classes for a matrix that can be read: all, or those confused most often.

    ``counts`` is ``[true class, answer]``.
    """
    if len(counts) <= _CLASSES:
        return np.arange(len(counts))
    mistakes = counts - np.diag(np.diag(counts))
    chosen: set[int] = set()
    for place in np.argsort(-mistakes, axis=None, kind="stable")[: mistakes.astype(bool).sum()]:
        both = set(divmod(int(place), len(counts)))
        if len(chosen | both) <= _CLASSES:
            chosen |= both
    return np.array(sorted(chosen), dtype=int)


def confusion_matrix(counts: NDArray[np.int_], names: Sequence[str]) -> Markup:
    """Draw how often each class (row) got each answer (column), the right ones on the diagonal.

    ``counts`` is ``[true class, answer]``; a colour is the stronger, the larger the part of its
    row.
    """
    names = [name if len(name) <= _NAME else name[: _NAME - 1] + "…" for name in names]
    cell = 40.0 if len(names) <= 8 else 22.0 if len(names) <= 25 else 20.0
    margin = 22 + 5.6 * max(map(len, names), default=0)  # 10 points of a sans-serif, about
    side = cell * len(names)
    width, height = margin + side + 2, margin + side + 2
    with _canvas(width, height) as canvas:
        axes = canvas.add_axes((margin / width, 2 / height, side / width, side / height))
        axes.set(xlim=(0, len(names)), ylim=(len(names), 0))
        for (row, column), count in np.ndenumerate(counts):
            if count:
                strength = float(count / counts[row].sum()) ** 0.5
                colour = _GOOD if row == column else _BAD
                axes.add_patch(
                    Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.1 + 0.5 * strength)
                )
                axes.text(
                    column + 0.5, row + 0.54, str(count), ha="center", va="center", fontsize=9
                )
        places = np.arange(len(names)) + 0.5
        axes.set_xticks(places, names, rotation=90, color=_INK)
        axes.set_yticks(places, names, color=_INK)
        axes.set_xticks(np.arange(len(names) + 1), minor=True)
        axes.set_yticks(np.arange(len(names) + 1), minor=True)
        axes.xaxis.tick_top()
        axes.grid(which="minor")
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        return _svg(canvas, "Confusion matrix")


def reliability_diagram(bins: Sequence[tuple[float, float, int]]) -> Markup:
    """Draw how often answers are right by how sure they are; ``bins`` as measure.reliability.

    A dot on the line is as it should be; bars are 95 % intervals, numbers are photographs.
    """
    most = max((count for *_, count in bins), default=1)
    with _canvas(420, 380) as canvas:
        axes = canvas.add_axes((0.13, 0.13, 0.85, 0.83))
        axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=1, linestyle=(0, (4, 4)))
        for said, right, count in bins:
            found = share(round(right * count), count)
            axes.plot([said, said], [found.low, found.high], color=_GOOD, linewidth=1, alpha=0.6)
            axes.plot(said, right, "o", color=_GOOD, markersize=4 + 10 * (count / most) ** 0.5)
            centre = (min(int(said * BINS), BINS - 1) + 0.5) / BINS
            axes.text(centre, -0.045, str(count), ha="center", fontsize=8, color=_QUIET)
        axes.set(xlim=(0, 1.02), ylim=(-0.06, 1.04))
        axes.set(xlabel="how sure the model says it is", ylabel="right")
        _percent(axes)
        return _svg(canvas, "Reliability diagram")


def best(history: Sequence[dict[str, float]], before: dict[str, float]) -> int:
    """Return the epoch whose network was kept; 0 is that of ``before``, where there is one."""
    lines = [line for line in history if not line.get("lost")]  # state.py
    lines = [{"epoch": 0} | before, *lines] if before else lines
    return int(min(lines, key=lambda line: line["valid_loss"])["epoch"])


def learning_curves(history: Sequence[dict[str, float]], before: dict[str, float]) -> Markup:
    """Draw loss and accuracy by epoch, in training and in validation; a line marks the best.

    Validation begins at epoch 0 with what was ``before`` the first.
    """
    with _canvas(760, 260) as canvas:
        for place, key, title in ((0.06, "loss", "loss"), (0.57, "accuracy", "right")):
            axes = canvas.add_axes((place, 0.18, 0.42, 0.74))
            axes.axvline(best(history, before), color=_LINE, linewidth=1)
            for name, colour in ((key, _QUIET), (f"valid_{key}", _GOOD)):
                lines = [{"epoch": 0} | before, *history] if name in before else history
                epochs, values = zip(*((line["epoch"], line[name]) for line in lines), strict=True)
                label = "validation" if name != key else "training"
                axes.plot(epochs, values, "o-", color=colour, linewidth=1.6, markersize=4)
                axes.plot([], [], "o-", color=colour, label=label)
            axes.set_xlabel("epoch")
            axes.set_title(title, loc="left", fontsize=10)
            axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
            axes.grid(axis="y")
            axes.tick_params(length=0)
            axes.legend(frameon=False)
            if key == "accuracy":
                axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        return _svg(canvas, "Learning curves")


def _percent(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
    axes.grid()
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


@contextmanager
def _canvas(width: float, height: float) -> Iterator[Canvas]:
    """Give a canvas of so many points, with the style in force while it is drawn on."""
    with mpl.rc_context(_STYLE):
        yield Canvas(figsize=(width / _POINTS, height / _POINTS))


def _svg(canvas: Canvas, label: str) -> Markup:
    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with warnings.catch_warnings():  # the page's fonts may have what matplotlib's lack
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.savefig(file, format="svg", transparent=True, metadata=nothing)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    for colour, name in _COLOURS.items():
        text = text.replace(colour, f"var(--{name})")
    text = re.sub('<g id="[^"]*"', "<g", text)  # every chart has the same ones; nothing needs them
    return Markup(text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1))

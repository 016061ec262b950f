"""How far a model is to be believed, in words: its percentages, verdicts, promises, strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from florapp.core.errors import QT_TRANSLATE_NOOP, Sentence
from florapp.core.model_file import Card
from florapp.core.wording import Bin, Row, Section, interval, percent, photographs, take, take_rows

_ERRORS = {
    "ece": Sentence(QT_TRANSLATE_NOOP("core", "Off on average (ECE)")),
    "ece_if_perfect": Sentence(QT_TRANSLATE_NOOP("core", "ECE of a perfect model")),
    "ece_before": Sentence(QT_TRANSLATE_NOOP("core", "ECE before calibration")),
}
_LOSSES = {
    "nll": Sentence(QT_TRANSLATE_NOOP("core", "Log loss (NLL)")),
    "nll_before": Sentence(QT_TRANSLATE_NOOP("core", "Log loss before calibration")),
    "brier": Sentence(QT_TRANSLATE_NOOP("core", "Brier score")),
    "brier_before": Sentence(QT_TRANSLATE_NOOP("core", "Brier score before calibration")),
}
_VERDICTS = {
    "sure": Sentence(QT_TRANSLATE_NOOP("core", "Sure")),
    "one_of": Sentence(QT_TRANSLATE_NOOP("core", "One of these")),
    "group": Sentence(QT_TRANSLATE_NOOP("core", "Only its group is clear")),
    "unknown": Sentence(QT_TRANSLATE_NOOP("core", "Not one that I know")),
}


def trust(card: Card, left: dict[str, Any]) -> tuple[Section, ...]:
    """Tell the figures of ``card`` that say so; those told are taken out of ``left``."""
    return (
        _percentages(card, left),
        _reliability(left),
        _verdicts(left),
        _sets(left),
        _together(left),
        _strangers(card, left),
    )


def _percentages(card: Card, left: dict[str, Any]) -> Section:
    title = Sentence(QT_TRANSLATE_NOOP("core", "How far to believe its percentages"))
    rows = (*take_rows(left, _ERRORS, percent), *take_rows(left, _LOSSES, "{:.3f}".format))
    if card.calibration is None:
        guess = QT_TRANSLATE_NOOP(
            "core",
            "Its probabilities are uncalibrated: when it says 90 %, nobody knows how often it is "
            "right. Take its percentages for a guess. It gives no verdicts.",
        )
        return Section(title, (Sentence(guess),), rows)
    fitted = Sentence(
        QT_TRANSLATE_NOOP(
            "core",
            "Its probabilities are calibrated on {0} that it was not trained with: of many answers "
            "given 80 %, about 80 in 100 should be right.",
        ),
        photographs(card.calibration.photographs),
    )
    compared = QT_TRANSLATE_NOOP(
        "core",
        "Each half of them was measured with what was learnt on the other half. The smaller the "
        "figures, the better; by chance even a perfectly calibrated model seems a little off on "
        "so few photographs.",
    )
    return Section(title, (fitted, Sentence(compared)) if rows else (fitted,), rows)


def _reliability(left: dict[str, Any]) -> Section:
    title = Sentence(QT_TRANSLATE_NOOP("core", "Reliability: how sure it is, and how often right"))
    bins = take(left, "reliability", _bins, ())
    rows = tuple(
        (
            Sentence(QT_TRANSLATE_NOOP("core", "About {0}"), percent(said)),
            Sentence(
                QT_TRANSLATE_NOOP("core", "{0} right, of {1}"), percent(right), photographs(count)
            ),
        )
        for said, right, count in bins
    )
    return Section(title, rows=rows, bins=bins)


def _bins(value: Any) -> tuple[Bin, ...]:
    found = sorted((float(said), float(right), int(count)) for said, right, count in value)
    if not all(0 <= said <= 1 and 0 <= right <= 1 and count > 0 for said, right, count in found):
        raise ValueError("These are no shares of photographs.")
    return tuple(found)


def _verdicts(left: dict[str, Any]) -> Section:
    def rows(verdicts: dict[str, dict[str, int]]) -> tuple[Row, ...]:
        whole = sum(counts["photographs"] for counts in verdicts.values())
        return tuple(
            (_VERDICTS.get(kind, kind), _verdict(kind, counts, whole))
            for kind, counts in verdicts.items()
        )

    explained = QT_TRANSLATE_NOOP(
        "core",
        "Of photographs of its own classes. One of these is right when the class is among those "
        "named, a group when the class belongs to it. Each half of the photographs was judged by "
        "what was learnt on the other half.",
    )
    return _table(
        Sentence(QT_TRANSLATE_NOOP("core", "Its verdicts, and how often they are right")),
        Sentence(explained),
        take(left, "verdicts", rows, ()),
    )


def _verdict(kind: str, counts: dict[str, int], whole: int) -> Sentence:
    count, right = counts["photographs"], counts["right"]
    if not count:
        return Sentence(QT_TRANSLATE_NOOP("core", "Given to none"))
    given = Sentence(
        QT_TRANSLATE_NOOP("core", "Given to {0} ({1} of {2})"), percent(count / whole), count, whole
    )
    if kind == "unknown":
        return Sentence(QT_TRANSLATE_NOOP("core", "{0}, always wrongly: it knows them"), given)
    return Sentence(
        QT_TRANSLATE_NOOP("core", "{0}, right for {1} of these ({2})"),
        given,
        percent(right / count),
        right,
    )


def _sets(left: dict[str, Any]) -> Section:
    def row(promise: str, found: dict[str, Any]) -> Row:
        asked = Sentence(
            QT_TRANSLATE_NOOP("core", "Right in {0} of 100"), f"{float(promise) * 100:g}"
        )
        kept = Sentence(
            QT_TRANSLATE_NOOP("core", "Kept for {0}; classes in the set: {1}"),
            percent(found["coverage"]),
            f"{float(found['size']):.2f}",
        )
        if found["best_alone"]:
            kept = Sentence(
                QT_TRANSLATE_NOOP("core", "{0}; the most probable alone would do"), kept
            )
        return asked, kept

    explained = QT_TRANSLATE_NOOP(
        "core",
        "Asked to be right so often, it gives as many names as that takes. Means of many "
        "halvings of the photographs: learnt on one half, counted on the other.",
    )
    return _table(
        Sentence(QT_TRANSLATE_NOOP("core", "What it promises, and what it keeps")),
        Sentence(explained),
        take(left, "sets", _each(row), ()),
    )


def _together(left: dict[str, Any]) -> Section:
    def row(number: str, found: dict[str, Any]) -> Row:
        return photographs(int(number)), Sentence(
            QT_TRANSLATE_NOOP("core", "Right at first: {0}, of {1} plants; off by {2} (ECE)"),
            interval(found["top1"]),
            int(found["groups"]),
            percent(found["ece"]),
        )

    explained = QT_TRANSLATE_NOOP(
        "core",
        "There were no photographs of one plant to measure with. Different plants of one class "
        "stood for them, and that flatters.",
    )
    return _table(
        Sentence(QT_TRANSLATE_NOOP("core", "Several photographs of one plant")),
        Sentence(explained),
        take(left, "together", _each(row), ()),
    )


def _strangers(card: Card, left: dict[str, Any]) -> Section:
    def row(name: str, found: dict[str, Any]) -> Row:
        return name.replace("_", " "), Sentence(
            QT_TRANSLATE_NOOP("core", "{0} of {1} recognised as strange (AUROC {2})"),
            percent(found["told"]),
            photographs(found["photographs"]),
            f"{float(found['auroc']):.3f}",
        )

    blind = QT_TRANSLATE_NOOP(
        "core",
        "It cannot tell that a photograph shows something else: it gives anything the name of one "
        "of its classes.",
    )
    able = QT_TRANSLATE_NOOP(
        "core",
        "It recognises photographs unlike those it was trained with, by a limit that 95 of 100 "
        "photographs of its own classes pass. AUROC: how often a strange photograph is found "
        "stranger than one of its own classes.",
    )
    can = card.calibration is not None and card.calibration.novelty is not None
    return Section(
        Sentence(QT_TRANSLATE_NOOP("core", "Pictures of anything else")),
        (Sentence(able) if can else Sentence(blind),),
        take(left, "strangers", _each(row), ()),
    )


def _each(row: Callable[[str, Any], Row]) -> Callable[[dict[str, Any]], tuple[Row, ...]]:
    """Return what tells a dict by rows."""
    return lambda found: tuple(row(*item) for item in found.items())


def _table(title: str, explained: str, rows: tuple[Row, ...]) -> Section:
    """Explain ``rows``, where there are any."""
    return Section(title, (explained,) if rows else (), rows)

"""Answers and failures in words, the same wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from florapp.core.errors import Sentence
from florapp.core.model_file import Label
from florapp.core.prediction import Answer, Candidate
from florapp.core.verdict import Kind, Verdict


def percent(probability: float) -> str:
    """Return ``probability`` (0 to 1) as the user reads it.

    Whole per cent; what would round to none or all of it is told apart from that: a model never
    says never.
    """
    if probability < 0.01:
        return QCoreApplication.translate("percent", "<1 %")
    if probability >= 0.995:
        return QCoreApplication.translate("percent", ">99 %")
    return QCoreApplication.translate("percent", "{0} %").format(round(probability * 100))


def told(reason: str) -> str:
    """Return a sentence of the core in the user's language; any other text as it is."""
    if not isinstance(reason, Sentence):
        return reason
    template = QCoreApplication.translate("core", reason.text)
    return template.format(*map(told, reason.values)) if reason.values else template


def other_name(label: Label) -> str:
    """Return the scientific name; nothing where it is what the class is called anyway."""
    return label.scientific_name if label.scientific_name != label.name else ""


def in_words(candidate: Candidate) -> str:
    """Return a class with its probability: ``Corn poppy, Papaver rhoeas, 93 %``."""
    label = candidate.label
    return ", ".join(filter(None, (label.name, other_name(label), percent(candidate.probability))))


def in_short(answer: Answer, verdict: Verdict | None) -> tuple[str, str]:
    """Return what to believe in as few words as fit under a thumbnail, and how probable it is.

    Only what is sure, or of a model without verdicts, has a percentage; else that is empty.
    """
    if verdict is None or verdict.kind is Kind.SURE:
        return answer.best.label.name, percent(answer.best.probability)
    if verdict.kind is Kind.UNKNOWN:
        return unknown_in_words(verdict), ""
    if verdict.kind is Kind.GROUP:
        return QCoreApplication.translate("verdict", "A kind of {0}").format(verdict.group), ""
    *others, last = (member.label.name for member in verdict.members)
    words = QCoreApplication.translate("verdict", "{0} or {1}?")
    return words.format(", ".join(others), last), ""


def unknown_in_words(verdict: Verdict) -> str:
    """Return why there is no name in a few words."""
    words = unknown_words()
    return words.get(verdict.doubt, words["unclear"])


def unknown_words() -> dict[str, str]:
    """Return the few words for why there is no name, by the ``doubt`` of a verdict."""
    return {
        "flaw": QCoreApplication.translate("verdict", "Nothing to name"),
        "strange": QCoreApplication.translate("verdict", "Not one I know"),
        "unclear": QCoreApplication.translate("verdict", "I cannot tell"),
    }


def same_plant(names: Iterable[str]) -> str:
    """Return that a picture shows the same plant as those of these names."""
    words = QCoreApplication.translate("plants", "same plant as {0}")
    return words.format(", ".join(names))


def uncalibrated() -> str:
    """Return what is to be said wherever there is a percentage without a verdict."""
    return QCoreApplication.translate(
        "verdict", "This model is not calibrated: its percentages are a guess."
    )


def answer_in_words(answer: Answer, verdict: Verdict | None) -> str:
    """Return what to believe in one line, as the strip and a screen reader have it."""
    if verdict is None or verdict.kind is Kind.SURE:
        return in_words(answer.best)
    return told(verdict.sentence)

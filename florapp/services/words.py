"""Answers and failures in words, the same wherever they stand."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from florapp.core.errors import Sentence
from florapp.core.prediction import Candidate


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


def in_words(candidate: Candidate) -> str:
    """Return a class with its probability: ``Corn poppy, Papaver rhoeas, 93 %``."""
    label = candidate.label
    scientific = label.scientific_name if label.scientific_name != label.name else ""
    return ", ".join(filter(None, (label.name, scientific, percent(candidate.probability))))

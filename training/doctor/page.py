"""The findings as a page that opens offline, with the pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from florapp.core.errors import PictureError
from training.doctor.checkup import Checkup
from training.doctor.examine import Facts
from training.doctor.findings import ABOUT, Finding, Kind
from training.report.pictures import data_uri, small
from training.report.render import write_page as write_template
from training.threads import each

#: Findings of one kind that are shown with their pictures; the others are counted.
SHOWN = 48


@dataclass(frozen=True)
class Shot:
    """A photograph on the page; ``picture`` is "" where it cannot be shown."""

    name: str
    label: str
    split: str
    picture: str


@dataclass(frozen=True)
class Card:
    """A finding on the page, its photographs beside each other."""

    detail: str
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Section:
    """The findings of one kind on the page, some of them ``proposed``; ``more`` are not shown."""

    kind: Kind
    about: str
    proposed: int
    count: int
    cards: tuple[Card, ...]
    more: int


def write_page(path: Path, checkup: Checkup, csv: Path | None) -> None:
    """Write the page to ``path``; ``csv`` is where the proposed exclusions were written."""
    dataset = checkup.dataset
    looks = [facts.look for facts in checkup.examined if facts.look]
    left_out = {finding.path for finding in checkup.findings if finding.proposed}
    counts = np.bincount(
        [facts.photo.label for facts in checkup.examined], minlength=len(dataset.classes)
    )
    write_template(
        path,
        "check.html",
        folder=dataset.root.resolve().name,
        photographs=len(checkup.examined),
        train=len(dataset.train),
        valid=len(dataset.valid),
        test=len(dataset.test),
        sides=np.percentile([min(look.size) for look in looks], [5, 50, 95]) if looks else None,
        fingerprint=dataset.fingerprint,
        left_out=len(left_out),
        csv=csv and csv.name,
        sections=_sections(checkup),
        giveaways=checkup.giveaways,
        classes=sorted(zip(dataset.classes, counts.tolist(), strict=True), key=lambda c: -c[1]),
        notes=checkup.notes,
        unsought=checkup.unsought,
    )


def _sections(checkup: Checkup) -> list[Section]:
    by_name = {facts.name: facts for facts in checkup.examined}
    all_of = {kind: _once(checkup.of(kind)) for kind in Kind}
    shown = {kind: found[:SHOWN] for kind, found in all_of.items()}
    names = {name for found in shown.values() for f in found for name in (f.path, f.partner)}
    paths = [(name, checkup.dataset.root / name) for name in sorted(names - {""})]
    pictures = dict(zip((name for name, _ in paths), _pictures(paths), strict=True))
    return [
        Section(
            kind,
            ABOUT[kind],
            sum(finding.proposed for finding in checkup.of(kind)),
            len(checkup.of(kind)),
            tuple(_card(finding, checkup, by_name, pictures) for finding in shown[kind]),
            len(all_of[kind]) - len(shown[kind]),
        )
        for kind in Kind
    ]


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what was told of the partner: that the two are the same."""
    told: set[tuple[str, str]] = set()
    kept = []
    for finding in findings:
        if (finding.partner, finding.path) not in told:
            told.add((finding.path, finding.partner))
            kept.append(finding)
    return kept


def _card(
    finding: Finding, checkup: Checkup, by_name: dict[str, Facts], pictures: dict[str, str]
) -> Card:
    shots = []
    for name in filter(None, (finding.path, finding.partner)):
        facts = by_name.get(name)  # None: a file that the training passes over
        label = checkup.dataset.classes[facts.photo.label] if facts else finding.label
        split = facts.split if facts else ""
        shots.append(Shot(name, label, split, pictures[name]))
    return Card(finding.detail, tuple(shots))


def _pictures(paths: Sequence[tuple[str, Path]]) -> list[str]:
    return each(_picture, paths, "reading the pictures for the page")


def _picture(named: tuple[str, Path]) -> str:
    try:
        return data_uri(small(named[1]))
    except PictureError:
        return ""

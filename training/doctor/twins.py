"""The same picture twice: the same file, or saved anew, at another size, slightly cropped.

Two photographs are twins when their perceptual hashes (pHash and dHash, 128 bits together) differ
in no more than :data:`NEAR` bits and their grey thumbnails correlate by :data:`ALIKE`. Of 110
photographs saved anew at 60 to 80 % of the size, with up to 4 % cut off each side, all were within
19 bits and 0.82 of the original; of 88,000 pairs of different photographs of flowers the nearest
were 30 bits apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.doctor.examine import Facts
from training.doctor.findings import Finding, Kind

NEAR = 20
ALIKE = 0.8
#: Pixels of the shorter side from which on pictures can be told apart so: all icons, or digits, are
#: alike. Smaller ones are twins where their files are the same.
LEAST = 64
#: Of twins in two parts of the data the one in the former stays.
STAYS = ("test", "valid", "train")
_AT_ONCE = 1 << 20  # pairs compared at once

#: The twins of each photograph that has some, by their places in the list, the nearest first.
#: Arrays, for of ten thousand pictures from a camera that stands still all may be twins.
Twins = Mapping[int, NDArray[np.int32]]


def twins(examined: Sequence[Facts]) -> Twins:
    """Find all twins among photographs that can be read and show something."""
    large: list[int] = []
    files: dict[str, list[int]] = defaultdict(list)  # of the others
    for i, facts in enumerate(examined):
        if facts.look and min(facts.look.size) >= LEAST:
            large.append(i)
        else:
            files[facts.sha256].append(i)
    found = dict(_alike(examined, np.array(large, dtype=np.int32)))
    for copies in map(np.array, files.values()):
        found |= {int(i): copies[copies != i] for i in copies if len(copies) > 1}
    return found


def _alike(
    examined: Sequence[Facts], chosen: NDArray[np.int32]
) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Yield the twins among the ``chosen``, and of whom they are."""
    looks = [look for i in chosen if (look := examined[i].look)]
    if not looks:
        return
    hashes = np.array([look.hashes for look in looks], dtype=np.uint64)
    thumbs = np.stack([look.thumb for look in looks]).reshape(len(looks), -1).astype(np.float32)
    thumbs -= thumbs.mean(axis=1, keepdims=True)
    thumbs /= np.linalg.norm(thumbs, axis=1, keepdims=True) + 1e-6
    files = np.unique([examined[i].sha256 for i in chosen], return_inverse=True)[1]
    rows = max(1, _AT_ONCE // len(looks))
    for start in range(0, len(looks), rows):
        block = hashes[start : start + rows, np.newaxis]
        bits = np.bitwise_count(block[..., 0] ^ hashes[:, 0])
        bits += np.bitwise_count(block[..., 1] ^ hashes[:, 1])
        close = bits <= NEAR
        hits = np.flatnonzero(np.count_nonzero(close, axis=1) > 1)  # each is close to itself
        near = np.flatnonzero(close[hits].any(axis=0))
        same = thumbs[start + hits] @ thumbs[near].T >= ALIKE
        same |= files[start + hits, np.newaxis] == files[near]
        same &= close[np.ix_(hits, near)]
        for row, twins_of in zip(hits, same, strict=True):
            others = near[twins_of]
            others = others[others != start + row]
            nearest = np.argsort(bits[row, others], kind="stable")
            if len(others):
                yield int(chosen[start + row]), chosen[others[nearest]]


def groups(count: int, found: Twins) -> NDArray[np.int_]:
    """Number the ``count`` photographs so that twins, and twins of twins, have one number."""
    numbers = np.arange(count)
    for i, others in found.items():
        together = np.unique(numbers[np.append(others, i)])
        if len(together) > 1:
            numbers[np.isin(numbers, together)] = together[0]
    return numbers


def findings(examined: Sequence[Facts], found: Twins, classes: Sequence[str]) -> Iterator[Finding]:
    """Say which photographs are twins, and which of them to leave out.

    Under two classes that is both, with the nearest as partner. Of the others those that are held
    back stay before those in train, then the first by name; once one is left out, its twins need
    not be.
    """
    labels = np.array([facts.photo.label for facts in examined], dtype=np.intp)

    def told(kind: Kind, i: int, j: int, where: str) -> Finding:
        one, other = examined[i], examined[j]
        same, bits = "The same file", ""
        if one.sha256 != other.sha256 and one.look and other.look:
            pairs = zip(one.look.hashes, other.look.hashes, strict=True)
            bits = f" ({sum((a ^ b).bit_count() for a, b in pairs)} of 128 bits differ)"
            same = "Nearly the same picture"
        return Finding(kind, one.name, classes[labels[i]], f"{same} {where}{bits}.", other.name)

    out: set[int] = set()
    for i in sorted(found, key=lambda i: examined[i].name):
        for j in found[i][labels[found[i]] != labels[i]][:1].tolist():
            yield told(Kind.CONFLICT, i, j, f"is under '{classes[labels[j]]}'")
            out.add(i)
    for i in sorted(found, key=lambda i: (STAYS.index(examined[i].split), examined[i].name)):
        for j in () if i in out else found[i].tolist():
            if j in out:
                continue
            if examined[i].split == examined[j].split:
                yield told(Kind.REPEAT, j, i, "is in the class already")
            else:
                yield told(Kind.LEAK, j, i, "is held back")
            out.add(j)


def leaked(examined: Sequence[Facts], found: Twins) -> dict[str, str]:
    """Return who of twins in two parts has to go and, for each, the nearest that stays, by name."""
    stays = np.array([STAYS.index(facts.split) for facts in examined], dtype=np.intp)
    return {
        examined[i].name: examined[before[0]].name
        for i, others in found.items()
        if len(before := others[stays[others] < stays[i]])
    }

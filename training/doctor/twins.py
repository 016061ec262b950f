"""The same picture twice: the same file, or saved anew, at another size, slightly cropped.

Two photographs are twins when their perceptual hashes (pHash and dHash, 128 bits together) differ
in no more than :data:`NEAR` bits and their grey thumbnails correlate by :data:`ALIKE`. Of 110
photographs saved anew at 60 to 80 % of the size, with up to 4 % cut off each side, all were within
19 bits and 0.82 of the original; of 88,000 pairs of different photographs of flowers the nearest
were 30 bits apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.doctor.examine import Facts
from training.doctor.findings import Finding, Kind

NEAR = 20
ALIKE = 0.8
#: Pixels of the shorter side from which on pictures can be told apart so: all icons, or digits, are
#: alike. Smaller ones are twins where their files are the same.
LEAST = 64
#: Of twins in two parts of the data the one in the former stays.
STAYS = ("test", "valid", "train")
_AT_ONCE = 1 << 22  # pairs compared at once


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs of one picture, by their places in the list, the first the smaller.

    ``bits`` is by how many of 128 they differ; None where the files are the same.
    """

    one: int
    other: int
    bits: int | None


def pairs(examined: Sequence[Facts]) -> list[Pair]:
    """Find all twins among photographs that can be read and show something."""
    large = [i for i, facts in enumerate(examined) if facts.look and min(facts.look.size) >= LEAST]
    return [*_alike(examined, large), *_same_small(examined, set(large))]


def _same_small(examined: Sequence[Facts], large: Container[int]) -> Iterator[Pair]:
    """Yield those of all but the ``large`` ones whose files are the same."""
    same: dict[str, list[int]] = defaultdict(list)
    for i, facts in enumerate(examined):
        if i not in large:
            same[facts.sha256].append(i)
    for copies in same.values():
        yield from (Pair(one, other, None) for one, other in combinations(copies, 2))


def _alike(examined: Sequence[Facts], chosen: Sequence[int]) -> Iterator[Pair]:
    """Yield the twins among the ``chosen``."""
    looks = [look for i in chosen if (look := examined[i].look)]
    if not looks:
        return
    hashes = np.array([look.hashes for look in looks], dtype=np.uint64)
    thumbs = np.stack([look.thumb for look in looks]).reshape(len(looks), -1).astype(np.float32)
    thumbs -= thumbs.mean(axis=1, keepdims=True)
    thumbs /= np.linalg.norm(thumbs, axis=1, keepdims=True) + 1e-6
    for a, b, bits in _near(hashes):
        one, other = chosen[a], chosen[b]
        if examined[one].sha256 == examined[other].sha256:
            yield Pair(one, other, None)
        elif thumbs[a] @ thumbs[b] >= ALIKE:
            yield Pair(one, other, bits)


def groups(count: int, twins: Sequence[Pair]) -> NDArray[np.int_]:
    """Number the ``count`` photographs so that twins, and twins of twins, have one number."""
    if not count:
        return np.zeros(0, dtype=np.intp)
    ends = np.array([(twin.one, twin.other) for twin in twins], dtype=np.intp).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    numbers: NDArray[np.int_] = connected_components(graph, directed=False)[1]
    return numbers


def findings(
    examined: Sequence[Facts], twins: Sequence[Pair], classes: Sequence[str]
) -> Iterator[Finding]:
    """Say which photographs are twins, and which of them to leave out.

    Under two classes that is both, with the nearest as partner. Of the others those that are held
    back stay before those in train, then the first by name; once one is left out, its twins need
    not be.
    """
    near: dict[int, list[tuple[int, Pair]]] = defaultdict(list)
    for twin in sorted(twins, key=lambda twin: (twin.bits or 0, twin.one, twin.other)):
        near[twin.one].append((twin.other, twin))
        near[twin.other].append((twin.one, twin))
    labels = [facts.photo.label for facts in examined]

    def told(kind: Kind, i: int, j: int, twin: Pair, where: str) -> Finding:
        bits = "" if twin.bits is None else f" ({twin.bits} of 128 bits differ)"
        same = "The same file" if twin.bits is None else "Nearly the same picture"
        detail = f"{same} {where}{bits}."
        return Finding(kind, examined[i].name, classes[labels[i]], detail, examined[j].name)

    out: set[int] = set()
    for i in sorted(near, key=lambda i: examined[i].name):
        other = next(((j, twin) for j, twin in near[i] if labels[i] != labels[j]), None)
        if other is not None:
            j, twin = other
            yield told(Kind.CONFLICT, i, j, twin, f"is under '{classes[labels[j]]}'")
            out.add(i)
    for i in sorted(near, key=lambda i: (STAYS.index(examined[i].split), examined[i].name)):
        for j, twin in near[i]:
            if i in out or j in out:
                continue
            if examined[i].split == examined[j].split:
                yield told(Kind.REPEAT, j, i, twin, "is in the class already")
            else:
                yield told(Kind.LEAK, j, i, twin, "is held back")
            out.add(j)


def _near(hashes: NDArray[np.uint64]) -> Iterator[tuple[int, int, int]]:
    """Yield (one, other, bits) of all hashes ``[photos, 2]`` no more than NEAR bits apart."""
    rows = max(1, _AT_ONCE // len(hashes))
    for start in range(0, len(hashes), rows):
        block, rest = hashes[start : start + rows, np.newaxis], hashes[start:]
        bits = np.bitwise_count(block[..., 0] ^ rest[:, 0])
        bits += np.bitwise_count(block[..., 1] ^ rest[:, 1])
        for a, b in np.argwhere(bits <= NEAR):
            if a < b:
                yield int(start + a), int(start + b), int(bits[a, b])

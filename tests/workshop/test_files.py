"""A stop of the machine, or a damaged file, never leaves a run without words or without a state."""

import io
import os

import numpy as np

from training.files import write_json
from training.state import saved_head


def test_whatever_single_bit_of_a_state_is_damaged_is_no_crash(tmp_path):
    whole, path = io.BytesIO(), tmp_path / "head.npz"
    np.savez(whole, kernel=np.eye(2), bias=np.ones(2))
    data = whole.getvalue()
    path.write_bytes(data)
    assert saved_head(path) is not None
    broken = 0
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        broken += saved_head(path) is None
    assert broken > len(data) / 2  # the rest is never looked at: dates, say


def test_what_is_written_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    """Else a power cut may leave the name of a state with nothing in it."""
    path, sync, there = tmp_path / "state.json", os.fsync, []

    def seen(file):
        sync(file)
        there.append((os.fstat(file).st_size, path.exists()))

    monkeypatch.setattr("os.fsync", seen)
    write_json(path, {"epoch": 1})
    assert there == [(path.stat().st_size, False)]

"""Pictures that are decoded at the same time wait for one another when they are large."""

from __future__ import annotations

import io
import threading
import time
from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image

from florapp.core import images, memory, shrinking
from florapp.core.errors import PictureError
from florapp.core.images import decode
from florapp.core.memory import Room, needed
from florapp.core.pipeline import classify
from florapp.core.prediction import Answer
from florapp.core.source import Source


@pytest.fixture
def room():
    return Room(100)


def enter(room, amount, *, wait=0.2):
    """Whether somebody else gets in within a moment; they leave when the event is set."""
    inside, leave = threading.Event(), threading.Event()

    def stay():
        with room.hold(amount):
            inside.set()
            leave.wait(30)

    threading.Thread(target=stay, daemon=True).start()
    inside.wait(wait)
    return inside, leave


def test_what_fits_goes_in_and_what_does_not_waits(room):
    with room.hold(60):
        fits, leave = enter(room, 40, wait=10)
        assert fits.is_set()
        waits, leave_later = enter(room, 50)
        assert not waits.is_set()
        leave.set()
        assert not waits.wait(0.2)
    assert waits.wait(10)
    leave_later.set()


def test_an_error_gives_the_room_back(room):
    for _ in range(3):
        with pytest.raises(LookupError), room.hold(100):
            raise LookupError
    with room.hold(100):
        pass


def test_what_can_never_fit_is_refused(room):
    with pytest.raises(PictureError, match=r"would take 0 MB of memory.*Save a smaller copy"):  # noqa: SIM117
        with room.hold(101):
            pass


def test_whoever_waits_for_room_is_not_given_up(room, monkeypatch, network):
    """However long the one before it takes: it is not slow itself."""
    monkeypatch.setattr(images, "DECODING", room)
    monkeypatch.setattr(images, "needed", lambda *_: 100)
    picture = Source("picture", Image.new("RGB", (8, 8)))
    with ExitStack() as before:
        before.enter_context(room.hold(100))
        threading.Timer(3, before.close).start()
        results = [type(result) for _, result in classify(network, [picture] * 2, patience=2)]
    assert results == [Answer] * 2


def test_one_that_hangs_is_forgotten_and_no_other(room, monkeypatch):
    """However many wait; when it comes back after all, nothing is amiss."""
    monkeypatch.setattr(memory, "_TURN", 0.5)
    with room.hold(60):
        everybody = [enter(room, 40, wait=0) for _ in range(6)]
        time.sleep(0.7)
        assert [inside.is_set() for inside, _ in everybody].count(True) == 2
        for _, leave in everybody:
            leave.set()
        assert all(inside.wait(10) for inside, _ in everybody)


def test_one_that_hangs_is_waited_for_once(room, monkeypatch):
    """Others would wait for it again and again; when it comes back after all, nothing is amiss."""
    monkeypatch.setattr(memory, "_TURN", 0.2)
    with ExitStack() as hangs:
        hangs.enter_context(room.hold(60))
        inside, leave = enter(room, 50, wait=10)
        assert inside.is_set()
        monkeypatch.setattr(memory, "_TURN", 60)
        another, leave_too = enter(room, 50, wait=10)
        assert another.is_set()
        hangs.close()
        late, leave_last = enter(room, 10)
        assert not late.is_set()
        leave.set()
        assert late.wait(10)
    leave_too.set()
    leave_last.set()


def test_files_that_are_read_share_what_memory_there_is_for_them(room, monkeypatch, tmp_path):
    monkeypatch.setattr(images, "FILES", room)
    Image.new("RGB", (5, 1)).save(tmp_path / "a.bmp")  # 70 bytes
    read = threading.Event()

    def reads():
        decode(Source.of(tmp_path / "a.bmp"))
        read.set()

    with room.hold(40):
        threading.Thread(target=reads, daemon=True).start()
        assert not read.wait(0.2)
    assert read.wait(10)


@pytest.mark.parametrize(
    ("mode", "file_format", "options", "bytes_a_pixel"),
    [
        ("RGB", "PNG", {}, 4 + 4 + 0.08),  # and two rows
        ("RGBA", "PNG", {}, 4 + 16 + 0.08),
        ("I;16", "PNG", {}, 4 + 16 + 0.16),
        ("RGB", "JPEG", {}, 4 + 4),
        ("RGB", "JPEG", {"progressive": True}, 10 + 4),
        ("CMYK", "JPEG", {"progressive": True}, 12 + 16),
        ("RGB", "WEBP", {}, 16 + 4),
        ("RGB", "AVIF", {}, 12 + 4),
        ("F", "TIFF", {}, 28 + 16),
        ("RGB", "TIFF", {}, 12 + 4),  # in one strip
        ("RGB", "TIFF", {"tiffinfo": {278: 10}}, 5 + 4),
        ("RGB", "TIFF", {"tiffinfo": {278: 10, 274: 6}}, 9 + 4),
    ],
    ids=str,
)
def test_what_a_picture_takes_depends_on_how_it_is_stored(
    saved, mode, file_format, options, bytes_a_pixel
):
    """Decoded, and converted."""
    content = saved(Image.new(mode, (100, 100)), file_format, **options)
    with Image.open(io.BytesIO(content)) as image:
        assert needed(image, 100, 100) == round(bytes_a_pixel * 10_000)


def test_the_first_of_several_pictures_in_a_jpeg_has_scans_of_its_own(monkeypatch, saved):
    """As cameras write them, the second as a preview."""
    image = Image.new("RGB", (100, 100))
    content = saved(image, "MPO", save_all=True, append_images=[image])
    scans = []

    def counted(picture, width, height, its_scans):
        scans.append(its_scans)
        return needed(picture, width, height, its_scans)

    monkeypatch.setattr(images, "needed", counted)
    decode(Source.of(content))
    assert scans == [1]


def test_a_jpeg_in_several_scans_is_held_until_the_last(saved):
    content = saved(Image.new("RGB", (100, 100)), "JPEG")
    with Image.open(io.BytesIO(content)) as image:
        assert needed(image, 100, 100, 3) == (10 + 4) * 10_000


def test_of_a_large_picture_a_part_is_converted_at_a_time(saved, monkeypatch):
    monkeypatch.setattr(shrinking, "LARGE", 9_000)
    monkeypatch.setattr(shrinking, "_PART", 1_000)
    with Image.open(io.BytesIO(saved(Image.new("RGB", (100, 100)), "PNG"))) as image:
        assert needed(image, 100, 100) == 4 * 10_000 + 4 * 1_000 + 800


def test_what_libtiff_unpacks_of_a_large_file_is_read_at_once(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(images, "FILE_LIMIT", 30)
    held = []

    def counted(*picture):
        held.append(needed(*picture))
        return held[-1]

    monkeypatch.setattr(images, "needed", counted)
    for name, compression in (("plain", None), ("packed", "tiff_lzw")):
        image = Image.new("RGB", (100, 100))
        image.save(tmp_path / name, "TIFF", compression=compression, tiffinfo={278: 10})
        decode(Source.of(tmp_path / name))
    assert held == [90_000, 90_000 + (tmp_path / "packed").stat().st_size]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16", "CMYK", "LAB"])
@pytest.mark.parametrize("size", [(301, 203), (203, 301)])
def test_a_large_picture_is_shrunk_part_by_part_and_looks_the_same(monkeypatch, saved, mode, size):
    """Of every mode, and where the parts do not come out even."""
    grey = Image.linear_gradient("L").resize((301, 203))
    image = Image.merge("RGB", (grey, grey.rotate(180), grey.resize((1, 203)).resize((301, 203))))
    if mode in ("I;16", "LAB"):
        image = Image.frombytes(mode, (301, 203), grey.tobytes() * (2 if mode == "I;16" else 3))
    elif mode == "RGBA":
        image.putalpha(grey)
    else:
        image = image.convert(mode)
    content = saved(image.resize(size, Image.Resampling.NEAREST), "TIFF")
    whole = Image.fromarray(decode(Source.of(content), 40).pixels)
    monkeypatch.setattr(shrinking, "LARGE", 10_000)
    monkeypatch.setattr(shrinking, "_PART", 1500)
    picture = decode(Source.of(content), 40)
    assert picture.size == size
    assert picture.pixels.shape == (-(-size[1] // 5), -(-size[0] // 5), 3)
    wanted = np.asarray(whole.reduce(5), int)
    assert np.abs(picture.pixels - wanted).max() <= 1


@pytest.mark.parametrize(("mode", "white"), [("I", 60_000), ("F", 200.0), ("F", 1.0)])
def test_what_has_no_fixed_white_is_as_bright_in_every_part(monkeypatch, saved, mode, white):
    """A part that is dark throughout stays so."""
    ramp = white * np.linspace(0, 1, 300 * 200).reshape(300, 200) ** 2
    image = Image.fromarray(ramp.astype(np.int32 if mode == "I" else np.float32))
    assert image.mode == mode
    content = saved(image, "TIFF")
    whole = Image.fromarray(decode(Source.of(content), 40).pixels)
    monkeypatch.setattr(shrinking, "LARGE", 10_000)
    monkeypatch.setattr(shrinking, "_PART", 1500)
    pixels = decode(Source.of(content), 40).pixels
    assert pixels.shape == (60, 40, 3)
    assert np.abs(pixels - np.asarray(whole.reduce(5), int)).max() <= 1


def test_a_long_and_narrow_picture_is_shrunk_below_what_was_asked_for(monkeypatch, saved):
    """Its short side would keep it large."""
    monkeypatch.setattr(shrinking, "LARGE", 10_000)
    picture = decode(Source.of(saved(Image.new("RGB", (90_000, 1)), "PNG")), 40)
    assert picture.pixels.shape == (1, 30_000, 3)
    assert picture.size == (90_000, 1)


def test_at_full_size_nothing_is_shrunk(monkeypatch, saved):
    monkeypatch.setattr(shrinking, "LARGE", 100)
    content = saved(Image.new("RGB", (64, 48)), "PNG")
    assert decode(Source.of(content)).pixels.shape == (48, 64, 3)


def test_a_file_is_refused_where_all_of_it_would_be_read(monkeypatch, saved, tmp_path):
    monkeypatch.setattr(images, "FILE_LIMIT", 30)
    image = Image.new("RGB", (64, 48))
    for file_format in ("JPEG", "GIF", "WEBP", "AVIF"):
        (tmp_path / "a").write_bytes(saved(image, file_format))
        for content in (tmp_path / "a", (tmp_path / "a").read_bytes()):
            with pytest.raises(PictureError, match="larger than 0 MB"):
                decode(Source.of(content))
    for file_format in ("PNG", "TIFF", "BMP"):
        decode(Source.of(saved(image, file_format)))

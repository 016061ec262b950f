"""The data doctor without its network: drawn photographs with faults planted among them."""

import dataclasses
import io
import shutil

import numpy as np
import pytest
from PIL import Image, ImageFilter

from florapp.core.drawing import FLOWERS, draw
from tests.workshop.doctor.hands import checked
from training.config import Data, Recipe
from training.dataset import find
from training.doctor.checkup import in_lines
from training.doctor.examine import format_named
from training.doctor.findings import Kind
from training.doctor.proposals import excluding, write_proposals


def said(found):
    return {(finding.kind, finding.path) for finding in found.findings}


def saved_anew(path, to):
    """Cut a little off each side, make it smaller, save it as a bad JPEG."""
    image = Image.open(path).convert("RGB")
    width, height = image.size
    image = image.crop((2, 1, width - 3, height - 2)).resize((width * 3 // 4, height * 3 // 4))
    image.save(to, quality=60)


def test_nothing_is_found_in_healthy_photographs(healthy):
    found = checked(healthy)
    assert found.findings == []
    assert {facts.split for facts in found.examined} == {"train", "valid"}
    lines: list[str] = []
    in_lines(found, lines.append)
    assert lines[:2] == ["20 photographs of 2 classes", "nothing found"]


def test_what_is_wrong_with_single_files(data):
    train = data / "train"
    good = (train / "left" / "left5.png").read_bytes()
    (train / "left" / "cut.png").write_bytes(good[: len(good) // 2])
    (train / "left" / "empty.jpg").write_bytes(b"")
    (data / "valid" / "right" / "lost.jpg").symlink_to(data / "nowhere.jpg")
    Image.new("RGB", (128, 96), (200, 30, 30)).save(train / "left" / "plain.png")
    Image.fromarray(draw("tulip", 30, 40)).save(train / "left" / "tiny.png")
    shown = draw("sunflower", 128, 96, centre=(0.1, 0.9), radius=0.5)
    blurred = Image.fromarray(shown).filter(ImageFilter.GaussianBlur(6))
    blurred.save(train / "right" / "blurred.png")
    blurred = Image.fromarray(draw("tulip", 128, 96, centre=(0.9, 0.2), radius=0.5))
    blurred = blurred.filter(ImageFilter.GaussianBlur(6))
    blurred.save(train / "right" / "blocks.jpg", quality=60)  # saving gives it edges
    Image.new("RGB", (128, 96), (2, 1, 2)).save(train / "left" / "dark.png")
    noise = np.random.default_rng(1).integers(0, 256, (224, 224, 3), np.uint8)
    Image.fromarray(noise).save(train / "left" / "noise.png")
    other = io.BytesIO()
    Image.fromarray(draw("rose", 128, 96, centre=(0.8, 0.3))).save(other, "PNG")
    (train / "right" / "really_png.JPG").write_bytes(other.getvalue())
    Image.fromarray(draw("tulip", 128, 96, centre=(0.2, 0.3))).save(other := io.BytesIO(), "JPEG")
    (train / "right" / "download").write_bytes(other.getvalue())
    (train / "right" / "notes.txt").write_text("no picture")
    (train / "right" / ".hidden").write_bytes(good)
    found = checked(data)
    assert said(found) == {
        (Kind.UNREADABLE, "train/left/cut.png"),
        (Kind.UNREADABLE, "train/left/empty.jpg"),
        (Kind.UNREADABLE, "valid/right/lost.jpg"),
        (Kind.EMPTY, "train/left/plain.png"),
        (Kind.TINY, "train/left/tiny.png"),
        (Kind.EMPTY, "train/left/dark.png"),
        (Kind.EMPTY, "train/left/noise.png"),
        (Kind.BLURRED, "train/right/blurred.png"),
        (Kind.BLURRED, "train/right/blocks.jpg"),
        (Kind.ENDING, "train/right/really_png.JPG"),
        (Kind.ENDING, "train/right/download"),
    }
    assert {f.path for f in found.findings if f.proposed} == {
        "train/left/cut.png",
        "train/left/empty.jpg",
        "valid/right/lost.jpg",
        "train/left/plain.png",
        "train/left/dark.png",
        "train/left/noise.png",
    }
    told = {finding.path: finding.detail for finding in found.of(Kind.EMPTY)}
    assert "black" in told["train/left/dark.png"] and "noise" in told["train/left/noise.png"]


def test_where_all_pictures_are_small_none_is_tiny_or_blurred(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            picture = draw(FLOWERS[number], 32, 32, radius=0.3 if name == "left" else 0.45)
            Image.fromarray(picture).save(tmp_path / name / f"{number}.png")
    assert not {f.kind for f in checked(tmp_path).findings} & {Kind.TINY, Kind.BLURRED}


def test_where_all_are_soft_one_without_any_edge_is_blurred(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            picture = Image.fromarray(draw(FLOWERS[number], 128, 96, radius=0.3 + number / 20))
            softened = picture.filter(ImageFilter.GaussianBlur(1.3))
            softened.save(tmp_path / name / f"{number}.png")
    picture.filter(ImageFilter.GaussianBlur(6)).save(tmp_path / "left" / "blurred.png")
    (told,) = checked(tmp_path).of(Kind.BLURRED)
    assert told.path == "left/blurred.png"


@pytest.mark.parametrize(
    ("suffix", "content"),
    [(".jfif", "JPEG"), (".dib", "BMP"), (".TIF", "TIFF"), (".heic", "HEIF"), (".txt", "")],
)
def test_every_ending_promises_its_format(suffix, content):
    assert format_named(suffix) == content


def test_the_same_picture_twice(data, monkeypatch):
    monkeypatch.setattr("training.doctor.twins._AT_ONCE", 50)  # in blocks, as of thousands
    train, valid = data / "train", data / "valid"
    saved_anew(valid / "left" / "left0.png", train / "left" / "leak.jpg")
    shutil.copy(train / "right" / "right4.png", train / "right" / "again.png")
    saved_anew(train / "right" / "right4.png", train / "right" / "z_anew.jpg")
    shutil.copy(train / "left" / "left7.png", valid / "right" / "torn.png")
    found = checked(data)
    assert {(f.kind, f.path, f.partner) for f in found.findings} == {
        (Kind.LEAK, "train/left/leak.jpg", "valid/left/left0.png"),
        (Kind.REPEAT, "train/right/right4.png", "train/right/again.png"),
        (Kind.REPEAT, "train/right/z_anew.jpg", "train/right/again.png"),
        (Kind.CONFLICT, "train/left/left7.png", "valid/right/torn.png"),
        (Kind.CONFLICT, "valid/right/torn.png", "train/left/left7.png"),
    }
    assert all(finding.proposed for finding in found.findings)


def test_what_is_measured_on_keeps_its_picture_before_what_is_chosen_by(data):
    (data / "test" / "left").mkdir(parents=True)
    shutil.copy(data / "valid" / "left" / "left0.png", data / "test" / "left" / "z.png")
    (told,) = checked(data).findings
    assert (told.kind, told.path, told.partner) == (
        Kind.LEAK,
        "valid/left/left0.png",
        "test/left/z.png",
    )


def test_pictures_that_are_merely_alike_are_not_called_the_same(data):
    moved = draw("tulip", 128, 96, centre=(0.56, 0.5))
    covered = draw("rose", 128, 96, radius=0.45)
    for name, pixels in (("tulip", draw("tulip", 128, 96)), ("rose", covered.copy())):
        Image.fromarray(pixels).save(data / "train" / "left" / f"{name}.png")
    covered[40:58, :18] = 0  # the hashes hardly see it
    for name, pixels in (("moved", moved), ("covered", covered)):
        Image.fromarray(pixels).save(data / "train" / "right" / f"{name}.png")
    assert checked(data).findings == []


def test_without_what_is_proposed_no_twins_are_left(data, tmp_path):
    for number, name in enumerate(("left5", "left6")):
        source = data / "train" / "left" / f"{name}.png"
        saved_anew(source, data / "valid" / "left" / f"a{number}.jpg")
        shutil.copy(source, data / "train" / "left" / f"b{number}.png")
    before = find(data, Data())
    first = checked(data)
    write_proposals(tmp_path / "out.csv", first.findings)
    recipe = excluding(Recipe(), tmp_path / "out.csv", before)
    kinds = {finding.kind for finding in checked(data, recipe).findings}
    assert not kinds & {Kind.CONFLICT, Kind.LEAK, Kind.REPEAT}
    assert find(data, recipe.data).valid == before.valid


def test_a_folder_of_copies_is_told_and_nothing_else(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(6):
            picture = Image.fromarray(draw("tulip" if name == "left" else "rose", 128, 96))
            picture.save(tmp_path / name / f"{number}.jpg", quality=90 - number)
    found = checked(tmp_path)
    assert {finding.kind for finding in found.findings} == {Kind.LEAK}
    assert any("Two classes with 5 different photographs" in note for note in found.notes)


def test_small_pictures_that_look_alike_are_not_called_the_same(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(4):
            pixels = draw("tulip", 28, 28)
            pixels[0, :] = 9 * number + (100 if name == "left" else 0)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    assert not {f.kind for f in checked(tmp_path).findings} & {Kind.CONFLICT, Kind.REPEAT}
    shutil.copy(tmp_path / "left" / "1.png", tmp_path / "right" / "again.png")  # the same file is
    torn = {finding.path for finding in checked(tmp_path).of(Kind.CONFLICT)}
    assert torn == {"left/1.png", "right/again.png"}


def test_a_class_from_another_camera_gives_itself_away(data):
    for path in data.glob("*/right/*.png"):
        image = Image.open(path)
        image.resize((image.width * 2, image.height * 2)).save(path)
    found = checked(data)
    assert {f.kind for f in found.findings} == {Kind.GIVEAWAY}
    by_what = {giveaway.what: giveaway for giveaway in found.giveaways}
    assert by_what["width and height"].accuracy == 1
    assert by_what["width and height"].majority == 0.5


def test_a_class_that_is_out_of_focus_gives_itself_away(data):
    for path in data.glob("*/right/*.png"):
        image = Image.open(path)
        image.filter(ImageFilter.GaussianBlur(1)).save(path)
    assert any("by sharpness and" in f.detail for f in checked(data).of(Kind.GIVEAWAY))


def test_unequal_classes(data):
    for path in (*data.glob("train/right/*.png"), data / "valid" / "right" / "right1.png"):
        if path.name != "right5.png":
            path.unlink()
    found = checked(data)
    (told,) = found.of(Kind.IMBALANCE)
    assert (told.path, told.label) == ("", "right")
    assert "'left' has 10" in told.detail
    assert found.giveaways == []  # two photographs of "right" are too few to tell
    assert any("Two classes with 5 different photographs" in note for note in found.notes)


def test_findings_are_in_the_order_of_their_kinds(data):
    (data / "train" / "right" / "broken.png").write_bytes(b"")
    shutil.copy(data / "train" / "left" / "left4.png", data / "train" / "left" / "a.jpg")
    found = checked(data)
    assert [f.kind for f in found.findings] == [Kind.UNREADABLE, Kind.REPEAT, Kind.ENDING]
    assert dataclasses.replace(found, findings=[]).of(Kind.REPEAT) == []

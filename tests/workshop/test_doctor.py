"""The data doctor without its network: drawn photographs with faults planted among them."""

import csv
import dataclasses
import hashlib
import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from sklearn.neighbors import KNeighborsClassifier

from florapp.core.drawing import FLOWERS, draw
from florapp.core.errors import DataError
from training.config import Data, Recipe
from training.dataset import Photo, find, same
from training.doctor.checkup import check_up, in_lines
from training.doctor.examine import Facts, Look, format_named
from training.doctor.findings import Finding, Kind
from training.doctor.folds import out_of_fold
from training.doctor.page import write_page
from training.doctor.proposals import excluding, read_exclusions, write_proposals
from training.doctor.suspects import mislabelled, outliers
from training.doctor.threads import each


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """Two classes of ten different pictures each, the same flowers in both, split."""
    root, random = tmp_path_factory.mktemp("healthy"), np.random.default_rng(5)
    for name in ("left", "right"):
        for number in range(10):
            folder = root / ("valid" if number < 2 else "train") / name
            folder.mkdir(parents=True, exist_ok=True)
            place, radius = tuple(random.uniform(0.3, 0.7, 2)), random.uniform(0.2, 0.45)
            pixels = draw(FLOWERS[number % len(FLOWERS)], 128, 96, centre=place, radius=radius)
            Image.fromarray(pixels).save(folder / f"{name}{number}.png")
    return root


@pytest.fixture
def data(healthy, tmp_path):
    """A copy of the healthy photographs, to be spoilt."""
    return Path(shutil.copytree(healthy, tmp_path / "data"))


def checked(root, recipe=None):
    recipe = recipe or Recipe()
    return check_up(find(root, recipe.data), recipe, None)


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
    other = io.BytesIO()
    Image.fromarray(draw("rose", 128, 96, centre=(0.8, 0.3))).save(other, "PNG")
    (train / "right" / "really_png.JPG").write_bytes(other.getvalue())
    Image.fromarray(draw("tulip", 128, 96, centre=(0.2, 0.3))).save(other := io.BytesIO(), "JPEG")
    (train / "right" / "download").write_bytes(other.getvalue())
    (train / "right" / "notes.txt").write_text("no picture")
    found = checked(data)
    assert said(found) == {
        (Kind.UNREADABLE, "train/left/cut.png"),
        (Kind.UNREADABLE, "train/left/empty.jpg"),
        (Kind.UNREADABLE, "valid/right/lost.jpg"),
        (Kind.EMPTY, "train/left/plain.png"),
        (Kind.TINY, "train/left/tiny.png"),
        (Kind.BLURRED, "train/right/blurred.png"),
        (Kind.ENDING, "train/right/really_png.JPG"),
        (Kind.ENDING, "train/right/download"),
    }
    assert {f.path for f in found.findings if f.proposed} == {
        "train/left/cut.png",
        "train/left/empty.jpg",
        "valid/right/lost.jpg",
        "train/left/plain.png",
    }


def test_where_all_pictures_are_small_none_is_tiny_or_blurred(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            picture = draw(FLOWERS[number], 32, 32, radius=0.3 if name == "left" else 0.45)
            Image.fromarray(picture).save(tmp_path / name / f"{number}.png")
    assert not {f.kind for f in checked(tmp_path).findings} & {Kind.TINY, Kind.BLURRED}


@pytest.mark.parametrize(
    ("suffix", "content"),
    [(".jfif", "JPEG"), (".dib", "BMP"), (".TIF", "TIFF"), (".heic", "HEIF"), (".txt", "")],
)
def test_every_ending_promises_its_format(suffix, content):
    assert format_named(suffix) == content


def test_the_same_picture_twice(data):
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


def test_a_class_from_another_camera_gives_itself_away(data):
    for path in data.glob("*/right/*.png"):
        image = Image.open(path)
        image.resize((image.width * 2, image.height * 2)).save(path)
    found = checked(data)
    assert {f.kind for f in found.findings} == {Kind.GIVEAWAY}
    by_what = {giveaway.what: giveaway for giveaway in found.giveaways}
    assert by_what["width and height"].accuracy == 1
    assert by_what["width and height"].majority == 0.5


def test_unequal_classes(data):
    for path in (*data.glob("train/right/*.png"), data / "valid" / "right" / "right1.png"):
        if path.name != "right5.png":
            path.unlink()
    found = checked(data)
    (told,) = found.of(Kind.IMBALANCE)
    assert (told.path, told.label) == ("", "right")
    assert "'left' has 10" in told.detail
    assert found.giveaways == []  # two photographs of "right" are too few to tell
    assert any("Two classes with 5 photographs" in note for note in found.notes)


def test_twins_are_never_on_both_sides():
    """One who knows the nearest neighbour by heart can only guess when it was kept from him."""
    random = np.random.default_rng(0)
    x = random.normal(size=(100, 8)).repeat(2, axis=0)
    y = random.integers(0, 2, 100).repeat(2)
    nearest = KNeighborsClassifier(1)
    answers = out_of_fold(nearest, x, y, np.arange(100).repeat(2)).argmax(axis=1)
    assert 0.3 < (answers == y).mean() < 0.7
    assert (out_of_fold(nearest, x, y, np.arange(200)).argmax(axis=1) == y).mean() > 0.85


@pytest.fixture(scope="module")
def clouds():
    """Four classes of 60 as clouds of features; twelve labels are wrong, six are of no class."""
    random = np.random.default_rng(2)
    centres = random.normal(size=(4, 32))
    truth = np.repeat(np.arange(4), 60)
    features = centres[truth] + 0.35 * random.normal(size=(240, 32))
    labels = truth.copy()
    wrong, strange = np.arange(3, 240, 20), np.arange(10, 240, 40)
    labels[wrong] = (truth[wrong] + 1) % 4
    features[strange] = 1.2 * random.normal(size=(6, 32))
    look = Look((100, 100), None, 1.0, (0, 0), np.zeros((16, 16), np.uint8))
    examined = [
        Facts(Photo(Path(f"{i}.jpg"), int(label)), f"{i}.jpg", "train", str(i), 9, "JPEG", "", look)
        for i, label in enumerate(labels)
    ]
    return examined, features.astype(np.float32), truth, set(wrong.tolist()), set(strange.tolist())


def numbers(findings):
    return [int(Path(finding.path).stem) for finding in findings]


def test_wrong_labels_are_doubted(clouds):
    examined, features, truth, wrong, strange = clouds
    found = mislabelled(examined, features, np.arange(240), "abcd")
    assert set(numbers(found)) - strange <= wrong
    assert len(wrong & set(numbers(found))) >= 10
    for finding, i in zip(found, numbers(found), strict=True):
        if i in wrong:
            assert f"'{'abcd'[truth[i]]}'" in finding.detail.split(",")[0]
            assert examined[int(Path(finding.partner).stem)].photo.label == truth[i]


def test_strangers_are_told(clouds):
    examined, features, _, _, strange = clouds
    assert set(numbers(outliers(examined, features, np.arange(240), "abcd"))) == strange
    assert outliers(examined[:60], features[:60], np.arange(60), "abcd") == []  # too few to tell


PROPOSED = [
    Finding(Kind.UNREADABLE, "train/left/left3.png", "left", "It is cut short."),
    Finding(Kind.REPEAT, "train/left/left4.png", "left", "The same, again.", "train/a.png"),
    Finding(Kind.MISLABEL, "train/left/left4.png", "left", "Looks right."),
    Finding(Kind.BLURRED, "train/left/left5.png", "left", "No edges."),
]


def test_the_file_of_exclusions_has_one_line_for_each_photograph(healthy, tmp_path):
    path = tmp_path / "new" / "out.csv"
    assert write_proposals(path, PROPOSED) == 2
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["path"] for row in table] == ["train/left/left3.png", "train/left/left4.png"]
    assert table[1]["reason"] == "twice in a class; label in doubt"
    assert table[1]["detail"] == "The same, again. Compare train/a.png. Looks right."
    assert read_exclusions(path, find(healthy, Data())) == [row["path"] for row in table]


def test_a_line_removed_keeps_the_photograph(healthy, tmp_path):
    path, before = tmp_path / "out.csv", find(healthy, Data())
    write_proposals(path, PROPOSED)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\ufeff" + "\r\n".join([lines[0], lines[2]]), encoding="utf-8")  # as Excel does
    recipe = excluding(Recipe(), path, before)
    after = find(healthy, recipe.data)
    assert {photo.path.name for photo in set(before.train) - set(after.train)} == {"left4.png"}
    assert after.valid == before.valid
    assert after.fingerprint != before.fingerprint


def test_a_model_finds_its_photographs_again_without_those_excluded(data):
    name = "train/left/left4.png"
    recipe = Data(exclude=[name])
    fingerprint = find(data, recipe).fingerprint
    assert same(data, recipe, fingerprint) is not None
    assert same(data, Data(), fingerprint) is None
    (data / name).unlink()  # once excluded it may as well be deleted
    assert same(data, recipe, fingerprint) is not None


def test_exclusions_that_empty_a_class(healthy):
    named = [f"train/left/left{number}.png" for number in range(2, 10)]
    with pytest.raises(DataError, match="The class 'left' is empty"):
        find(healthy, Data(exclude=named))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,reason\ntrain/left/left3.png,x\nleft/gone.png,x\n", "Line 3 of .* left/gone.png"),
        ("path;reason;detail\ntrain/left/left3.png;x;\n", "no column 'path'"),
        ("", "no column 'path'"),
    ],
)
def test_exclusions_that_cannot_be_used(healthy, tmp_path, text, sentence):
    (tmp_path / "out.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        read_exclusions(tmp_path / "out.csv", find(healthy, Data()))
    with pytest.raises(DataError, match="cannot be read"):
        read_exclusions(tmp_path / "none.csv", find(healthy, Data()))


def test_the_page_holds_everything_itself(data, tmp_path):
    shutil.copy(data / "train" / "left" / "left4.png", data / "train" / "left" / "z.png")
    (data / "train" / "right" / "broken.png").write_bytes(b"\x89PNG")
    awkward = "<b>&.png" if os.name == "posix" else "b&.png"
    shutil.copy(data / "train" / "left" / "left5.png", data / "train" / "left" / awkward)
    before = {path: content(path) for path in data.rglob("*") if path.is_file()}
    found = checked(data)
    write_page(tmp_path / "page.html", found, tmp_path / "out.csv")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<img") == page.count('src="data:image/jpeg;base64,') == 4
    assert "http" not in page and "<script" not in page
    assert "<b>&" not in page and "&amp;.png" in page
    assert "prefers-color-scheme: dark" in page
    assert "fit --exclude out.csv" in page
    assert "broken.png" in page and "This is not a picture in a format" in page
    assert before == {path: content(path) for path in data.rglob("*") if path.is_file()}


def test_names_in_no_encoding_are_written_too(data, tmp_path):
    try:
        shutil.copy(data / "train/left/left4.png", os.fsencode(data / "train/left") + b"/\xff.png")
    except OSError:
        pytest.skip("this file system has only names that can be written")
    found = checked(data)
    write_page(tmp_path / "page.html", found, None)
    write_proposals(tmp_path / "out.csv", found.findings)
    (excluded,) = read_exclusions(tmp_path / "out.csv", find(data, Data()))
    assert (data / excluded).is_file()


def test_a_page_of_nothing_but_broken_files(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.png").write_bytes(b"no picture")
    found = checked(tmp_path)
    assert {f.kind for f in found.findings} == {Kind.UNREADABLE}
    write_page(tmp_path / "page.html", found, None)
    assert "6" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_interruption_drops_what_nobody_has_begun():
    begun = []

    def work(number):
        begun.append(number)
        if number == 3:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        each(work, range(10_000), "counting")
    assert len(begun) < 10_000
    assert each(lambda number: -number, range(5), "counting") == [0, -1, -2, -3, -4]


def test_long_work_tells_how_long_it_takes(monkeypatch, capsys):
    monkeypatch.setattr("training.doctor.threads._TELL_EVERY", -1.0)
    each(str, range(4), "counting")
    lines = capsys.readouterr().out.splitlines()
    assert "counting: 1 of 4, " in lines[0] and lines[0].endswith(" left")


def content(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_findings_are_in_the_order_of_their_kinds(data):
    (data / "train" / "right" / "broken.png").write_bytes(b"")
    shutil.copy(data / "train" / "left" / "left4.png", data / "train" / "left" / "a.jpg")
    found = checked(data)
    assert [f.kind for f in found.findings] == [Kind.UNREADABLE, Kind.REPEAT, Kind.ENDING]
    assert dataclasses.replace(found, findings=[]).of(Kind.REPEAT) == []

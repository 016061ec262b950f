"""FlorApp from Python: one call for one picture, however it is given, and one for many."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

import florapp
from florapp.core.errors import ModelFileError, PictureError


@pytest.fixture(scope="module")
def classifier(tiny_model):
    return florapp.Classifier(tiny_model)


@pytest.fixture
def picture(tmp_path, plain):
    """A file with a picture that is mostly green."""
    pixels = plain("green").copy()
    pixels[:10] = plain("blue")[:10]
    Image.fromarray(pixels).save(tmp_path / "Löwenzahn.png")
    return tmp_path / "Löwenzahn.png"


def test_however_a_picture_is_given_the_answer_is_the_same(classifier, picture):
    answer = classifier.classify(picture)
    assert answer.best.label.name == "Green"
    assert answer.size == (40, 30)
    assert answer.source.name == str(picture)
    with Image.open(picture) as image, picture.open("rb") as file:
        pixels = np.asarray(image.convert("RGB"))
        for given in (str(picture), picture.read_bytes(), file, image, pixels):
            assert classifier.classify(given).candidates == answer.candidates
        bgr = classifier.classify(pixels[..., ::-1], bgr=True)
    assert bgr.candidates == answer.candidates


def test_arrays_are_rgb_unless_said(classifier, plain):
    assert classifier.classify(plain("red")).best.label.id == "red"
    assert classifier.classify(plain("red"), bgr=True).best.label.id == "blue"


def test_in_every_format_and_orientation_the_answer_is_that_of_the_plain_png(
    classifier, encode, stored
):
    def probabilities(content):
        candidates = classifier.classify(content).candidates
        return {candidate.label.id: candidate.probability for candidate in candidates}

    assert probabilities(encode(*stored)) == pytest.approx(probabilities(encode("png")), abs=0.02)


def test_the_errors_to_catch_are_at_hand():
    assert (florapp.PictureError, florapp.ModelFileError) == (PictureError, ModelFileError)
    assert all(hasattr(florapp, name) for name in florapp.__all__)


@pytest.mark.parametrize("given", [b"", b"text", "gone.jpg", None, np.zeros(3), io.StringIO("a")])
def test_what_is_no_picture_is_an_error_with_a_sentence(classifier, given):
    with pytest.raises(PictureError, match=r"\w+ \w+ .*\w+"):
        classifier.classify(given)


def test_of_many_a_broken_one_does_not_stop_the_rest(classifier, plain, picture):
    closed = io.BytesIO()
    closed.close()
    given = [plain("red"), b"broken", picture, "gone.jpg", None, np.zeros(3), closed, plain("blue")]
    results = list(classifier.classify_many(given))
    assert [
        result.best.label.id if isinstance(result, florapp.Answer) else "failure"
        for result in results
    ] == ["red", "failure", "green", *["failure"] * 4, "blue"]
    assert results[3].source.name == "gone.jpg"
    assert "no such file" in results[3].reason


def test_many_may_be_endless(classifier, plain):
    def endless():
        while True:
            yield plain("red")
            yield plain("green")

    results = classifier.classify_many(endless())
    assert [next(results).best.label.id for _ in range(40)] == ["red", "green"] * 20
    results.close()


def test_none_give_none(classifier):
    assert list(classifier.classify_many([])) == []


def test_several_threads_share_one_classifier(classifier, plain):
    found: dict[str, set[str]] = {}

    def work(colour):
        answers = [classifier.classify(plain(colour)) for _ in range(10)]
        found[colour] = {answer.best.label.id for answer in answers}

    threads = [threading.Thread(target=work, args=(colour,)) for colour in ("red", "green", "blue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {colour: {colour} for colour in ("red", "green", "blue")}


def test_it_says_what_its_model_is(classifier, card):
    assert classifier.card == card


def test_a_file_that_is_no_model_is_an_error_with_a_sentence(picture):
    with pytest.raises(ModelFileError, match="not an ONNX model"):
        florapp.Classifier(picture)


def ids(results):
    return [result.best.label.id for result in results]


def test_pictures_are_taken_as_they_are_when_they_are_handed_over(classifier, plain, tmp_path):
    """However far is read ahead: buffers are filled anew, and animations go on."""
    colours = ["red", "green", "blue"] * 4
    frames = [plain(colour) for colour in colours]
    buffer = np.empty_like(frames[0])

    def one_buffer():
        for frame in frames:
            buffer[:] = frame
            yield buffer

    assert ids(classifier.classify_many(one_buffer())) == colours
    first, *others = map(Image.fromarray, frames)
    first.save(tmp_path / "pages.tif", save_all=True, append_images=others)
    with Image.open(tmp_path / "pages.tif") as pages:
        assert ids(classifier.classify_many(ImageSequence.Iterator(pages))) == colours

    def opened_and_closed():
        for number, frame in enumerate(frames):
            Image.fromarray(frame).save(tmp_path / f"{number}.png")
            with Image.open(tmp_path / f"{number}.png") as image:
                yield image

    assert ids(classifier.classify_many(opened_and_closed())) == colours


def test_what_is_in_an_archive_that_is_damaged_does_not_stop_the_rest(classifier, plain, picture):
    content = gzip.compress(picture.read_bytes())
    with gzip.open(io.BytesIO(content[: len(content) // 2])) as cut:
        first, second, third = classifier.classify_many([plain("red"), cut, plain("blue")])
    assert ids([first, third]) == ["red", "blue"]
    assert "The file object cannot be read" in second.reason


@pytest.mark.parametrize(
    "single",
    [
        "a.jpg",
        b"a",
        bytearray(b"a"),
        Path("a.jpg"),
        io.BytesIO(b"a"),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((4, 4), np.uint8),
        Image.new("RGB", (4, 4)),
    ],
    ids=lambda single: type(single).__name__,
)
def test_a_single_picture_is_not_taken_for_many(classifier, single):
    with pytest.raises(TypeError, match="classify"):
        classifier.classify_many(single)


def test_an_answer_can_be_kept_in_a_set(classifier, plain):
    answer = classifier.classify(plain("red"))
    assert {answer: 1}[answer] == 1


def test_the_filters_of_warnings_of_whose_process_it_is_come_first():
    """A web service may have made its own guard of Pillow's warning."""
    child = (
        "import warnings; from PIL import Image\n"
        "warnings.simplefilter('error', Image.DecompressionBombWarning)\n"
        "import florapp.core.images\n"
        "try: warnings.warn('large', Image.DecompressionBombWarning)\n"
        "except Image.DecompressionBombWarning: print('guarded')"
    )
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    assert done.stdout == "guarded\n"

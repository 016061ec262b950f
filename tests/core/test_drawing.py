import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from florapp.core.drawing import FLOWERS, draw

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples"

# sha256 of draw(kind, 96, 96); after a change that is meant, print them anew with
# python -c "import hashlib; from florapp.core.drawing import *
# for k in FLOWERS: print(k, hashlib.sha256(draw(k, 96, 96).tobytes()).hexdigest())"
DIGESTS = {
    "sunflower": "c065fd629c8799f1842cd313330954ec6b9447587442c38d354fa051d46ea8eb",
    "oxeye_daisy": "9582fd2b7c4381f269cd2c37b919016466db464274c6cc7e77c3d0c348fe7838",
    "tulip": "abf7748f8f178f8df466ba6a415eafed30b8b4ae5e386a4166811137d07dfa78",
    "rose": "21e8f00d1e45ba28c247b453ccfdc274633935a303883f6f927de974e6c735ff",
    "common_dandelion": "7fe0304e987daf7312c7bcf0976942c1c561c00ca1f33c101d553f9572f39554",
    "purple_coneflower": "b5268b97f0c2613a96f7fc7c6e366b90b7344f87b0f44adee7f16d5b1dbee37f",
    "water_lily": "35129d8d0d74ef7c1b3217852b2c8bd6e23e71890db333d0232dea9f0f655ae3",
    "corn_poppy": "f3f94f0c3d0cfe6d15a8256b3f88fc754c61ae17587f5bce9d9298db5aa30eb4",
}


def sample(kind):
    (path,) = SAMPLES.glob(f"{kind}.*")
    with Image.open(path) as image:
        return path, np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("kind", FLOWERS)
def test_the_same_bytes_on_every_machine(kind):
    pixels = draw(kind, 96, 96)
    assert pixels.shape == (96, 96, 3)
    assert pixels.dtype == np.uint8
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == DIGESTS[kind]


@pytest.mark.parametrize("kind", FLOWERS)
@pytest.mark.parametrize("centre", [(0.3, 0.4), (0.7, 0.6)])
def test_the_flower_is_where_centre_says(kind, centre):
    width, height, radius = 160, 120, 0.2
    here = draw(kind, width, height, centre=centre, radius=radius).astype(int)
    elsewhere = draw(kind, width, height, centre=(2.5, -2.5), radius=radius).astype(int)
    x, y = round(centre[0] * width), round(centre[1] * height)
    at_centre = here[y - 6 : y + 7, x - 6 : x + 7].mean((0, 1))
    backdrop = elsewhere[y - 6 : y + 7, x - 6 : x + 7].mean((0, 1))
    assert np.abs(at_centre - backdrop).max() > 40
    # Petals are warm or white, the background is neither: their middle is the flower's.
    rows, columns = np.nonzero(here[:, :, 0] > here[:, :, 1] * 1.15)
    if kind != "oxeye_daisy":  # only its disc is
        assert len(rows) > 300
    assert abs(columns.mean() - x) < 5
    assert abs(rows.mean() - y) < 10


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 3), (40, 7), (33, 64)])
def test_any_size_can_be_drawn(width, height):
    for kind in FLOWERS:
        assert draw(kind, width, height).shape == (height, width, 3)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown flower 'turnip'; there are sunflower, "):
        draw("turnip")


@pytest.mark.parametrize("kind", FLOWERS)
def test_the_samples_are_what_the_code_draws(kind):
    path, pixels = sample(kind)
    drawn = draw(kind, 480, 360)
    assert pixels.shape == drawn.shape
    assert path.stat().st_size < 120_000
    if path.suffix == ".png":
        np.testing.assert_array_equal(pixels, drawn)
    else:
        assert np.abs(pixels.astype(int) - drawn).mean() < 3


def test_the_samples_are_all_drawn_ones():
    paths = list(SAMPLES.iterdir())
    assert sorted(path.stem for path in paths) == sorted(FLOWERS)
    assert sum(path.stat().st_size for path in paths) < 500_000

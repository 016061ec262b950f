"""HEIF pictures (HEIC), decoded by libheif.

pi-heif is asked for the pixels alone, through its C module. Its Pillow plugin would read the
metadata as well, and where they are damaged that ends the whole process (docs/decisions/005);
nothing in them is needed: libheif turns the picture upright itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from florapp.core.memory import BYTES, DECODING

if TYPE_CHECKING:  # the window is painted before Pillow is there
    from PIL import Image

_ONE_THREAD = 1  # the pipeline has its own
# Of the files that start with "ftyp", a film for one, those that say they are HEIF pictures.
_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


def is_heif(start: bytes) -> bool:
    """Say whether a file that starts with these bytes (12 at least) is of the HEIF family."""
    return start[4:8] == b"ftyp" and start[8:12] in _BRANDS


def read_heif(data: bytes, pixel_limit: int) -> Image.Image:
    """Decode the primary picture of a HEIF file, upright, as RGB or RGBA.

    Its colour profile is in ``info``, as Pillow has it. Raises DecompressionBombError above
    ``pixel_limit``; libheif's own errors are of many kinds.
    """
    import _pi_heif
    from PIL import Image

    pictures = _pi_heif.load_file(data, _ONE_THREAD, True, False, True, True, "", False)
    picture = next(p for p in pictures if p is not None and p.primary)
    (width, height), _ = picture.size_mode
    if width * height > pixel_limit:
        raise Image.DecompressionBombError
    profile = picture.color_profile
    with DECODING.hold(BYTES["HEIF"] * width * height):
        pixels = picture.data
        size, mode = picture.size_mode  # known for certain only now
        image = Image.frombytes(mode, size, pixels, "raw", mode, picture.stride)
    if profile and profile["type"] in ("rICC", "prof"):
        image.info["icc_profile"] = profile["data"]
    return image

"""Whatever colours a picture is stored in, as sRGB on white."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_HALF_SRGB = ("gamut", "transfer", "eotf", "p3", "linear")
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to RGB: profile applied, transparency over white.

    What is sRGB already is returned as it is: a copy takes as long as the rest.
    """
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if image.mode == "La":  # of which Pillow makes nothing but this
        image = image.convert("LA")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, "white")
        flat.paste(_from_profile(rgba.convert("RGB"), profile), mask=rgba.getchannel("A"))
        return flat
    if image.mode == "LAB":
        return _transform(image, _LAB)
    return _from_profile(image if image.mode in ("L", "CMYK") else _rgb(image), profile)


def _from_profile(image: Image.Image, icc: bytes | None) -> Image.Image:
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            if image.mode == "RGB" and profile.profile.xcolor_space.strip() == "GRAY":
                image = image.convert("L")  # it was grey with transparency
            if not _is_srgb(ImageCms.getProfileDescription(profile)):
                return _transform(image, profile)
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass  # a broken or unfitting profile: the plain conversion is the best there is
    return _rgb(image)


def _is_srgb(description: str) -> bool:
    """Say whether a profile of this name is sRGB, and not what only shares something with it.

    Telephones have "DCI-P3 D65 Gamut with sRGB Transfer" and the like.
    """
    words = description.casefold()
    return "srgb" in words and not any(word in words for word in _HALF_SRGB)


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _transform(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    assert converted is not None  # only the in-place form returns None
    return converted


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale grey pixels of 16 or 32 bits, or floats, to 8 bits; the transparent grey to white."""
    grey = np.asarray(image, dtype=np.float64)
    grey = np.nan_to_num(grey, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(grey.max(initial=0.0))
    if image.mode == "F":
        white = 1.0 if top <= 1.0 else max(top, 255.0)
    else:
        white = 65535.0 if image.mode.startswith("I;16") or top > 255 else 255.0
        white = max(white, top)
    eight = (grey.clip(0.0) * (255.0 / white)).round().astype(np.uint8)
    if isinstance(transparent := image.info.get("transparency"), int):
        eight[grey == transparent] = 255
    return Image.fromarray(eight)

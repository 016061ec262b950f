"""Random changes to a training photograph, so that the network learns the flower alone."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from florapp.core.square import RESAMPLING
from training.config import Augmentation


def augment(
    image: Image.Image, size: int, recipe: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Turn an RGB image into one random training crop.

    Returns uint8 ``[size, size, 3]``. The order is that of a camera: where it looks, how it
    sees, how the file was saved.
    """
    box = random_box(image.width, image.height, recipe, random)
    image = image.resize((size, size), RESAMPLING, box, reducing_gap=2.0)
    if recipe.flip and random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if recipe.rotation:
        angle = random.uniform(-recipe.rotation, recipe.rotation)
        mean = tuple(int(c) for c in np.asarray(image).mean(axis=(0, 1)))
        image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=mean)
    for enhancer, most in (
        (ImageEnhance.Brightness, recipe.brightness),
        (ImageEnhance.Contrast, recipe.contrast),
        (ImageEnhance.Color, recipe.saturation),
    ):
        if most:
            image = enhancer(image).enhance(1.0 + random.uniform(-most, most))
    if random.random() < recipe.blur:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.2, recipe.blur_radius)))
    if recipe.noise and random.random() < recipe.noise:
        image = _noisy(image, random.uniform(0.0, recipe.noise_deviation), random)
    if random.random() < recipe.recompress:
        image = _recompress(image, recipe, random)
    return np.asarray(image)


def random_box(
    width: int, height: int, recipe: Augmentation, random: np.random.Generator
) -> tuple[float, float, float, float]:
    """Draw a crop of random area and aspect ratio that lies within the picture.

    The "Inception" crop (Szegedy et al. 2015): area uniform, aspect ratio log-uniform, and the
    largest crop of that shape where it does not fit.
    """
    area = width * height * random.uniform(*recipe.scale)
    aspect = math.exp(random.uniform(math.log(recipe.aspect[0]), math.log(recipe.aspect[1])))
    # The network sees squares: the aspect is that of the crop against the picture stretched square.
    aspect *= width / height
    wide, high = math.sqrt(area * aspect), math.sqrt(area / aspect)
    shrink = min(1.0, width / wide, height / high)
    wide, high = min(width, wide * shrink), min(height, high * shrink)  # min(): rounding
    left, top = random.uniform(0, width - wide), random.uniform(0, height - high)
    return left, top, min(width, left + wide), min(height, top + high)


def cutmix(
    images: NDArray[np.uint8], labels: NDArray[np.float32], part: float, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Paste a rectangle of the next picture into a ``part`` of them, and mix the labels alike.

    CutMix (Yun et al. 2019): the rectangle's share of the area is uniform, its place too, and it
    is cut where the picture ends. ``images`` are ``[batch, size, size, 3]``, ``labels`` ``[batch,
    classes]``; both are returned anew.
    """
    mixed, shares = images.copy(), labels.copy()
    size = images.shape[1]
    for i in np.flatnonzero(random.random(len(images)) < part):
        other = (i + 1) % len(images)
        half = size * math.sqrt(random.random()) / 2
        middle = random.uniform(0, size, 2)
        top, left = np.rint(np.maximum(middle - half, 0)).astype(int)
        bottom, right = np.rint(np.minimum(middle + half, size)).astype(int)
        mixed[i, top:bottom, left:right] = images[other, top:bottom, left:right]
        pasted = np.float32((bottom - top) * (right - left) / size**2)
        shares[i] = (1 - pasted) * labels[i] + pasted * labels[other]
    return mixed, shares


def _noisy(image: Image.Image, deviation: float, random: np.random.Generator) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    noise = random.standard_normal(pixels.shape, np.float32) * np.float32(deviation)
    return Image.fromarray(np.rint(np.clip(pixels + noise, 0, 255)).astype(np.uint8))


def _recompress(
    image: Image.Image, recipe: Augmentation, random: np.random.Generator
) -> Image.Image:
    buffer = io.BytesIO()
    file_format = "JPEG" if random.random() < 0.5 else "WEBP"
    quality = int(random.integers(recipe.quality[0], recipe.quality[1], endpoint=True))
    image.save(
        buffer, file_format, quality=quality, **({"method": 0} if file_format == "WEBP" else {})
    )
    return Image.open(buffer).convert("RGB")

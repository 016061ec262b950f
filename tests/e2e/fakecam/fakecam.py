"""Webcams that are not there: made, shown a picture, broken, unplugged; see fakecam.c."""

from __future__ import annotations

import errno
import io
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SOURCE = Path(__file__).with_name("fakecam.c")

Pixels = NDArray[np.uint8]


class Format(NamedTuple):
    """What a camera offers: four letters as Video4Linux has them, a size, frames a second."""

    code: str = "YUYV"
    width: int = 640
    height: int = 480
    rate: int = 30

    @property
    def file(self) -> str:
        return f"{self.code}_{self.width}x{self.height}"


class Fault(Enum):
    """What may be wrong with a camera, as fakecam.c reads it."""

    NO_PERMISSION = f"fail open {errno.EACCES}"
    ONLY_FOR_READING = f"fail write {errno.EACCES}"
    BUSY_AT_FORMAT = f"fail format {errno.EBUSY}"
    BUSY_AT_BUFFERS = f"fail buffers {errno.EBUSY}"
    BUSY_AT_STREAM = f"fail stream {errno.EBUSY}"
    SILENT = "silent"  # no frame, or none any more
    NO_CAMERA = "metadata"  # a node beside a camera's, with data about its frames


def build(folder: Path) -> Path:
    """Compile fakecam.c into ``folder``, and return the library."""
    library = folder / "libfakecam.so"
    options = ("-O1", "-Wall", "-Wextra", "-shared", "-fPIC")
    command = ("cc", *options, "-o", library, SOURCE, "-ldl", "-lpthread")
    subprocess.run(command, check=True)
    return library


def environment(library: Path, root: Path) -> dict[str, str]:
    """Return what a program needs in its environment to find the cameras in ``root``."""
    (root / "dev").mkdir(parents=True, exist_ok=True)
    return {"LD_PRELOAD": str(library), "FAKECAM_ROOT": str(root)}


class FakeCamera:
    """The camera ``/dev/video<number>`` of programs started with :func:`environment`.

    It sees nothing, and so sends nothing, until it is shown a picture.
    """

    def __init__(
        self,
        root: Path,
        number: int = 0,
        name: str = "Garden camera",
        formats: tuple[Format, ...] = (Format(),),
    ) -> None:
        self.node = root / "dev" / f"video{number}"
        self._folder = root / f"video{number}"
        self._name = name
        self._formats = formats
        self._plugged = 0
        self._fault: Fault | None = None
        self.node.parent.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir()
        self._write_settings()

    def plug(self) -> None:
        """Plug it in."""
        self._plugged += 1
        self._write_settings()
        os.mkfifo(self.node)

    def unplug(self) -> None:
        """Pull it out; whoever has it open has it no more."""
        self.node.unlink()

    def show(self, picture: Pixels) -> None:
        """Hold a picture before it, pixels ``[height, width, 3]`` of any size."""
        for form in self._formats:
            image = Image.fromarray(picture).resize((form.width, form.height))
            if form.code in ENCODERS:
                self._write(form.file, ENCODERS[form.code](image))

    def babble(self) -> None:
        """Send what is no picture, from now on."""
        for form in self._formats:
            self._write(form.file, b"no picture")

    def suffer(self, fault: Fault | None) -> None:
        """Let it have this fault, and no other, from now on; None repairs it."""
        self._fault = fault
        self._write_settings()
        if self.node.exists():
            os.utime(self.node)  # programs that watch /dev look again, as after a chmod

    def assert_open(self) -> None:
        assert self._is_open(), f"nobody has {self.node} open"

    def assert_closed(self) -> None:
        assert not self._is_open(), f"someone has {self.node} open"

    def _is_open(self) -> bool:
        files = (file for pid in Path("/proc").glob("[0-9]*") for file in _open_files(pid))
        return any(str(file).endswith(str(self.node)) for file in files)  # longer seen in a chroot

    def _write_settings(self) -> None:
        lines = [f"name {self._name}", f"plugged {self._plugged}"]
        lines += [
            f"format {code} {width} {height} {rate}" for code, width, height, rate in self._formats
        ]
        if self._fault is not None:
            lines.append(self._fault.value)
        self._write("settings", "".join(f"{line}\n" for line in lines).encode())

    def _write(self, name: str, content: bytes) -> None:
        """Write a file that is read at any moment."""
        unfinished = self._folder / "unfinished"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)


def _open_files(process: Path) -> Iterator[Path]:
    """Yield what a process has open, if it still runs, and is ours to look at."""
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return
    for link in links:
        with suppress(OSError):  # closed meanwhile
            yield Path(str(link.readlink()).removesuffix(" (deleted)"))


def _ycbcr(image: Image.Image) -> tuple[Pixels, Pixels]:
    """Return luma ``[h, w]`` and chroma ``[h, w / 2, 2]`` as cameras send them (BT.601)."""
    # Pillow's are those of JPEG, which use all of 0 to 255.
    full = np.asarray(image.convert("YCbCr"), np.float32)
    luma = 16 + full[..., 0] * (219 / 255)
    chroma = 128 + (full[:, 0::2, 1:] + full[:, 1::2, 1:] - 256) / 2 * (224 / 255)
    return np.rint(luma).astype(np.uint8), np.rint(chroma).astype(np.uint8)


def _yuyv(image: Image.Image) -> bytes:
    luma, chroma = _ycbcr(image)
    return np.stack([luma, chroma.reshape(luma.shape)], axis=-1).tobytes()


def _uyvy(image: Image.Image) -> bytes:
    luma, chroma = _ycbcr(image)
    return np.stack([chroma.reshape(luma.shape), luma], axis=-1).tobytes()


def _nv12(image: Image.Image) -> bytes:
    luma, chroma = _ycbcr(image)
    return luma.tobytes() + chroma[::2].tobytes()


def _grey(image: Image.Image) -> bytes:
    return image.convert("L").tobytes()


def _mjpg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, subsampling="4:2:2")
    return file.getvalue()


#: The formats in which pictures can be sent; of another, a camera offers only the name.
ENCODERS: dict[str, Callable[[Image.Image], bytes]] = {
    "YUYV": _yuyv,
    "UYVY": _uyvy,
    "NV12": _nv12,
    "GREY": _grey,
    "MJPG": _mjpg,
}

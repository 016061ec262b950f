"""What a window manager does to a window that is minimised; on the tests' screen there is none."""

from __future__ import annotations

import ctypes
import enum

_REPLACE = 0  # of what XChangeProperty can do


class State(enum.IntEnum):
    """What is said of a window in its property WM_STATE (ICCCM 4.1.3.1)."""

    NORMAL = 1
    ICONIC = 3


def manage(display: str, window: int, state: State) -> None:
    """Minimise a window, or restore it, and tell its program so."""
    x11 = ctypes.CDLL("libX11.so.6")  # xdotool needs it, too
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    server = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    atom = ctypes.c_ulong(x11.XInternAtom(server, b"WM_STATE", False))
    words = (ctypes.c_long * 2)(state, 0)  # the state, and its icon: none
    which = ctypes.c_ulong(window)
    x11.XChangeProperty(server, which, atom, atom, 32, _REPLACE, words, len(words))
    (x11.XMapWindow if state is State.NORMAL else x11.XUnmapWindow)(server, which)
    x11.XCloseDisplay(server)

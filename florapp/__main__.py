"""The ``florapp`` command: the window, or a command in the terminal."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Sequence

#: What belongs to the terminal. A picture of such a name is opened as ``./classify``.
COMMANDS = ("classify", "models", "self-test")

_INTERRUPTED, _ENDED = 130, 143  # as shells count what a signal has ended
_MOMENT = 0.1  # seconds for a reader that has nothing to do any more to end


def main() -> int:
    """Do what the command line asks for; return the exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] and arguments[0] in COMMANDS:
        return _terminal(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)  # of the options
    if options := [argument for argument in arguments[:end] if argument.startswith("-")]:
        return _terminal(options)  # --help, --version, or one that does not exist
    return _window(arguments[:end] + arguments[end + 1 :])


def _terminal(arguments: Sequence[str]) -> int:
    # As after Ctrl-C: what is open is closed, and the terminal's cursor comes back.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # else a job ignores it
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_ENDED))
    try:
        from florapp.cli import run

        status = run(arguments)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    for thread in threading.enumerate():
        if thread.name.startswith("florapp-reader"):
            thread.join(_MOMENT)
            if thread.is_alive():  # as Python ends, a decoder at work may crash it
                os._exit(status)
    return status


def _window(paths: Sequence[str]) -> int:
    if paths and not any(map(os.path.lexists, paths)):
        return _refuse(
            f"{' '.join(map(repr, paths))}: neither a command nor a file. "
            "`florapp --help` lists the commands."
        )
    if "" in paths:
        return _refuse("one of the names is empty.")
    if why := no_display():
        return _refuse(
            f"there is no display to open the window on ({why}). "
            "`florapp classify PICTURE...` answers in the terminal."
        )
    if sys.platform == "win32":  # docs/decisions/006-import-order-on-windows.md
        with contextlib.suppress(Exception):  # the window tells, when it loads the model
            import onnxruntime  # noqa: F401
    gc.disable()  # what is being loaded now is all to stay; app.py enables it again
    try:
        from PySide6 import QtWidgets  # noqa: F401
    except ImportError as error:
        return _refuse(
            f"the window cannot be opened, as Qt does not load ({error}). Please install what is "
            "missing; `florapp classify PICTURE...` answers in the terminal meanwhile."
        )
    from florapp.app import main as open_window

    return open_window(paths)


def no_display() -> str:
    """Say why there is nothing to open a window on, where Qt would end the process; else nothing.

    `make run` asks it too.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    wayland = os.environ.get("WAYLAND_DISPLAY")  # its socket, in that folder or anywhere
    place = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), wayland or "")  # noqa: PTH118
    display = os.environ.get("DISPLAY")
    if (wayland and os.path.lexists(place)) or (display and _answers(display)):
        return ""
    named = display or wayland
    return f"none answers at {named}" if named else "DISPLAY and WAYLAND_DISPLAY are empty"


def _answers(display: str) -> bool:
    """Whether an X server is at ``display``: HOST:NUMBER.SCREEN, on this machine without a host."""
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    here = host in ("", "unix")
    place = f"/tmp/.X11-unix/X{number}"
    if display.startswith("/") or (here and os.path.lexists(place)):  # the former is its socket
        return True
    import socket

    with contextlib.suppress(OSError, ValueError, OverflowError):
        if here:  # left behind by another session, or the socket is not in the file system
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(f"\0{place}")
        else:  # another machine, or this end of an ssh
            socket.create_connection((host.strip("[]"), 6000 + int(number)), timeout=1).close()
        return True
    return False


def _refuse(sentence: str) -> int:
    print(f"florapp: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

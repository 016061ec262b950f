"""Pictures that are opened while a window is there go to it; there is no second one.

The window listens on a local socket of the user's own, and thanks whoever hands it pictures.
Whoever gets no thanks opens a window itself: no picture is lost to one that crashed or hangs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path
from PySide6.QtCore import QObject

if TYPE_CHECKING:  # QtNetwork and json are loaded when there is a window, here or elsewhere
    from PySide6.QtNetwork import QLocalSocket

_PATIENCE = 2000  # milliseconds that a window may take to listen, and again to thank
_THANKS = b"thanks\n"
_SCREEN = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")
_TOKEN = "XDG_ACTIVATION_TOKEN"  # Wayland lets a window come to the front by it alone


def usual_address() -> str:
    """Where the window listens: one for each user and each screen.

    In a folder that nobody else can write to, so that nobody else can listen there.
    """
    if sys.platform == "win32":  # pipes have names, and no folder
        session = os.environ.get("SESSIONNAME", "")
        return f"FlorApp-{os.environ.get('USERNAME', '')}-{session}"
    screen = "".join(os.environ.get(name, "") for name in _SCREEN)
    name = "".join(sign if sign.isalnum() else "-" for sign in screen)[-40:]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) if runtime else user_state_path("FlorApp", appauthor=False)
    return str(folder / f"florapp-{os.getuid()}{name}")  # the user: sudo may keep the folder


def hand_over(address: str, paths: Iterable[Path]) -> bool:
    """Give ``paths`` to the window that listens at ``address``; False when none takes them."""
    if sys.platform != "win32" and not os.path.lexists(address):
        return False  # nearly always, and it costs nothing
    import json

    from PySide6.QtNetwork import QLocalSocket

    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)  # the other one may come to the front
    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(_PATIENCE):
        return False
    message = {"paths": [str(path) for path in paths], "token": os.environ.get(_TOKEN, "")}
    socket.write(json.dumps(message).encode() + b"\n")
    while not socket.canReadLine():
        if not socket.waitForReadyRead(_PATIENCE):
            return False
    return bytes(socket.readLine().data()) == _THANKS


class Listener(QObject):
    """Listens for pictures that are opened while the window is there, and calls ``take``.

    Without any path the window is only to be seen. Who raises in ``take`` gets no picture. Where
    another window has taken its place it must not be destroyed before the process ends: Qt would
    take the address away from that one.
    """

    def __init__(self, address: str, take: Callable[[list[Path]], object]) -> None:
        super().__init__()
        self._address, self._take = Path(address), take
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        with contextlib.suppress(OSError):  # then nobody listens, and every start has its window
            self._address.parent.mkdir(parents=True, exist_ok=True)
        # In the place of a window that crashed, or that hangs: else it had taken the pictures.
        self._server.listen(address)
        self._place = self._on_disk()

    def leave(self) -> None:
        """Give the address up, unless it is another window's by now."""
        if self._place and self._on_disk() == self._place:
            self._address.unlink(missing_ok=True)

    def _on_disk(self) -> int:
        """Which file the address is; 0 where it is none, as on Windows."""
        try:
            return self._address.stat().st_ino
        except OSError:
            return 0

    @property
    def listening(self) -> bool:
        """Whether pictures come here."""
        return self._server.isListening()

    def _greet(self) -> None:
        while (guest := self._server.nextPendingConnection()) is not None:
            guest.disconnected.connect(guest.deleteLater)
            guest.readyRead.connect(lambda guest=guest: self._hear(guest))
            self._hear(guest)

    def _hear(self, guest: QLocalSocket) -> None:
        import json

        if not guest.canReadLine():
            return
        try:
            message = json.loads(bytes(guest.readLine().data()))
            paths, token = [Path(path) for path in message["paths"]], str(message["token"])
            if token:
                os.environ[_TOKEN] = token  # where Qt looks for it
        except (ValueError, TypeError, KeyError, RecursionError):
            guest.abort()
            return
        self._take(paths)
        guest.write(_THANKS)
        guest.flush()

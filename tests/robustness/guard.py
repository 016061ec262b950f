"""A process that ends at once when it opens a socket to a network, whoever in it does so.

    subprocess.Popen(..., preexec_fn=guard.no_network)

The kernel sees to it (seccomp), so that native libraries are held to it as well as Python.
"""

from __future__ import annotations

import ctypes
import platform
import signal
import socket
import struct

#: How such a process ends.
CAUGHT = -signal.SIGSYS

_SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]  # the number of the system call
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IS, _RETURN = 0x20, 0x15, 0x06  # of the filter's little language
_NUMBER, _FIRST_ARGUMENT = 0, 16  # where it finds them
_KILL, _ALLOW = 0x80000000, 0x7FFF0000


def no_network() -> None:
    """From here on this process, and what it becomes, may not open AF_INET and AF_INET6."""
    program = b"".join(
        struct.pack("=HBBI", code, if_so, if_not, value)
        for code, if_so, if_not, value in (
            (_LOAD, 0, 0, _NUMBER),
            (_IS, 0, 3, _SOCKET),  # else on to the last line
            (_LOAD, 0, 0, _FIRST_ARGUMENT),
            (_IS, 2, 0, socket.AF_INET),
            (_IS, 1, 0, socket.AF_INET6),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _KILL),
        )
    )
    lines = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("@HP", len(program) // 8, ctypes.addressof(lines))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, whole):
        raise OSError(ctypes.get_errno(), "the kernel has no filter for system calls")

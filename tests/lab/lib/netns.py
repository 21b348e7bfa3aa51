"""Network namespaces entered by the calling process itself, so that a socket or a program there costs no extra process."""
from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """The block runs in the namespace: sockets opened, files below /proc/sys/net and programs started there belong to it."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        target = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(target)
        finally:
            os.close(target)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)


def open_socket(namespace: str, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket of that namespace; it stays there whatever this process does next."""
    with inside(namespace):
        return socket.socket(family, kind, protocol)


def set_sysctl(namespace: str, name: str, value: object) -> None:
    """`name` in dotted form below net.; the namespace must exist."""
    with inside(namespace), open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
        file.write(str(value))

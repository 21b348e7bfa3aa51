"""Datagrams as fast as a machine lets them, from a process of their own each flow, and who hears that new ones arrive.

A sender yields to everything else (nice 19) and to nothing in particular: it never waits, unless it was told to.
"""
from __future__ import annotations

import mmap
import socket
import struct
import sys
import time
from pathlib import Path

from . import netns
from .process import Process
from .topology import Node

_BATCH = 32
_TIME = struct.Struct("<q")         # when it was sent, by the clock that all processes of a machine share
_COUNT = struct.Struct("<Q")
_PAYLOAD = 64
_LABS = Path(__file__).resolve().parents[1]


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class FastSender:
    """From construction until `end`. With more than `size` fits in a frame each datagram crosses in fragments; `pause` is what it waits between batches of one, if it does."""

    def __init__(self, node: Node, source: str, destination: str, port: int, folder: Path, size: int = _PAYLOAD, pause: float = 0) -> None:
        name = f"{source}-{destination}-{port}".replace(":", "_")
        file = folder / f"{name}.sent"
        file.write_bytes(bytes(_COUNT.size))
        with file.open("rb") as opened:
            self._count = mmap.mmap(opened.fileno(), _COUNT.size, prot=mmap.PROT_READ)
        command = ["nice", "-n", "19", sys.executable, "-m", "lib.full_speed", source, destination, str(port), str(file), str(size), str(pause)]
        self._process = Process(f"sender {name}", command, folder / f"{name}.log", node.namespace, {"PYTHONPATH": str(_LABS)})

    @property
    def sent(self) -> int:
        return int(_COUNT.unpack(self._count[:])[0])

    def end(self) -> None:
        self._process.stop()

    def tail(self) -> str:
        return self._process.tail(5)


class Port:
    """Where a flow arrives. Its buffer is small, and what does not fit in is of no interest."""

    def __init__(self, node: Node, address: str, port: int, room: int = 4096) -> None:
        self._socket = netns.open_socket(node.namespace, _family(address), socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self._socket.bind((address, port))
        self._socket.setblocking(False)

    def heard_since(self, when: int) -> bool:
        """Something that was sent after that reading of time.monotonic_ns() has arrived."""
        latest = 0
        try:
            for _ in range(256):
                latest = max(latest, _TIME.unpack_from(self._socket.recv(_PAYLOAD))[0])
        except BlockingIOError:
            pass
        return latest > when

    def close(self) -> None:
        self._socket.close()


def main(source: str, destination: str, port: int, file: Path, size: int, pause: float) -> None:
    with file.open("r+b") as opened:
        count = mmap.mmap(opened.fileno(), _COUNT.size)
    sender = socket.socket(_family(source), socket.SOCK_DGRAM)
    sender.bind((source, 0))
    sender.setblocking(False)        # a full buffer loses a datagram, and it is not counted
    target, payload, sent = (destination, port), bytearray(size), 0
    while True:
        _TIME.pack_into(payload, 0, time.monotonic_ns())
        for _ in range(1 if pause else _BATCH):
            try:
                sender.sendto(payload, target)
                sent += 1
            except OSError:
                pass
        _COUNT.pack_into(count, 0, sent)
        if pause:
            time.sleep(pause)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]))

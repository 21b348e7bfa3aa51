"""Packets of an interface in the moment in which they cross, for what has to happen right behind one; what is counted comes from capture.py."""
from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from types import TracebackType

from . import netns
from .packets import Packet, of_frame
from .topology import Node
from .wait import WaitFailure, deadline

_ALL = 3        # ETH_P_ALL


class Live:
    """Sees what crosses from when it is made until `close`, or the end of its with-block."""

    def __init__(self, node: Node, interface: str) -> None:
        self._socket = netns.open_socket(node.namespace, socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.bind((interface, _ALL))

    def next(self, what: str, test: Callable[[Packet], bool], seconds: float) -> Packet:
        """The next packet that passes the test. WaitFailure when none comes in time."""
        end = deadline(seconds)
        while select.select([self._socket], [], [], max(0.0, end - time.monotonic()))[0]:
            packet = of_frame(self._socket.recv(65535), time.time())
            if packet and test(packet):
                return packet
        raise WaitFailure(f"{what} did not cross in {seconds} s")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

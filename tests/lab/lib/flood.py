"""Datagrams without end, and who counts those that arrive."""
from __future__ import annotations

import contextlib
import socket
import threading

from . import netns
from .topology import Node


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Sender(threading.Thread):
    """Datagrams from one address of a node to a port, so many each `pace` seconds, until `end`."""

    def __init__(self, node: Node, source: str, destination: str, port: int, batch: int, pace: float = 0.003) -> None:
        super().__init__(daemon=True)
        self._socket = netns.open_socket(node.namespace, _family(source), socket.SOCK_DGRAM)
        self._socket.bind((source, 0))
        self._target, self._batch, self._pace, self._ends = (destination, port), batch, pace, threading.Event()
        self.sent = 0

    def run(self) -> None:
        while not self._ends.is_set():
            for _ in range(self._batch):
                with contextlib.suppress(OSError):          # the gateway's own are refused by its guard
                    self._socket.sendto(b"opented flood", self._target)
                self.sent += 1
            self._ends.wait(self._pace)

    def end(self) -> None:
        self._ends.set()
        self.join()
        self._socket.close()


class Ear(threading.Thread):
    """Counts what reaches a port."""

    def __init__(self, node: Node, address: str, port: int) -> None:
        super().__init__(daemon=True)
        self._socket = netns.open_socket(node.namespace, _family(address), socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.heard = 0
        self.start()

    def run(self) -> None:
        while self._socket.recv(64):
            self.heard += 1

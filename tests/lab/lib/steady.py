"""Traffic that never rests: pings at a fixed pace from a thread of their own, each with the time at which it was sent and whether it was answered."""
from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from . import netns
from .checksum import internet_checksum
from .topology import Node
from .wait import WaitFailure, deadline


@dataclass
class Sent:
    at: float                           # monotonic
    answered_at: float | None = None


class Steady(threading.Thread):
    """ICMP echo from one host to another, one each `pace` seconds, until `end`."""

    def __init__(self, node: Node, destination: str, pace: float = 0.05) -> None:
        super().__init__(daemon=True)
        self._socket = netns.open_socket(node.namespace, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._destination, self._pace = destination, pace
        self._identity = id(self) >> 4 & 0xffff
        self._ends = threading.Event()
        self.sent: list[Sent] = []

    def run(self) -> None:
        while not self._ends.is_set():
            self.sent.append(Sent(time.monotonic()))
            with contextlib.suppress(OSError):           # no route for a moment: as good as lost
                self._socket.sendto(self._message(len(self.sent) - 1), (self._destination, 0))
            self._receive(self.sent[-1].at + self._pace)

    def end(self) -> None:
        self._ends.set()
        self.join()
        self._socket.close()

    def _message(self, sequence: int) -> bytes:
        def build(checksum: int) -> bytes:
            return struct.pack(">BBHHH", 8, 0, checksum, self._identity, sequence & 0xffff) + b"opented steady "
        return build(internet_checksum(build(0)))

    def _receive(self, until: float) -> None:
        while select.select([self._socket], [], [], max(0.0, until - time.monotonic()))[0]:
            received = self._socket.recv(4096)
            kind, _, _, identity, sequence = struct.unpack_from(">BBHHH", received, (received[0] & 15) * 4)
            if (kind, identity) == (0, self._identity) and sequence < len(self.sent):
                self.sent[sequence].answered_at = time.monotonic()

    def lost(self, since: float) -> int:
        """Pings sent since then that have no answer, those under way left out."""
        now = time.monotonic()
        return sum(1 for ping in self.sent if since <= ping.at < now - 0.5 and ping.answered_at is None)

    def back(self, what: str, since: float, seconds: float) -> float:
        """Waits for the first answer to a ping that was sent after `since`; its time. WaitFailure when none comes."""
        end = deadline(seconds)
        while time.monotonic() < end:
            for ping in self.sent:
                if ping.at >= since and ping.answered_at is not None:
                    return ping.answered_at
            time.sleep(self._pace / 2)
        raise WaitFailure(f"{what}: no ping of the steady ones was answered")

    def silent(self, what: str, seconds: float) -> float:
        """Waits until pings go unanswered; the time of the first of them. WaitFailure when they go on."""
        end = deadline(seconds)
        while time.monotonic() < end:
            last = self.sent[-20:]
            unanswered = [ping for ping in last if ping.answered_at is None]
            if len(unanswered) >= 10 and last[-1].answered_at is None:
                return unanswered[0].at
            time.sleep(self._pace)
        raise WaitFailure(f"{what}: the steady pings go on being answered")

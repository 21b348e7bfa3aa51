"""Flows between hosts, made with sockets of this process inside the hosts' namespaces; one attempt at a time, each with its own limit."""
from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Protocol

from . import netns
from .checksum import internet_checksum
from .topology import Node
from .wait import SLOWNESS, WaitFailure, deadline

_ECHO = {4: (socket.IPPROTO_ICMP, 8, 0), 6: (socket.IPPROTO_ICMPV6, 128, 129)}


class Flow(Protocol):
    """Something that can be tried: seconds until the answer came, None when it did not."""

    def attempt(self, seconds: float) -> float | None: ...


@dataclass(frozen=True)
class Crossing:
    """How a flow that was tried until it got an answer fared."""

    lost: int
    sent_at: float          # wall clock of the first attempt, comparable with a capture's times
    answered_at: float


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _until(end: float, sock: socket.socket) -> bool:
    """Whether the socket became readable before `end`."""
    return bool(select.select([sock], [], [], max(0.0, end - time.monotonic()))[0])



class Ping:
    """ICMP echo; the other host's kernel answers."""

    def __init__(self, node: Node, destination: str, source: str | None = None) -> None:
        self._destination = destination
        self._version = ipaddress.ip_address(destination).version
        protocol, self._request, self._reply = _ECHO[self._version]
        self._socket = netns.open_socket(node.namespace, _family(destination), socket.SOCK_RAW, protocol)
        if source:
            self._socket.bind((source, 0))
        self._identity = int.from_bytes(os.urandom(2), "big")
        self._sequence = 0

    def attempt(self, seconds: float) -> float | None:
        self._sequence += 1
        packet = self._message()
        began = time.monotonic()
        end = began + seconds
        with contextlib.suppress(OSError):               # no route yet, or refused by a local rule: as good as lost
            self._socket.sendto(packet, (self._destination, 0))
        while _until(end, self._socket):
            if self._answers(self._socket.recv(4096)):
                return time.monotonic() - began
        return None

    def _message(self) -> bytes:
        def build(checksum: int) -> bytes:
            return struct.pack(">BBHHH", self._request, 0, checksum, self._identity, self._sequence) + b"opented lab " * 4
        return build(internet_checksum(build(0)) if self._version == 4 else 0)

    def _answers(self, received: bytes) -> bool:
        message = received[(received[0] & 15) * 4:] if self._version == 4 else received
        if len(message) < 8:
            return False
        kind, _, _, identity, sequence = struct.unpack_from(">BBHHH", message)
        return (kind, identity, sequence) == (self._reply, self._identity, self._sequence)


class Udp:
    """A datagram there and one back; both ends are this process."""

    def __init__(self, near: Node, near_address: str, near_port: int, far: Node, far_address: str, far_port: int) -> None:
        self._near = netns.open_socket(near.namespace, _family(near_address), socket.SOCK_DGRAM)
        self._far = netns.open_socket(far.namespace, _family(far_address), socket.SOCK_DGRAM)
        self._near.bind((near_address, near_port))
        self._far.bind((far_address, far_port))
        self._target = (far_address, far_port)
        self._number = 0
        self._received = 0

    def received(self) -> int:
        """Datagrams that arrived so far, at both ends together, those that nobody has read among them."""
        for end in (self._near, self._far):
            while select.select([end], [], [], 0)[0]:
                with contextlib.suppress(OSError):
                    end.recv(4096)
                    self._received += 1
        return self._received

    def attempt(self, seconds: float) -> float | None:
        self._number += 1
        content = b"opented lab datagram %d" % self._number
        began = time.monotonic()
        end = began + seconds
        with contextlib.suppress(OSError):
            self._near.sendto(content, self._target)
        while time.monotonic() < end:
            ready = select.select([self._near, self._far], [], [], max(0.0, end - time.monotonic()))[0]
            if self._far in ready:
                received, sender = self._far.recvfrom(4096)
                self._received += 1
                self._far.sendto(received, sender)
            if self._near in ready:
                with contextlib.suppress(OSError):       # an ICMP error about an earlier datagram
                    answer = self._near.recv(4096)
                    self._received += 1
                    if answer == content:
                        return time.monotonic() - began
        return None


class Tcp:
    """A connection, a line there and the same line back. Each attempt is a connection of its own."""

    def __init__(self, near: Node, far: Node, far_address: str, far_port: int) -> None:
        self._near, self._family = near, _family(far_address)
        self._target = (far_address, far_port)
        self._listener = netns.open_socket(far.namespace, self._family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self._target)
        self._listener.listen(16)
        self._listener.setblocking(False)

    def attempt(self, seconds: float) -> float | None:
        began = time.monotonic()
        end = began + seconds
        with netns.open_socket(self._near.namespace, self._family, socket.SOCK_STREAM) as client:
            client.setblocking(False)
            if client.connect_ex(self._target) not in (0, errno.EINPROGRESS):
                return None
            if not select.select([], [client], [], max(0.0, end - time.monotonic()))[1] or client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                return None
            if not _until(end, self._listener):
                return None
            with contextlib.suppress(OSError):
                server, _ = self._listener.accept()
                with server:
                    client.send(b"opented lab line\n")
                    if _until(end, server):
                        server.send(server.recv(4096))
                        if _until(end, client) and client.recv(4096) == b"opented lab line\n":
                            return time.monotonic() - began
        return None


def until_answered(flow: Flow, what: str, seconds: float = 8, pause: float = 0.2) -> Crossing:
    """Tries again each `pause` seconds until an answer comes. WaitFailure when none does."""
    began = time.time()
    end = deadline(seconds)
    lost = 0
    while time.monotonic() < end:
        if flow.attempt(pause * SLOWNESS) is not None:
            return Crossing(lost, began, time.time())
        lost += 1
    raise WaitFailure(f"{what}: none of {lost} attempts was answered")


def answered(flow: Flow, attempts: int, pause: float = 0.2) -> int:
    """How many of so many attempts got an answer."""
    return sum(1 for _ in range(attempts) if flow.attempt(pause * SLOWNESS) is not None)

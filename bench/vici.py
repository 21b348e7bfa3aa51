"""Just enough of strongSwan's vici protocol to give orders and to hear events, each with the time at which this process had it."""
from __future__ import annotations

import socket
import struct
import time
from typing import Any

_REQUEST, _RESPONSE, _REGISTER, _CONFIRM, _EVENT = 0, 1, 3, 5, 7
_SECTION, _END, _PAIR, _LIST, _ITEM, _LIST_END = 1, 2, 3, 4, 5, 6


class ViciError(RuntimeError):
    """charon refused, or said something unexpected."""


def now() -> int:
    """Nanoseconds on the clock that the kernel stamps packets with."""
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def _name(text: str) -> bytes:
    return struct.pack(">B", len(text)) + text.encode()


def _value(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def encode(message: dict[str, Any]) -> bytes:
    out = b""
    for key, value in message.items():
        if isinstance(value, dict):
            out += bytes([_SECTION]) + _name(key) + encode(value) + bytes([_END])
        elif isinstance(value, list):
            out += bytes([_LIST]) + _name(key) + b"".join(bytes([_ITEM]) + _value(item) for item in value) + bytes([_LIST_END])
        else:
            out += bytes([_PAIR]) + _name(key) + _value(str(value))
    return out


def decode(data: bytes) -> dict[str, Any]:
    position = 0

    def take(width: int) -> str:
        nonlocal position
        length = int.from_bytes(data[position:position + width], "big")
        text = data[position + width:position + width + length]
        position += width + length
        return text.decode(errors="replace")

    def section() -> dict[str, Any]:
        nonlocal position
        found: dict[str, Any] = {}
        while position < len(data):
            kind = data[position]
            position += 1
            if kind == _END:
                break
            key = take(1)
            if kind == _SECTION:
                found[key] = section()
            elif kind == _PAIR:
                found[key] = take(2)
            elif kind == _LIST:
                items = found[key] = []
                while data[position] == _ITEM:
                    position += 1
                    items.append(take(2))
                position += 1
        return found

    return section()


class Vici:
    """One connection: either for orders, or for events."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(10)
        self._socket.connect(path.removeprefix("unix://"))
        self._buffer = b""

    def request(self, command: str, message: dict[str, Any]) -> dict[str, Any]:
        self.order(command, message)
        return self.outcome(command)

    def order(self, command: str, message: dict[str, Any]) -> None:
        """Asks without waiting; `outcome` must be called once for each order, in their order."""
        self._send(bytes([_REQUEST]) + _name(command) + encode(message))

    def outcome(self, command: str) -> dict[str, Any]:
        answer = self._packet()
        if answer[0] != _RESPONSE:
            raise ViciError(f"{command}: packet type {answer[0]}")
        reply = decode(answer[1:])
        if reply.get("success", "yes") != "yes":
            raise ViciError(f"{command}: {reply.get('errmsg')}")
        return reply

    def register(self, event: str) -> None:
        self._send(bytes([_REGISTER]) + _name(event))
        if self._packet()[0] != _CONFIRM:
            raise ViciError(f"no event {event}")

    def event(self, seconds: float) -> tuple[int, dict[str, Any]] | None:
        """When the next event came, and what it says; None when none comes in time."""
        self._socket.settimeout(seconds)
        try:
            packet = self._packet()
        except TimeoutError:
            return None
        came = now()
        if packet[0] != _EVENT:
            raise ViciError(f"packet type {packet[0]} where an event was due")
        return came, decode(packet[2 + packet[1]:])

    def _send(self, packet: bytes) -> None:
        self._socket.sendall(struct.pack(">I", len(packet)) + packet)

    def _packet(self) -> bytes:
        while len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[:4], "big"):
            received = self._socket.recv(65536)
            if not received:
                raise ViciError("charon closed the connection")
            self._buffer += received
        end = 4 + int.from_bytes(self._buffer[:4], "big")
        packet, self._buffer = self._buffer[4:end], self._buffer[end:]
        return packet

"""The same packet in other shapes: with IPv4 options, with IPv6 extension headers, in fragments."""
from __future__ import annotations

import struct

from .checksum import internet_checksum

OPTIONS = {"no-operations": b"\1\1\1\0", "a router alert": b"\x94\x04\0\0", "a record of its route": b"\x07\x07\x04\0\0\0\0\0"}
_HOP_BY_HOP, _DESTINATION = 0, 60
EXTENSIONS = {"hop-by-hop options": [_HOP_BY_HOP], "destination options": [_DESTINATION], "both": [_HOP_BY_HOP, _DESTINATION],
              "destination options twice": [_DESTINATION, _DESTINATION]}


def _checked(header: bytes) -> bytes:
    blank = header[:10] + b"\0\0" + header[12:]
    return blank[:10] + struct.pack(">H", internet_checksum(blank)) + blank[12:]


def with_options(packet: bytes, options: bytes) -> bytes:
    """An IPv4 packet without options, with these, whose length is a multiple of four."""
    header = bytearray(packet[:20])
    header[0] = 0x45 + len(options) // 4
    struct.pack_into(">H", header, 2, len(packet) + len(options))
    return _checked(bytes(header) + options) + packet[20:]


def with_extensions(packet: bytes, kinds: list[int]) -> bytes:
    """An IPv6 packet with these headers of options, 8 bytes of padding each, between its header and what follows."""
    following = [*kinds[1:], packet[6]]
    chain = b"".join(bytes([after, 0, 1, 4, 0, 0, 0, 0]) for after in following)
    header = bytearray(packet[:40])
    header[6] = kinds[0]
    struct.pack_into(">H", header, 4, len(chain) + len(packet) - 40)
    return bytes(header) + chain + packet[40:]


def in_fragments(packet: bytes, first: int) -> list[bytes]:
    """An IPv4 packet without options in two, the first with so many bytes behind its header, a multiple of eight."""
    body = packet[20:]

    def piece(at: int, part: bytes, more: bool) -> bytes:
        header = bytearray(packet[:20])
        struct.pack_into(">H", header, 2, 20 + len(part))
        struct.pack_into(">H", header, 6, at // 8 | (0x2000 if more else 0))
        return _checked(bytes(header)) + part
    return [piece(0, body[:first], True), piece(first, body[first:], False)]

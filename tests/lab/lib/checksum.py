"""The Internet checksum, RFC 1071."""
from __future__ import annotations

import struct


def internet_checksum(content: bytes) -> int:
    padded = content + b"\0" * (len(content) % 2)
    total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

#!/usr/bin/env python3
"""make_captures.py DIRECTORY: captures of discovery datagrams in every form that tedctl reads, and broken ones.

Datagrams come from tests/vectors/encode.py's encoder; the frames around them are packed here. Python 3 and nothing else.
"""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "vectors"))
import ipaddress  # noqa: E402

import encode as ted  # noqa: E402

TIME = (1790000000, 123456)


def datagrams() -> tuple[bytes, bytes]:
    """Probe and response of the first vectors, as bytes from the vector files: one truth."""
    found = []
    for name in ("probe.vec", "response.vec"):
        text = (ted.HERE / name).read_text()
        found.append(bytes.fromhex(text.split("Buffer = ")[1].split()[0]))
    return found[0], found[1]


def udp(source: str, destination: str, payload: bytes, sport: int = 500, dport: int = 500) -> bytes:
    """An IP packet; checksums are zero, which nobody looks at in a capture."""
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    body = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    if a.version == 4:
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, 17, 0) + a.packed + b.packed + body
    return struct.pack(">IHBB", 6 << 28, len(body), 17, 64) + a.packed + b.packed + body


def ether_type(packet: bytes) -> int:
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


LINKS = {
    "ethernet": (1, lambda p: bytes(12) + struct.pack(">H", ether_type(p)) + p),
    "vlan": (1, lambda p: bytes(12) + struct.pack(">HHHHH", 0x88A8, 7, 0x8100, 9, ether_type(p)) + p),
    "padded": (1, lambda p: bytes(12) + struct.pack(">H", ether_type(p)) + p + bytes(10)),
    "cooked": (113, lambda p: bytes(14) + struct.pack(">H", ether_type(p)) + p),
    "cooked2": (276, lambda p: struct.pack(">H", ether_type(p)) + bytes(18) + p),
    "raw": (101, lambda p: p),
    "null": (0, lambda p: struct.pack("<I", 2) + p),
    "loop": (108, lambda p: struct.pack(">I", 2) + p),
}


def capture(link: int, frames: list[bytes], order: str = "<", nano: bool = False, kept: int = 262144) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, kept, link)
    for frame in frames:
        cut = frame[:kept]
        out += struct.pack(order + "IIII", TIME[0], TIME[1] * (1000 if nano else 1), len(cut), len(frame)) + cut
    return out


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    probe, response = datagrams()
    other = [udp("10.1.0.5", "10.2.0.7", probe, 40000, 53),                     # not to port 500
             udp("10.1.0.5", "10.2.0.7", probe[:17] + b"\x20" + probe[18:]),    # IKEv2
             udp("10.1.0.5", "10.2.0.7", probe[:18] + b"\x02" + probe[19:]),    # main mode
             udp("10.1.0.5", "10.2.0.7", probe[:18])]                           # too short to tell
    wanted = [udp("10.1.0.5", "10.2.0.7", probe, 40000, 500), udp("192.0.2.1", "192.0.2.9", response),
              udp("2001:db8::5", "2001:db8::7", probe)]
    packets = [other[0], wanted[0], other[1], other[2], wanted[1], other[3], wanted[2]]
    for name, (link, frame) in LINKS.items():
        for order, suffix in (("<", "little"), (">", "big")):
            (directory / f"{name}-{suffix}.pcap").write_bytes(capture(link, [frame(p) for p in packets], order))
    raw = capture(101, packets)
    (directory / "nano.pcap").write_bytes(capture(101, packets, nano=True))
    (directory / "invalid.pcap").write_bytes(capture(101, [udp("10.1.0.5", "10.2.0.7", probe + b"x"), wanted[0]]))
    (directory / "nothing.pcap").write_bytes(capture(101, other))
    (directory / "cut.pcap").write_bytes(capture(101, packets, kept=96))
    (directory / "link.pcap").write_bytes(capture(147, packets))
    (directory / "pcapng.pcap").write_bytes(struct.pack("<I", 0x0A0D0D0A) + bytes(40))
    (directory / "all.pcap").write_bytes(raw)
    (directory / "huge.pcap").write_bytes(raw[:24] + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0xFFFFFFFF))


if __name__ == "__main__":
    main()

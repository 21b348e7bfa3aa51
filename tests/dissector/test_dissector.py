#!/usr/bin/env python3
"""wireshark/opented.lua against the vectors of the independent encoder, by tshark: every field, and of every bad datagram the name and
offset of its fault; then a probe, its repetition and its response, linked. Prints one line for each test.

    tests/dissector/test_dissector.py
"""
from __future__ import annotations

import ipaddress
import re
import shutil
import struct
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

from lib.wireshark import Fields, dissect, value_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests/vectors"
_RAW_IP = 101
_PROTOCOLS = {"any": "any", "1": "ICMP", "6": "TCP", "17": "UDP", "58": "ICMPv6"}


@dataclass
class Case:
    name: str
    datagram: bytes
    expect: str = ""                 # of a good one
    error: str = ""                  # of a bad one
    offset: int = 0


def _repaired(datagram: bytes) -> bytes:
    return datagram[:24] + struct.pack("!I", len(datagram)) + datagram[28:]


def _cuts(name: str, whole: bytes, fields: list[tuple[str, str]]) -> Iterator[Case]:
    for key, value in fields:
        if key in ("Cut", "Repaired"):
            lengths, error, place = value.split()
            first, last = (int(one) for one in lengths.split("-"))
            for length in range(first, last + 1):
                part = whole[:length]
                yield Case(f"{name}, {key} to {length}", _repaired(part) if key == "Repaired" else part, error=error,
                           offset=length if place == "end" else int(place))


def cases() -> Iterator[Case]:
    for path in sorted(VECTORS.glob("*.vec")):
        for block in re.split(r"\n(?=\[)", path.read_text()):
            fields = [tuple(line.split(" = ", 1)) for line in block.splitlines() if " = " in line]
            if not fields:
                continue
            found = dict(fields)
            datagram = bytes.fromhex(found["Buffer"])
            if block.lstrip().startswith("[truncated]"):
                yield from _cuts(found["Name"], datagram, fields)  # type: ignore[arg-type]
            else:
                yield Case(found["Name"], datagram, found.get("Expect", ""), found.get("Error", ""), int(found.get("Offset", 0)))


def capture(datagrams: list[tuple[float, int, bytes]]) -> bytes:
    """(seconds, source port, datagram) as a capture of IPv4 packets without link header."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, _RAW_IP)
    for seconds, port, datagram in datagrams:
        packet = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(datagram), 0, 0, 64, 17, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
        packet += struct.pack("!HHHH", port, 500, 8 + len(datagram), 0) + datagram
        out += struct.pack("<IIII", int(seconds), round(seconds % 1 * 1e6), len(packet), len(packet)) + packet
    return out


def dissect_all(folder: Path, datagrams: list[tuple[float, int, bytes]], *options: str) -> list[Fields]:
    path = folder / "datagrams.pcap"
    path.write_bytes(capture(datagrams))
    return dissect(path, *options)


def _masked(fields: Fields, name: str) -> str:
    """Without the bits under the mask, which the dissector shows and a decoder clears."""
    address, mask = (value_of(fields, f"{name}_{part}") for part in ("address", "mask"))
    if not address or not mask:
        return address or "none"
    bits = int(ipaddress.ip_address(address)) & int(ipaddress.ip_address(mask))
    return f"{type(ipaddress.ip_address(address))(bits)}/{mask}"


def _end(text: str) -> str:
    """`10.1.0.0/16:80` or `…:any` of a vector, as the dissector writes it."""
    address, _, ports = text.rpartition(":")
    return address if ports == "any" else f"{address} port {ports}"


def _wanted_list(text: str) -> tuple[list[str], list[str], list[str]]:
    _, local, remote, exempt, _ = text.split(";")
    ends = [[_end(one) for one in side.split(",")] for side in (local, remote)]
    exemptions = []
    for one in exempt.split(",") if exempt else []:
        protocol, near, far = one.split()
        exemptions.append(f"{_PROTOCOLS.get(protocol, protocol)} {_end(near)} > {_end(far)}")
    return ends[0], ends[1], exemptions


def _form(says: dict[str, str]) -> str:
    """A response of version 3 that asks for an echo has neither half nor proxy."""
    is_echo = says.get("half_proxy") == "none" and says.get("capabilities") not in (None, "none")
    return "draft" if says.get("summary", "none") == says.get("proxy", "none") == "none" and not is_echo else "version 3"


def wrong(case: Case, fields: Fields) -> list[str]:
    """What the dissector found otherwise than the vector says."""
    if case.error:
        found = (value_of(fields, "error"), int(value_of(fields, "error_offset") or 0))
        return [] if found == (case.error, case.offset) else [f"found {found}, not {(case.error, case.offset)}"]
    if error := value_of(fields, "error"):
        return [f"found {error} in a good datagram"]
    bad = []

    def compare(name: str, found: object, wanted: object) -> None:
        if found != wanted:
            bad.append(f"{name}: found {found!r}, not {wanted!r}")

    for key, value in (pair.split("=", 1) for pair in re.split(r" (?=\w+=)", case.expect)):
        if key in ("icookie", "rcookie", "echo"):
            compare(key, str(value_of(fields, "cookie_initiator" if key == "icookie" else "cookie_responder")).replace(":", ""), value)
        elif key == "gateway":
            compare(key, value_of(fields, "gateway"), value)
        elif key == "half_proxy":
            if value.endswith(("/255.255.255.255", "/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) and not value_of(fields, "half_proxy_mask"):
                compare(key, value_of(fields, "half_proxy_address"), value.split("/")[0])
            else:
                compare(key, _masked(fields, "half_proxy"), value)
        elif key == "capabilities":
            found = value_of(fields, "capabilities")
            compare(key, "none" if found is None else str(int(str(found), 0)), value)
        elif key == "summary":
            found = [value_of(fields, f"summary_{part}") for part in ("protocol", "src", "dst", "srcport", "dstport")]
            compare(key, "none" if found[0] is None else ",".join(str(part) for part in found), value)
        elif key == "proxy" and value == "none":
            compare(key, value_of(fields, "proxy_protocol"), None)
        elif key == "proxy":
            protocol, local, remote, *ports = value.split(",")
            zeros = sum(bit for bit, port in zip((1, 2), ports) if port == "zero")
            found = [value_of(fields, f"proxy_{part}") for part in ("protocol", "local_port", "remote_port", "zeros")]
            compare("proxy", [str(int(str(one), 0)) for one in found],
                    ["0" if protocol == "any" else protocol, *("0" if port in ("any", "zero") else port for port in ports), str(zeros)])
            compare("local", _masked(fields, "proxy_local"), local)
            compare("remote", _masked(fields, "proxy_remote"), remote)
        elif key == "list":
            found_ends = tuple(fields.get(f"ted_offer_{side}", []) for side in ("local", "remote", "exemption"))
            compare(key, found_ends, _wanted_list(value))
        elif key == "proof":
            time, certificates, *proofs = value.split(";")
            compare("time", value_of(fields, "proof_milliseconds"), time)
            compare("certificates", [one.replace(":", "") for one in fields.get("ted_proof_certificate", [])],
                    [one for one in certificates.split(",") if one])
            compare("signature, keyed hash", [(value_of(fields, f"proof_{part}") or "").replace(":", "")
                                              for part in ("signature", "keyed_hash")], proofs)
        else:
            bad.append(f"nothing here compares {key}")
    says = dict(pair.split("=", 1) for pair in re.split(r" (?=\w+=)", case.expect))
    compare("form", value_of(fields, "form"), _form(says))
    return bad


def test_vectors(folder: Path) -> list[str]:
    known = list(cases())
    found = dissect_all(folder, [(0, 500, case.datagram) for case in known if case.datagram], "-o", "ted.always:TRUE")
    known = [case for case in known if case.datagram]
    if len(found) != len(known):
        return [f"{len(found)} packets of {len(known)} came out of tshark"]
    return [f"{case.name}: {text}" for case, fields in zip(known, found, strict=True) for text in wrong(case, fields)]


def test_links(folder: Path) -> list[str]:
    good = [case.datagram for case in cases() if case.expect]
    probe, response = (next(one for one in good if one[18] == exchange) for exchange in (240, 241))
    stray = b"\x77" * 8 + response[8:]
    found = dissect_all(folder, [(1, 40000, probe), (3, 40000, probe), (3.25, 500, response), (4, 500, stray)])
    bad = []
    for number, name, wanted in ((0, "response_in", 3), (1, "response_in", 3), (2, "response_to", 2), (3, "response_to", None)):
        value = value_of(found[number], name)
        if (int(value) if value else None) != wanted:
            bad.append(f"packet {number + 1}: {name} is {value}, not {wanted}")
    if abs(float(value_of(found[2], "response_time") or 0) - 0.25) > 1e-4:
        bad.append(f"response_time is {value_of(found[2], 'response_time')}, not 0.25")
    return bad


def test_experts_speak_up(folder: Path) -> list[str]:
    """What a reader of a capture is to look at first; and nothing of a sound exchange."""
    good = [case.datagram for case in cases() if case.expect]
    probe, response = (next(one for one in good if one[18] == exchange) for exchange in (240, 241))
    stray, cut = b"\x77" * 8 + response[8:], response[:40]
    found = dissect_all(folder, [(1, 40000, probe), (2, 40000, probe), (2.1, 500, response), (4, 500, stray), (5, 500, cut)], "-o", "ted.always:TRUE")
    wanted = ((), ("repeated",), (), ("no_probe",), ("malformed",))
    bad = []
    for number, (fields, names) in enumerate(zip(found, wanted, strict=True), 1):
        said = tuple(name for name in ("malformed", "no_probe", "repeated") if f"ted_{name}" in fields)
        if said != names:
            bad.append(f"packet {number}: {said}, not {names}")
    return bad


def test_others_are_left_alone(folder: Path) -> list[str]:
    """IKEv2 on port 500 stays ISAKMP's, whatever its exchange type."""
    ike = bytes(8 * [1]) + bytes(8) + bytes([0, 0x20, 240, 8]) + bytes(4) + struct.pack("!I", 28)
    found = dissect_all(folder, [(0, 500, ike)])
    return ["an IKEv2 message was taken for discovery"] if found[0] else []


def main() -> int:
    if not shutil.which("tshark"):
        print("SKIP dissector: tshark is not installed")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for test in (test_vectors, test_links, test_experts_speak_up, test_others_are_left_alone):
            bad = test(Path(folder))
            failed += bool(bad)
            print(f"{'FAIL' if bad else 'ok'} {test.__name__}")
            for text in bad[:20]:
                print(f"  {text}")
            if len(bad) > 20:
                print(f"  and {len(bad) - 20} more")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

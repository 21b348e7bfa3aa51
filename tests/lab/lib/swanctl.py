"""What strongSwan itself says about its tunnels: swanctl's raw listing, parsed."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any



@dataclass(frozen=True)
class ChildSa:
    name: str
    state: str
    local: list[str]
    remote: list[str]
    bytes_in: int
    bytes_out: int
    spi_in: str = ""
    spi_out: str = ""


@dataclass(frozen=True)
class IkeSa:
    name: str
    state: str
    local_host: str
    remote_host: str
    children: list[ChildSa]


class _Reader:
    """Reads `key {section}`, `key=[list]` and `key=value`, which is all the raw format has."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def _peek(self) -> str:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at:self._at + 1]

    def _until(self, stops: str) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in stops:
            self._at += 1
        return self._text[start:self._at]

    def section(self) -> dict[str, Any]:
        """The inside of braces, up to and over the closing one (or the text's end)."""
        found: dict[str, Any] = {}
        while self._peek() not in ("", "}"):
            key = self._until(" ={\n")
            if self._peek() == "{":
                self._at += 1
                found[key] = self.section()
            elif self._peek() == "=":
                self._at += 1
                found[key] = self._list() if self._peek_here() == "[" else self._until(" }\n")
        self._at += 1
        return found

    def _peek_here(self) -> str:
        return self._text[self._at:self._at + 1]

    def _list(self) -> list[str]:
        self._at += 1
        start, depth = self._at, 1
        while depth and self._at < len(self._text):      # an entry may have brackets of its own: 10.0.0.0/8[tcp]
            depth += {"[": 1, "]": -1}.get(self._text[self._at], 0)
            self._at += 1
        return self._text[start:self._at - 1].split()


def parse_list_conns(text: str) -> dict[str, dict[str, Any]]:
    """The output of `swanctl --list-conns --raw`: a line `list-conn event {NAME {…}}` a connection."""
    start = "list-conn event {"
    return {name: section for line in text.splitlines() if line.startswith(start)
            for name, section in _Reader(line.removeprefix(start)).section().items()}


def encode(section: dict[str, Any]) -> bytes:
    """A message of vici: sections, lists and values."""
    def short(text: str) -> bytes:
        return bytes([len(text)]) + text.encode()

    def long(text: str) -> bytes:
        return len(text).to_bytes(2, "big") + text.encode()

    message = b""
    for key, value in section.items():
        if isinstance(value, dict):
            message += b"\1" + short(key) + encode(value) + b"\2"
        elif isinstance(value, list):
            message += b"\4" + short(key) + b"".join(b"\5" + long(one) for one in value) + b"\6"
        else:
            message += b"\3" + short(key) + long(value)
    return message


def parse_list_sas(text: str) -> list[IkeSa]:
    """The output of `swanctl --list-sas --raw`: a line `list-sa event {NAME {…}}` an IKE SA."""
    found = []
    for line in text.splitlines():
        if not line.startswith("list-sa event {"):
            continue
        for name, ike in _Reader(line.removeprefix("list-sa event {")).section().items():
            children = [ChildSa(child.get("name", ""), child.get("state", ""), child.get("local-ts", []), child.get("remote-ts", []),
                                int(child.get("bytes-in", 0)), int(child.get("bytes-out", 0)),
                                child.get("spi-in", ""), child.get("spi-out", ""))
                        for child in ike.get("child-sas", {}).values()]
            found.append(IkeSa(name, ike.get("state", ""), ike.get("local-host", ""), ike.get("remote-host", ""), children))
    return found

"""tcpdump at a node's interface, started before it is needed and stopped with everything written."""
from __future__ import annotations

import os
import re
import signal
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from . import netns
from .packets import Kind, Packet, read_pcap
from .process import Process
from .topology import Node
from .wait import LabFailure, wait_for

_MARK = b"\xff" * 12 + b"\x88\xb5"          # broadcast, to and from; the EtherType is for local experiments
_TUNNEL_KINDS = (Kind.ESP, Kind.ESP_IN_UDP)


class Capture:
    """All packets that cross an interface, readable while it runs."""

    def __init__(self, node: Node, interface: str, folder: Path, name: str, only: str = "") -> None:
        """`only` is a filter in tcpdump's language: what it leaves out need not be written, and no flood of it makes the capture miss the rest."""
        self.name = name
        self._node, self._interface = node, interface
        self.path = folder / f"{name}.pcap"
        self._process = Process(f"tcpdump {name}", ["tcpdump", "-i", interface, "-n", "-s", "0", "-B", "16384", "-U", "--immediate-mode", "-Z", "root",
                                                    "-w", str(self.path), *([f"({only}) or ether proto 0x88b5"] if only else [])], folder / f"{name}.tcpdump.log", node.namespace)
        wait_for(f"tcpdump on {node.name} {interface}", lambda: "listening on" in self._process.output(), 10, self._process.tail, every=0.01)

    def packets(self, kind: Kind | None = None) -> list[Packet]:
        """What is on file so far."""
        return [packet for packet in read_pcap(self.path) if kind is None or packet.kind is kind]

    def wait(self, what: str, test: Callable[[Packet], bool], seconds: float = 8) -> Packet:
        """The first packet that passes the test."""
        return wait_for(f"{what} on {self.name}", lambda: next(filter(test, self.packets()), None), seconds, self.text)

    def wait_kind(self, kind: Kind, seconds: float = 8) -> Packet:
        return self.wait(kind.value, lambda packet: packet.kind is kind, seconds)

    def flush(self) -> list[Packet]:
        """All that crossed before the call. tcpdump may lag behind, so a frame of our own goes last and is waited for."""
        mark = _MARK + os.urandom(16)
        with netns.open_socket(self._node.namespace, socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind((self._interface, 0))
            sock.send(mark)
        wait_for(f"the capture {self.name} to catch up", lambda: mark in self.path.read_bytes(), 60, self._process.tail, every=0.02)
        return self.packets()

    def stop(self) -> list[Packet]:
        """Ends it with everything written."""
        if self._process.alive():
            self.flush()
            self._process.stop(signal.SIGINT)
        return self.packets()

    def missed(self) -> int:
        """Ends it. How many packets the kernel did not hand over."""
        self.stop()
        told = re.search(r"(\d+) packets? dropped by kernel", self._process.output())
        if not told:
            raise LabFailure(f"tcpdump does not say what it missed\n{self._process.tail()}")
        return int(told.group(1))

    def close(self) -> None:
        """Ends it whatever is still on its way."""
        self._process.stop(signal.SIGINT)

    def text(self) -> str:
        lines = "\n".join(f"    {packet}" for packet in self.packets()[-40:])
        return f"  capture {self.name}:\n{lines or '    (nothing)'}"


def counts(packets: list[Packet]) -> dict[str, int]:
    """How many of each kind, by its name; kinds that never came are absent."""
    return dict(Counter(packet.kind.value for packet in packets))


def encrypted(packets: list[Packet]) -> list[Packet]:
    """ESP in either form."""
    return [packet for packet in packets if packet.kind in _TUNNEL_KINDS]


def in_the_clear(packets: list[Packet], local: str, remote: str, test: Callable[[Packet], bool] = lambda _: True) -> list[Packet]:
    """Packets of a flow between the two networks that crossed readable. TED's own probes travel under these addresses and are not of the flow."""
    return [packet for packet in packets if packet.kind in (Kind.PLAIN, Kind.IKE) and packet.between(local, remote) and test(packet)]

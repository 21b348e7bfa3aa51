"""A gateway of TED versions 1 and 2: `draft_peer.py` for discovery, and a strongSwan that is told by hand what the two halves merge to."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import nft
from .charon import Charon
from .process import Process, run
from .selector import Selector
from .topology import Node
from .wait import SLOWNESS, wait_for

PYTHON = "/usr/bin/python3"                     # Debian's, which has Debian's scapy
_PROGRAM = Path(__file__).resolve().parents[1] / "draft_peer.py"

# What it answers it takes off the wire.
_ABSORB = "table inet old_peer {{ chain f {{ type filter hook forward priority 0; {ip} daddr {half} udp dport 500 @th,200,16 0x10f0 drop; }}; }}\n"

_CONNECTION = """
connections {{ old {{ version = 2
  local_addrs = {gateway}
  remote_addrs = {peer}
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{ old {{ local_ts = {local}
    remote_ts = {remote} }} }} }} }}
secrets {{ ike-lab {{ secret = "one secret for all gateways of a lab" }} }}
"""

Fields = dict[str, Any]


@dataclass(frozen=True)
class Merged:
    """What an asker would propose."""

    gateway: str
    local: str
    remote: str
    inside: bool


class OldPeer:
    """Its strongSwan protects `half` towards `others`."""

    def __init__(self, node: Node, charon: Charon, gateway: str, half: str, folder: Path) -> None:
        self.node, self.charon, self.gateway, self.half = node, charon, gateway, half
        self._log = folder / f"{node.label}.draft_peer.log"
        self._process: Process | None = None

    def tell_ike(self, peer: str, local: str, remote: str) -> None:
        """Loads the one connection that its strongSwan has: as a policy to answer by, or as a proposal to make."""
        self.charon.load(_CONNECTION.format(gateway=self.gateway, peer=peer, local=local, remote=remote))

    def answer(self) -> None:
        """Answers probes from now on."""
        nft.load(self.node, _ABSORB.format(ip="ip6" if ":" in self.half else "ip", half=self.half))
        self._process = Process(f"draft_peer on {self.node.name}", [PYTHON, str(_PROGRAM), "answer", *self._common()], self._log, self.node.namespace)
        wait_for(f"the old peer on {self.node.name} to listen", lambda: self.events("ready"), 20, self._process.tail)

    def serve(self, peer: str, others: str) -> None:
        """Answers probes, and IKE of that peer for its half and `others`, from now on."""
        self.charon.wait_ready()
        self.tell_ike(peer, self.half, others)
        self.answer()

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def events(self, kind: str) -> list[Fields]:
        """What it said so far."""
        return [event for event in _parsed(self._process.output() if self._process else "") if event["event"] == kind]

    def ask(self, source: str, destination: str, port: int) -> tuple[Fields, Fields | None, Merged | None]:
        """One probe: what it sent, what it heard, and what the two halves merge to."""
        asked = run([PYTHON, str(_PROGRAM), "ask", *self._common(), "--source", source, "--destination", destination, "--port", str(port),
                     "--seconds", str(2 * SLOWNESS)], namespace=self.node.namespace, seconds=30)
        said = {event.pop("event"): event for event in _parsed(asked.stdout)}
        return said["sent"], said.get("heard"), Merged(**said["merged"]) if "merged" in said else None

    def propose(self, merged: Merged) -> list[Selector]:
        """Brings up a tunnel with exactly that, and returns what came up. Anything else it ends: in IKEv1's Quick Mode a proposal is all or nothing."""
        self.tell_ike(merged.gateway, merged.local, merged.remote)
        self.charon.initiate("old")
        got = self.charon.selectors()
        if got != [Selector(merged.local, merged.remote)]:
            self.charon.terminate("old")
        return got

    def _common(self) -> list[str]:
        return ["--interface", "wan", "--gateway", self.gateway, "--half", self.half]


def _parsed(output: str) -> list[Fields]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{") and line.endswith("}")]

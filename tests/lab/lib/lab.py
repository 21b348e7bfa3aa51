"""What a lab's run() is given: its network, its daemons, its words, and the care that all of it is gone afterwards."""
from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from . import traffic
from .capture import Capture
from .charon import Charon, Dataplane
from .gateway import Gateway
from .old_peer import OldPeer
from .tedd import Config
from .topology import Network, Node
from .wait import LabFailure

WITHOUT = "without {} it is not so: {}"
"""What a lab says of an attack that works where a defence is off; docs/threats.md names each."""


class Lab:
    """One run of one lab. Whatever it starts ends with `close`, in the reverse order."""

    def __init__(self, prefix: str, folder: Path, dataplane: Dataplane, hear: Callable[[str], None] = lambda _: None) -> None:
        self.folder = folder
        self.dataplane = dataplane
        self.said: list[str] = []
        self._hear = hear
        self._prefix = prefix
        self._networks = 0
        self._logs: list[Callable[[], str]] = []
        self._cleanup = contextlib.ExitStack()

    def say(self, line: str) -> None:
        """A line that expected.txt must have."""
        self.said.append(line)
        self._hear(line)

    def check(self, truth: bool, claim: str, instead: str = "") -> None:
        """Says the claim when it is true and fails the lab when not."""
        if not truth:
            raise LabFailure(f"not so: {claim}" + (f"; instead: {instead}" if instead else ""))
        self.say(claim)

    def fails(self, what: str, claim: str, attack: Callable[[], object]) -> None:
        """The attack where `what` stops it no more: says that it fails the lab by this very claim. Fails the lab when it does not. What it says meanwhile is not said."""
        before = len(self.said)
        failed = ""
        try:
            attack()
        except LabFailure as failure:
            failed = str(failure)
        del self.said[before:]
        self.check(claim in failed, WITHOUT.format(what, claim), failed or "it holds")

    def fails_without(self, defence: str, claim: str, attack: Callable[[], object], *gateways: Gateway, seconds: float = 15) -> None:
        """The same on these gateways, started anew within `seconds` without that defence of without/defences.py; then they are what they were."""
        def restarted(defence: str) -> None:
            for gateway in gateways:
                gateway.tedd.stop()
                gateway.tedd.without(defence)
                gateway.tedd.start(seconds)
        restarted(defence)
        self.fails(f"the defence {defence}", claim, attack)
        restarted("")

    def enter(self, context: contextlib.AbstractContextManager[None]) -> None:
        """Holds it as long as the lab lasts, and whatever was started later."""
        self._cleanup.enter_context(context)

    def network(self) -> Network:
        """A fresh network; a lab may have several, one after another or side by side."""
        self._networks += 1
        network = Network(self._prefix if self._networks == 1 else f"{self._prefix}-{self._networks}")
        self._cleanup.callback(network.remove)
        return network

    def charon(self, node: Node) -> Charon:
        """A strongSwan without tedd; returns at once, see wait_ready."""
        charon = Charon(node, self.folder, self.dataplane)
        self._cleanup.callback(charon.stop)
        self._logs.append(charon.logs)
        return charon

    def gateway(self, node: Node, config: Config) -> Gateway:
        """A strongSwan and a tedd that is not yet started; see start_gateways."""
        gateway = Gateway(self.charon(node), self.folder, config)
        self._cleanup.callback(gateway.tedd.stop)
        self._logs.append(gateway.tedd.logs)
        return gateway

    def old_peer(self, gateway: Gateway, half: str) -> OldPeer:
        """A gateway of versions 1 and 2 in the place of one that is not started: its strongSwan, and no tedd."""
        old = OldPeer(gateway.node, gateway.charon, gateway.tedd.addresses[0], half, self.folder)
        self._cleanup.callback(old.stop)
        return old

    def start_gateways(self, *gateways: Gateway) -> None:
        """All of them at once, as far as they do not wait for one another."""
        for gateway in gateways:
            gateway.charon.wait_ready()
        for gateway in gateways:
            gateway.tedd.start()

    def capture(self, node: Node, interface: str, name: str, only: str = "") -> Capture:
        capture = Capture(node, interface, self.folder, name, only)
        self._cleanup.callback(capture.close)
        self._logs.append(capture.text)
        return capture

    def cross(self, flow: traffic.Flow, what: str, seconds: float = 8, pause: float = 0.2) -> traffic.Crossing:
        """Tries the flow until it is answered; fails when it never is."""
        return traffic.until_answered(flow, what, seconds, pause)

    def logs(self) -> str:
        """What every daemon and capture of this lab has to say, for a failure's report."""
        return "\n".join(log() for log in self._logs)

    def close(self) -> None:
        self._cleanup.close()

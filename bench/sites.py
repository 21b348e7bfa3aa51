"""The ways to a tunnel, each in a network of its own: tedd that is told nothing, and strongSwan that is told everything, before or now."""
from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib import netns
from lib.charon import Charon, Dataplane
from lib.process import Process, run
from lib.tedd import BINARIES, Config, Rule, Tedd
from lib.topology import Network
from lib.wait import LabFailure, wait_for
from vici import Vici, now
from wiretap import DISCARD, RulesWatch, Wiretap

PSK = "one secret for all gateways of a lab"
A, B = "192.0.2.1", "192.0.2.2"
NEAR, FAR = "10.1.0.0/24", "10.2.0.0/24"
_UP_WITHIN = 3.0
Marks = dict[str, int]


class Site:
    """h1 - gwA - gwB, each gateway with a strongSwan. `delay_us` is one way; 0: a plain cable."""

    name = "site"

    def __init__(self, folder: Path, delay_us: int) -> None:
        self.folder = folder / self.name
        self.delay_us = delay_us
        self.stops: list[Callable[[], object]] = []

    def start(self) -> None:
        """Builds the network and starts the daemons; `close` is due whether or not it succeeds."""
        self.folder.mkdir()
        network = Network(f"otb{os.getpid()}{self.name}{self.delay_us}")
        self.stops.append(network.remove)
        h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
        a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", f"{A}/24").route("default", B)
        b = network.router("gwB").address("lan", "10.2.0.1/24").address("wan", f"{B}/24").route("default", A)
        h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
        network.link(h1, "eth0", a, "lan")
        network.link(b, "lan", h2, "eth0")
        cable = network.host("wire") if self.delay_us else None
        if cable:
            network.link(a, "wan", cable, "left")
            network.link(cable, "right", b, "wan")
        else:
            network.link(a, "wan", b, "wan")
        network.build()
        if cable:
            process = Process("the delaying cable", [str(BINARIES / "tedbench"), "delay", "left", "right", str(self.delay_us)],
                              self.folder / "cable.log", cable.namespace)
            self.stops.append(process.stop)
            wait_for("the delaying cable", lambda: "ready" in process.output(), 5, process.output)
        self.a, self.b, self.h1 = a, b, h1
        self.charons: list[Charon] = []
        for node in (a, b):
            self.charons.append(Charon(node, self.folder, Dataplane.USERSPACE))
            self.stops.append(self.charons[-1].stop)
        for charon in self.charons:
            charon.wait_ready()
        self.orders = Vici(self.charons[0].uri)
        self.events = [Vici(charon.uri) for charon in self.charons]
        for events in self.events:
            events.register("child-updown")
        self.near_tap, self.far_tap = Wiretap(a.namespace, "wan"), Wiretap(b.namespace, "wan")
        self.agreed: Any = None       # what the last CHILD_SA was, but for its keys and numbers

    def close(self) -> None:
        for stop in reversed(self.stops):
            stop()

    def round_trips(self, count: int) -> list[float]:
        """Of the link between the gateways, in ms, by kernel stamps."""
        text = run(["ping", "-c", str(count), "-i", "0.02", B], namespace=self.a.namespace).stdout
        return [float(found) for found in re.findall(r"time=([0-9.]+) ms", text)]

    def _wait_updown(self, end: int, up: bool) -> int | None:
        """When charon said so; None when it did not in time."""
        event = self.events[end].event(_UP_WITHIN)
        if event is None:
            return None
        came, message = event
        if (message.get("up") == "yes") != up:
            raise LabFailure(f"{'no ' if up else ''}CHILD_SA at the wrong moment: {message}")
        if up and end == 0:
            ike = next(value for value in message.values() if isinstance(value, dict))
            child = next(iter(ike["child-sas"].values()))
            self.agreed = [ike.get(key) for key in ("encr-alg", "integ-alg", "prf-alg", "dh-group")] + [
                child.get(key) for key in ("protocol", "encap", "encr-alg", "encr-keysize", "integ-alg", "dh-group", "local-ts", "remote-ts")]
        return came

    def _take_down(self, connection: str) -> None:
        self.orders.request("terminate", {"ike": connection, "timeout": "5000"})
        for end in (0, 1):
            if self._wait_updown(end, up=False) is None:
                raise LabFailure("a tunnel that was taken down did not go")

    def _seen(self, marks: Marks) -> Marks:
        for end, tap in (("A", self.near_tap), ("B", self.far_tap)):
            for seen in tap.take():
                marks.setdefault(f"{seen.name} at {end}", seen.at)
        return marks

    def _forget_seen(self) -> None:
        self.near_tap.take()
        self.far_tap.take()


class Watched(Tedd):
    """tedd with its events heard through its own control socket, so that tedctl is not needed."""

    def _answers(self) -> bool:
        if self.process and not self.process.alive():
            raise LabFailure(f"tedd on {self.node.name} ended at its start\n{self.logs()}")
        try:
            with self._connect() as client:
                client.sendall(b'{"command":"status"}\n')
                return bool(json.loads(client.makefile().readline())["data"]["charon_connected"])
        except OSError:
            return False

    def _connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(_UP_WITHIN)
        client.connect(str(self._socket))
        return client

    def watch(self) -> None:
        self._watching = self._connect()
        self._watching.sendall(b'{"command":"watch"}\n')
        self._rest = b""

    def wait_event(self, name: str) -> int:
        """When it was heard; what comes before it is skipped."""
        while True:
            while b"\n" not in self._rest:
                self._rest += self._watching.recv(65536)
            came = now()
            line, _, self._rest = self._rest.partition(b"\n")
            if json.loads(line).get("id") == name:
                return came


class Discovering(Site):
    """tedd at both ends; nothing says where the other one is."""

    name = "d"

    def start(self) -> None:
        super().start()
        rules = ([Rule("branches", ["10.1.0.0/16"], ["10.2.0.0/16"])], [Rule("office", [FAR], [NEAR])])
        self.tedds = [Watched(charon.node, self.folder, Config([address], list(mine), psk=PSK), charon.uri)
                      for charon, address, mine in zip(self.charons, (A, B), rules, strict=True)]
        for tedd in self.tedds:
            self.stops.append(tedd.stop)
            tedd.start()
            tedd.watch()
        self._host = netns.open_socket(self.h1.namespace, socket.AF_INET, socket.SOCK_DGRAM)
        self._host_tap = Wiretap(self.a.namespace, "lan")
        self._rules = RulesWatch(self.a.namespace)
        self._turn = 0

    def bring_up(self) -> Marks | None:
        """From the first packet on, as A's interface has it: what the host's own stack takes is not discovery's. Each turn to another host of
        B's: the guard tells of one pair of hosts once a second."""
        self._forget_seen()
        self._host_tap.take()
        self._rules.forget()
        self._turn += 1
        marks = {"sent": now()}
        self._host.sendto(b"P", (f"10.2.0.{10 + self._turn % 200}", DISCARD))
        up = self._wait_updown(0, up=True)
        if up is None:
            return None
        marks["start"] = next(seen.at for seen in self._host_tap.take() if seen.name == "first packet")
        marks["up"] = up
        marks["tedd says up"] = self.tedds[0].wait_event("TED-TUNNEL-UP")
        marks["guard opens"] = self._rules.wait_change()
        self.tedds[1].wait_event("TED-TUNNEL-UP")
        if self._wait_updown(1, up=True) is None:
            return None
        return self._seen(marks)

    def take_down(self) -> None:
        self._take_down(f"opented-{B}")
        for tedd in self.tedds:
            tedd.wait_event("TED-TUNNEL-DOWN")


def _connection(mine: str, theirs: str, local: str, remote: str) -> dict[str, Any]:
    return {"peer": {
        "version": "2", "local_addrs": [mine], "remote_addrs": [theirs], "mobike": "no", "unique": "no", "dpd_delay": "10s",
        "local": {"auth": "psk"}, "remote": {"auth": "psk", "id": theirs},
        "children": {"net": {"mode": "tunnel", "local_ts": [local], "remote_ts": [remote], "start_action": "none", "close_action": "none",
                             "dpd_action": "clear"}}}}


class Told(Site):
    """strongSwan alone; the connection is loaded at both ends before the clock starts."""

    name = "t"

    def start(self) -> None:
        super().start()
        for charon in self.charons:
            Vici(charon.uri).request("load-shared", {"id": "psk", "type": "IKE", "data": PSK, "owners": []})
        Vici(self.charons[1].uri).request("load-conn", _connection(B, A, FAR, NEAR))
        self.prepare()

    def prepare(self) -> None:
        self.orders.request("load-conn", _connection(A, B, NEAR, FAR))

    def tell(self) -> None:
        """What the clock is started for."""
        # Answered at once, as tedd asks it: an order that waits for the CHILD_SA takes a way of its own through charon.
        self.orders.order("initiate", {"ike": "peer", "child": "net", "timeout": "-1"})

    def bring_up(self) -> Marks | None:
        """From the call on."""
        self._forget_seen()
        marks = {"start": now()}
        self.tell()
        up = self._wait_updown(0, up=True)
        self.outcomes()
        if up is None or self._wait_updown(1, up=True) is None:
            return None
        marks["up"] = up
        return self._seen(marks)

    def outcomes(self) -> None:
        self.orders.outcome("initiate")

    def take_down(self) -> None:
        self._take_down("peer")


class ToldNow(Told):
    """strongSwan alone that hears of peer and selectors when the clock starts: what discovery has to tell it as well."""

    name = "n"

    def prepare(self) -> None:
        pass

    def tell(self) -> None:
        self.orders.order("load-conn", _connection(A, B, NEAR, FAR))
        super().tell()

    def outcomes(self) -> None:
        self.orders.outcome("load-conn")
        super().outcomes()

    def take_down(self) -> None:
        super().take_down()
        self.orders.request("unload-conn", {"name": "peer"})

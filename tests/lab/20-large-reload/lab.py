"""A hundred thousand rules, replaced again and again under a flood of protected packets."""
import signal
import socket
import threading
import time

from lib import figure1, netns
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.wait import wait_for

PROVES = "100,000 rules are replaced under a flood of protected packets, and not one of them leaves in the clear"
DATAPLANES = (Dataplane.USERSPACE,)

RULES, RELOADS = 100_000, 4


def policy(turn: int) -> list[Rule]:
    """Branches with a /24 each, every fifth exempt; what the flood is of is protected by the last rule. Each turn has other networks."""
    rules = []
    for i in range(RULES - 1):
        number = 2 * i + turn % 2
        remote = f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.0/24"
        local = "10.1.0.0/16" if i % 2 else f"10.1.{i % 64}.0/24"
        port = {} if i % 3 == 0 else {"protocol": "tcp", "remote_port": 443 if i % 3 == 1 else "8000-8100"}
        rules.append(Rule(f"branch-{i}", [local], [remote], action="bypass" if i % 5 == 0 else "protect", **port))
    return [*rules, Rule("flood", ["10.1.0.0/16"], ["10.2.0.0/16"])]


class Flood(threading.Thread):
    """Datagrams from h1 to h2, a new port each, until `end`."""

    def __init__(self, node: Node, destination: str) -> None:
        super().__init__(daemon=True)
        self._socket = netns.open_socket(node.namespace, socket.AF_INET, socket.SOCK_DGRAM)
        self._destination, self._ends = destination, threading.Event()
        self.sent = 0

    def run(self) -> None:
        while not self._ends.is_set():
            for _ in range(10):
                self._socket.sendto(b"protected", (self._destination, 10_000 + self.sent % 50_000))
                self.sent += 1
            self._ends.wait(0.002)

    def end(self) -> None:
        self._ends.set()
        self.join()
        self._socket.close()


def run(lab: Lab) -> None:
    figure = figure1.build(lab, policy(0), figure1.RULES_B)
    tedd = figure.a.tedd
    figure.a.charon.wait_ready()
    tedd.start(60)
    lab.say("a policy of 100,000 rules is in force")
    flood = Flood(figure.h1, figure.plan.h2)
    flood.start()
    took = []
    for turn in range(1, RELOADS + 1):
        tedd.write(Config([figure.plan.a_wan], policy(turn)))
        before, start = tedd.ask("status")["loaded"], time.monotonic()
        sent = flood.sent
        assert tedd.process
        tedd.process.send(signal.SIGHUP)
        status = wait_for("the new policy to be in force", lambda before=before: (now := tedd.ask("status"))["loaded"] != before and now, 30, tedd.logs)
        took.append(time.monotonic() - start)
        lab.check(status["rules"] == RULES and not status["reload_error"] and flood.sent > sent, "the other policy is in force, and the flood went on meanwhile")
    flood.end()
    clear = in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)
    lab.check(not clear, "not one packet of the flood crossed in the clear", "; ".join(map(str, clear[:5])))
    lab.say("from SIGHUP to a snapshot in force: " + ", ".join(f"{seconds * 1000:.0f} ms" for seconds in took) + f"; {flood.sent} packets sent")

"""Protected flows of both families, both ways, through all that happens to a gateway in its life."""
from __future__ import annotations

from collections.abc import Callable

from lib import figure1, netns, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.flood import Ear, Sender
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Packet
from lib.process import run as run_program
from lib.reloads import Reloads
from lib.tedd import Rule
from lib.wait import SLOWNESS, wait_for

PROVES = "from boot to stop, through reloads, kill -9, charon's restart, rekeying and the end of tunnels not one packet of a protected flow crosses in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")

KILLS, PORT = 3, 9000
RELOADS, BATCH, PACE = (100, 2, 0.003) if SLOWNESS == 1 else (25, 1, 0.04)      # an emulated machine is slower than its flood, else
V4, V6 = ("10.1.0.0/24", "10.2.0.0/24"), ("2001:db8:1::/64", "2001:db8:2::/64")
HOSTS = (("10.1.0.10", "10.2.0.10"), ("2001:db8:1::10", "2001:db8:2::10"))
OTHER = Rule("other", ["10.1.0.0/24"], ["10.99.0.0/16"])


def rules(local: int, remote: int, turn: int = 0) -> list[Rule]:
    here = [Rule("sites", [V4[local], V6[local]], [V4[remote], V6[remote]], first_packet="hold" if turn % 4 < 2 else "drop")]
    return [OTHER, *here] if turn % 2 else here


def add_ipv6(figure: Figure1) -> None:
    """The same network once more; the gateways' ends stay IPv4."""
    a, b = figure.a.node, figure.b.node
    for node, words in ((figure.h1, "addr add 2001:db8:1::10/64 dev eth0"), (figure.h2, "addr add 2001:db8:2::10/64 dev eth0"),
                        (a, "addr add 2001:db8:1::1/64 dev lan"), (b, "addr add 2001:db8:2::1/64 dev lan"),
                        (a, "addr add 2001:db8:ff::1/64 dev wan"), (b, "addr add 2001:db8:ff::2/64 dev wan"),
                        (figure.h1, "route add default via 2001:db8:1::1"), (figure.h2, "route add default via 2001:db8:2::1"),
                        (a, "route add default via 2001:db8:ff::2"), (b, "route add default via 2001:db8:ff::1")):
        run_program(["ip", "-n", node.namespace, *words.split(), *(["nodad"] if words.startswith("addr") else [])])


def forward(figure: Figure1, on: bool) -> None:
    for gateway in (figure.a, figure.b):
        for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            netns.set_sysctl(gateway.node.namespace, name, int(on))


def clear(packets: list[Packet]) -> list[Packet]:
    return [packet for pair in (V4, V6) for packet in in_the_clear(packets, *pair)]


class Hunt:
    """The flood, who hears it, and what crossed the wire since the guard should stand."""

    def __init__(self, lab: Lab, figure: Figure1) -> None:
        self._lab, self._figure = lab, figure
        self._ears = [Ear(node, address, PORT) for pair in HOSTS for node, address in zip((figure.h1, figure.h2), pair, strict=True)]
        ends = [(figure.h1, near, far) for near, far in HOSTS] + [(figure.h2, far, near) for near, far in HOSTS]
        self._senders = [Sender(node, source, destination, PORT, BATCH, PACE) for node, source, destination in ends]
        self._seen = 0
        for sender in self._senders:
            sender.start()

    def crossed(self) -> list[Packet]:
        packets = self._figure.middle.flush()
        new, self._seen = packets[self._seen:], len(packets)
        return new

    def wait_through(self, what: str, seconds: float = 30) -> None:
        """Until each of the four flows arrives again."""
        heard = [ear.heard for ear in self._ears]
        wait_for(f"all flows to arrive {what}", lambda: all(ear.heard > before for ear, before in zip(self._ears, heard, strict=True)), seconds,
                 lambda: str([ear.heard - before for ear, before in zip(self._ears, heard, strict=True)]))

    def judge(self, what: str) -> None:
        leaked = clear(self.crossed())
        self._lab.check(not leaked, f"{what}: nothing in the clear", f"{len(leaked)} packets: " + "; ".join(map(str, leaked[:5])))

    def through(self, what: str, act: Callable[[], None]) -> None:
        act()
        self.wait_through(f"after {what}")
        self.judge(what)

    def wait_sent(self, more: int) -> None:
        """Until so many more were sent."""
        before = self._sent()
        wait_for(f"{more} datagrams to be sent", lambda: self._sent() >= before + more, 30)

    def _sent(self) -> int:
        return sum(sender.sent for sender in self._senders)

    def end(self) -> int:
        for sender in self._senders:
            sender.end()
        return self._sent()


def restart_tedd(gateway: Gateway) -> None:
    for _ in range(KILLS):
        gateway.tedd.kill()
        gateway.tedd.start()


def restart_charon(gateway: Gateway) -> None:
    gateway.charon.kill()
    gateway.charon.start()
    gateway.charon.wait_ready()


def for_each_child(gateway: Gateway, act: Callable[[str], None]) -> None:
    for name in sorted({child.name for child in gateway.charon.children()}):
        act(name)


def reload_often(gateway: Gateway, address: str) -> None:
    reloads = Reloads(gateway.tedd, address, gateway.tedd.ask("status")["loaded"])
    for turn in range(1, RELOADS + 1):
        reloads.reload(reloads.file_of(rules(0, 1, turn)))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, rules(0, 1), rules(1, 0))
    add_ipv6(figure)
    a, b = figure.a, figure.b
    hunt = Hunt(lab, figure)
    hunt.wait_through("without a guard")
    lab.check(len({(str(packet.source), str(packet.destination)) for packet in clear(hunt.crossed())}) == 4,
              "with forwarding on before the guard stands, all four flows cross in the clear: the hunt sees what leaks")

    forward(figure, False)
    hunt.crossed()
    lab.start_gateways(a, b)
    forward(figure, True)
    hunt.wait_through("through tunnels")
    hunt.judge("start, and forwarding after it")
    hunt.through(f"{RELOADS} reloads", lambda: reload_often(a, figure.plan.a_wan))
    hunt.through(f"kill -9 of tedd, {KILLS} times", lambda: restart_tedd(a))
    hunt.through("kill -9 of the other tedd", lambda: restart_tedd(b))
    hunt.through("rekeying", lambda: for_each_child(a, a.charon.rekey))
    hunt.through("the end of the tunnels", lambda: for_each_child(b, b.charon.terminate))
    hunt.through("kill -9 of charon", lambda: restart_charon(a))
    a.tedd.stop()
    b.tedd.stop()
    lab.check(nft.GUARD in nft.tables(a.node), "SIGTERM leaves the guard")
    hunt.wait_sent(1000)
    hunt.judge("stop, and a thousand datagrams behind it")
    sent = hunt.end()
    lab.check(figure.middle.missed() == 0, "the capture missed none of them")
    lab.say(f"{sent} datagrams of four flows were sent")

"""Host to host with the very file of docs/deploy.md: opportunistic, beside a host that has no OpenTED yet."""
import time
from dataclasses import dataclass

from lib import documented
from lib.capture import Capture, encrypted, in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.packets import Kind, Packet
from lib.selector import Selector
from lib.tedd import Config
from lib.topology import Node
from lib.traffic import Ping, Tcp, answered
from lib.wait import SLOWNESS, wait_for

PROVES = "the file that docs/deploy.md has for hosts protects each pair, reaches a host without OpenTED in the clear as the page says, and closes that when it comes"
DATAPLANES = (Dataplane.KERNEL,)
NEEDS = ("binaries", "ipv6")
SECTION = "Host to host"
NUMBERS = (1, 2, 3, 250)                             # 3 has no OpenTED at first, 250 is the page's router
OUTSIDE = (Kind.IKE, Kind.ESP, Kind.ESP_IN_UDP, Kind.PROBE, Kind.RESPONSE, Kind.NEIGHBOUR)


@dataclass(frozen=True)
class Family:
    name: str
    before: str                                      # of a host's number in its address
    bits: int
    host_bits: int

    @property
    def network(self) -> str:
        return f"{self.before}{'' if ':' in self.before else '0'}/{self.bits}"

    def address(self, number: int) -> str:
        return f"{self.before}{number}"

    def pair(self, one: int, other: int) -> Selector:
        return Selector(f"{self.address(one)}/{self.host_bits}", f"{self.address(other)}/{self.host_bits}")

    def names(self, number: int) -> dict[str, str]:
        """What the page calls the host's own, and where that is in the other family."""
        return {'"192.0.2.1"': f'"{self.address(number)}"', "192.0.2.250": self.address(250), "192.0.2.0/24": self.network}


V4 = Family("IPv4", "192.0.2.", 24, 32)
V6 = Family("IPv6", "2001:db8:ff::", 64, 128)


def between(captures: list[Capture], one: str, other: str) -> list[Packet]:
    """Readable packets of the two hosts, beside IKE and TED."""
    return [packet for capture in captures for packet in in_the_clear(capture.flush(), one, other) if packet.kind not in OUTSIDE]


def build(lab: Lab, family: Family) -> tuple[dict[int, Node], list[Capture]]:
    network = lab.network()
    wire = network.host("wire")
    nodes = {number: network.host(f"n{number}").address("eth0", f"{family.address(number)}/{family.bits}") for number in NUMBERS}
    for number, node in nodes.items():
        network.link(node, "eth0", wire, f"port{number}")
    wire.commands += ["link add name cable type bridge mcast_snooping 0", *(f"link set port{number} master cable" for number in NUMBERS), "link set cable up"]
    network.build()
    return nodes, [lab.capture(wire, f"port{number}", f"{family.name}-at-n{number}") for number in (1, 2)]


def in_family(lab: Lab, family: Family) -> None:
    nodes, captures = build(lab, family)
    text = documented.blocks("deploy.md", "toml", SECTION)[0]

    def gateway(number: int) -> Gateway:
        made = lab.gateway(nodes[number], Config([family.address(number)], []))
        made.tedd.write_documented(text, family.names(number))
        return made

    first, second = gateway(1), gateway(2)
    lab.start_gateways(first, second)
    there, here = family.address(3), family.address(1)
    lab.check(Tcp(nodes[1], nodes[2], family.address(2), 443).attempt(8 * SLOWNESS) is not None, f"{family.name}: two hosts talk, from the first packet on")
    first.wait_selectors([family.pair(1, 2)])
    second.wait_selectors([family.pair(2, 1)])
    lab.say("  through a tunnel for exactly the two of them")
    lab.check(answered(Ping(nodes[1], family.address(250)), 2) == 2, "  what is listed as a service is reached at once")

    stranger = Ping(nodes[3], here)
    lab.check(answered(stranger, 2) == 0, "  what a host without OpenTED begins is dropped")
    lab.cross(Ping(nodes[1], there), "a ping to the host without OpenTED", 30)
    opened = [line for line in first.tedd.log().splitlines() if "TED-BYPASS-OPENED" in line and there in line]
    lab.check(len(opened) == 1 and first.tedd.ask("status")["openings"] == 1, "  it is reached in the clear after a while, and the event names it", first.tedd.log()[-400:])
    lab.check(answered(stranger, 2) == 2, "  from then on it may begin as well")

    third = gateway(3)
    lab.start_gateways(third)
    ping = Ping(nodes[1], there)

    def closed() -> bool:
        ping.attempt(0.05)
        return bool(first.tedd.ask("status")["openings"] == 0 and family.pair(1, 3) in first.selectors())

    wait_for("the opening to give way to a tunnel", closed, 40, first.tedd.logs, every=0)
    since = time.time()
    lab.check(answered(ping, 3) == 3 and answered(stranger, 3) == 3, "  it gets OpenTED: the opening ends, and a tunnel carries both ways")

    lab.check(any(encrypted(capture.flush()) for capture in captures), "  ESP crossed the link")
    clear = between(captures, f"{family.address(1)}/{family.host_bits}", f"{family.address(2)}/{family.host_bits}")
    lab.check(not clear, "  nothing of the first two ever did in the clear", "; ".join(map(str, clear[:5])))
    later = [packet for packet in between(captures, f"{here}/{family.host_bits}", f"{there}/{family.host_bits}") if packet.time > since]
    lab.check(not later, "  nor of the third once it has a tunnel", "; ".join(map(str, later[:5])))
    for one in (first, second, third):
        one.tedd.stop()


def run(lab: Lab) -> None:
    in_family(lab, V4)
    in_family(lab, V6)

"""A standing tunnel, and ICMP errors about what came out of it from addresses that no rule covers."""
from dataclasses import dataclass

from lib import netns
from lib.capture import Capture, encrypted
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.icmp_errors import Sender, errors_made, kept_back
from lib.lab import Lab
from lib.process import run as run_program
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "no ICMP error tells the outside what a tunnel protects, whoever behind it sends it, and those about exempt flows still arrive"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "ipv6")

SECRET, OPEN = b"what the tunnel protects ", b"what crosses in the clear "
NEAR, FAR, EXEMPT = (["10.1.0.0/24", "2001:db8:1::/64"], ["10.2.0.0/15", "2001:db8:2::/47"], ["10.3.0.0/16", "2001:db8:3::/48"])
MTU_B, MTU_R = 1360, 1300            # of the links behind gwB and behind the router


@dataclass
class Case:
    what: str
    host: int                        # 0: the one that is there, 1: unreachable at gwB, 2: at the router
    hops: int = 64
    size: int = 100                  # of the whole packet


CASES = [Case("time exceeded at gwB", 0, hops=2), Case("time exceeded at the router behind it", 0, hops=3), Case("unreachable, from gwB", 1),
         Case("unreachable, from the router", 2), Case("too big, from gwB", 0, size=MTU_B + 10), Case("too big, from the router", 0, size=MTU_R + 10)]
HOSTS = {4: ("10.2.0.10", "10.2.8.10", "10.2.9.10"), 6: ("2001:db8:2::10", "2001:db8:2:8::10", "2001:db8:2:9::10")}
EXEMPT_HOSTS = {4: ("10.3.0.10", "10.3.8.10", "10.3.9.10"), 6: ("2001:db8:3::10", "2001:db8:3:8::10", "2001:db8:3:9::10")}


def rules(*, at_a: bool) -> list[Rule]:
    def rule(name: str, far: list[str], action: str) -> Rule:
        return Rule(name, *((NEAR, far) if at_a else (far, NEAR)), action=action)
    return [rule("plain", EXEMPT, "bypass"), rule("sites", FAR, "protect")]


def build(lab: Lab) -> tuple[Node, Node, Gateway, Gateway, Capture]:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24", "2001:db8:1::10/64").route("default", "10.1.0.1").route("default", "2001:db8:1::1")
    a = network.router("gwA").address("lan", "10.1.0.1/24", "2001:db8:1::1/64").address("wan", "192.0.2.1/24", "2001:db8:ff::1/64")
    a.route("default", "192.0.2.2").route("default", "2001:db8:ff::2")
    b = network.router("gwB").address("lan", "172.31.0.1/30", "2001:db8:31::1/64").address("wan", "192.0.2.2/24", "2001:db8:ff::2/64")
    if lab.dataplane is Dataplane.USERSPACE:         # needs an address of the gateway in what it protects
        b.address("lan", "10.2.0.1/32", "2001:db8:2::1/128")
    b.route("default", "192.0.2.1").route("default", "2001:db8:ff::1").route("10.2.0.0/15", "172.31.0.2").route("2001:db8:2::/47", "2001:db8:31::2")
    router = network.router("router").address("outer", "172.31.0.2/30", "2001:db8:31::2/64").address("inner", "10.2.0.254/24", "2001:db8:2::fe/64", "10.3.0.254/24", "2001:db8:3::fe/64")
    router.route("default", "172.31.0.1").route("default", "2001:db8:31::1")
    h2 = network.host("h2").address("eth0", "10.2.0.10/24", "2001:db8:2::10/64", "10.3.0.10/24", "2001:db8:3::10/64").route("default", "10.2.0.254").route("default", "2001:db8:2::fe")
    for node, index in ((b, 1), (router, 2)):
        for hosts in (HOSTS, EXEMPT_HOSTS):
            node.commands += [f"route add unreachable {hosts[4][index]}/32", f"route add unreachable {hosts[6][index]}/128"]
    b.commands.append(f"link set lan mtu {MTU_B}")
    router.commands.append(f"link set inner mtu {MTU_R}")
    network.link(h1, "eth0", a, "lan")
    network.link(b, "lan", router, "outer")
    network.link(router, "inner", h2, "eth0")
    wire = network.tapped_link("wire", a, "wan", b, "wan")
    network.build()
    for node in (b, router):                         # every packet is answered, not one a second
        netns.set_sysctl(node.namespace, "net.ipv4.icmp_ratemask", 0)
        netns.set_sysctl(node.namespace, "net.ipv6.icmp.ratelimit", 0)
    # What the router says comes from the transfer network as well, and not from an address that a tunnel carries.
    run_program(["ip", "-n", router.namespace, "route", "replace", "default", "via", "172.31.0.1", "src", "172.31.0.2"])
    middle = lab.capture(wire, "left", "middle")
    return h1, router, lab.gateway(a, Config(["192.0.2.1"], rules(at_a=True))), lab.gateway(b, Config(["192.0.2.2"], rules(at_a=False))), middle


def readable(middle: Capture, content: bytes) -> list[str]:
    return [str(packet) for packet in middle.flush() if content[:16] in packet.raw]


def run(lab: Lab) -> None:
    h1, router, a, b, middle = build(lab)
    lab.start_gateways(a, b)
    for version, (host, *_) in HOSTS.items():
        lab.cross(Ping(h1, host), f"a ping of IPv{version} from h1 to h2")
        lab.check(answered(Ping(h1, host), 3) == 3, f"IPv{version} goes through a tunnel")

    for version, hosts in HOSTS.items():
        for case in CASES:
            made, kept = errors_made(b.node) + errors_made(router), kept_back(b.node)
            Sender(h1, version).send(SECRET, hosts[case.host], case.hops, case.size)
            wait_for(f"the error: {case.what}", lambda: errors_made(b.node) + errors_made(router) > made, 8)
            if lab.dataplane is Dataplane.KERNEL:    # with its own ESP charon has it before it reaches the outside interface
                wait_for(f"the guard to keep back: {case.what}", lambda: kept_back(b.node) > kept, 8, lambda: str(readable(middle, SECRET)))
            leaked = readable(middle, SECRET)
            lab.check(not leaked, f"IPv{version}, {case.what}: nothing of the packet is told in the clear", "; ".join(leaked))
    lab.check(bool(encrypted(middle.flush())), "while ESP crossed the link")

    # With userspace ESP all that goes to h1 goes to charon, which drops what no tunnel carries: the router's errors.
    heard = [case for case in CASES if lab.dataplane is Dataplane.KERNEL or "router" not in case.what]
    for version, hosts in EXEMPT_HOSTS.items():
        for case in heard:
            sender = Sender(h1, version)
            sender.send(OPEN, hosts[case.host], case.hops, case.size)
            if not sender.told():
                lab.check(False, f"IPv{version}, {case.what}: h1 is told about a packet of an exempt flow")
        lab.say(f"IPv{version}: h1 is told about each packet of an exempt flow that meets the same")
    lab.check(bool(readable(middle, OPEN)), "and the capture shows these packets")

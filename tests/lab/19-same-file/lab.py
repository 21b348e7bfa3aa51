"""One policy for three gateways: `interface:lan` is whatever lies behind each one's own, followed while tedd runs."""
from __future__ import annotations

from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import run as run_program
from lib.selector import Selector
from lib.tedd import Config, Rule
from lib.topology import Network, Node
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "gateways with the same file protect what is behind their own interfaces, and follow what comes and goes there"
DATAPLANES = (Dataplane.USERSPACE,)
RULES = [Rule("sites", ["interface:lan"], ["10.0.0.0/8"])]
ADDED = "10.11.0.0/24"


def site(network: Network, wire: Node, number: int) -> tuple[Node, Node]:
    """A host, and the gateway between it and the wire."""
    host = network.host(f"h{number}").address("eth0", f"10.{number}.0.10/24").route("default", f"10.{number}.0.1")
    gateway = network.router(f"gw{'ABC'[number - 1]}").address("lan", f"10.{number}.0.1/24").address("wan", f"192.0.2.{number}/24")
    for other in {1, 2, 3} - {number}:
        gateway.route(f"10.{other}.0.0/24", f"192.0.2.{other}")
    if number != 1:
        gateway.route(ADDED, "192.0.2.1")
    network.link(host, "eth0", gateway, "lan")
    network.link(gateway, "wan", wire, f"port{number}")
    return host, gateway


def behind(gateway: Gateway) -> list[str]:
    return gateway.tedd.ask("rules")[0]["local_interfaces"]["lan"]


def wait_behind(gateway: Gateway, networks: list[str], seconds: float = 8) -> None:
    wait_for(f"the rule of {gateway.node.name} to stand for {networks}", lambda: behind(gateway) == networks, seconds, gateway.tedd.logs, every=0.1)


def on(gateway: Gateway, words: str) -> None:
    run_program(["ip", *words.split()], namespace=gateway.node.namespace)


def same_file(gateway: Gateway, number: int) -> str:
    text = gateway.tedd.file.read_text()
    for own in (str(gateway.tedd.folder), str(gateway.charon.uri), f"192.0.2.{number}"):
        text = text.replace(own, "OWN")
    return text


def run(lab: Lab) -> None:
    network = lab.network()
    wire = network.host("wire")
    (h1, node_a), (h2, node_b), (h3, node_c) = (site(network, wire, number) for number in (1, 2, 3))
    wire.commands += ["link add name cable type bridge mcast_snooping 0", *(f"link set port{number} master cable" for number in (1, 2, 3)), "link set cable up"]
    network.build()
    captures = [lab.capture(wire, "port1", "at-A"), lab.capture(wire, "port2", "at-B")]
    a, b, c = (lab.gateway(node, Config([f"192.0.2.{number}"], RULES)) for number, node in enumerate((node_a, node_b, node_c), 1))
    lab.check(same_file(a, 1) == same_file(b, 2) == same_file(c, 3), "the three files differ in the gateway's own address and in where they lie, in nothing else",
              same_file(a, 1) + same_file(b, 2))
    lab.start_gateways(a, b, c)
    lab.check([behind(gateway) for gateway in (a, b, c)] == [["10.1.0.0/24"], ["10.2.0.0/24"], ["10.3.0.0/24"]],
              "each gateway's rule stands for the network behind its own lan")
    lab.cross(Ping(h1, "10.2.0.10"), "a ping from h1 to h2")
    lab.cross(Ping(h2, "10.3.0.10"), "a ping from h2 to h3")
    lab.say("h1 and h2, and h2 and h3, talk")
    b.wait_selectors([Selector("10.2.0.0/24", "10.1.0.0/24"), Selector("10.2.0.0/24", "10.3.0.0/24")])
    lab.say("through tunnels for exactly the two networks")

    on(a, "address add 10.11.0.1/24 dev lan")
    wait_behind(a, ["10.1.0.0/24", ADDED])
    lab.say("a network that comes to gwA's lan is in its rule, without a reload")
    run_program(["ip", "address", "add", "10.11.0.10/24", "dev", "eth0"], namespace=h1.namespace)
    lab.cross(Ping(h1, "10.3.0.10", source="10.11.0.10"), "a ping from the added network to h3")
    first = Selector("10.1.0.0/24", "10.2.0.0/24")
    a.wait_selectors([first, Selector(ADDED, "10.3.0.0/24")])
    lab.say("and gets a tunnel of its own")
    c.wait_selectors([Selector("10.3.0.0/24", "10.2.0.0/24"), Selector("10.3.0.0/24", ADDED)])
    lab.say("and gwC's end is the same, mirrored")

    on(b, "link set lan down")
    wait_for("gwB to tell that its lan is gone", lambda: "TED-NETWORKS-HELD" in b.tedd.log(), 8, b.tedd.logs)
    lab.say("gwB says when its lan is gone")
    lab.check(behind(b) == ["10.2.0.0/24"], "and its rule stands for what it last had", str(behind(b)))
    on(b, "link set lan up")
    lab.cross(Ping(h1, "10.2.0.10"), "a ping from h1 to h2 when gwB's lan is back")
    lab.say("when it is back h1 and h2 talk again")

    on(a, "address del 10.11.0.1/24 dev lan")
    wait_behind(a, ["10.1.0.0/24"], seconds=45)
    lab.say("a network that leaves gwA's lan is let go after a while")
    a.wait_selectors([first])
    lab.say("and its tunnel is taken down")

    packets = [capture.flush() for capture in captures]
    lab.check(all(encrypted(each) for each in packets), "ESP crossed at either end")
    clear = [packet for each in packets for packet in in_the_clear(each, "10.0.0.0/8", "10.0.0.0/8")]
    lab.check(not clear, "and not one packet between the networks in the clear", "; ".join(map(str, clear[:5])))

"""Two nodes with pods, a link and a route for each, with one file."""
from __future__ import annotations

import time

from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.icmp_errors import Sender, errors_made, kept_back
from lib.lab import Lab
from lib.packets import Packet
from lib.process import run as run_program
from lib.selector import Selector
from lib.steady import Steady
from lib.tedd import Config, Rule
from lib.topology import Network, Node
from lib.traffic import Ping, answered
from lib.wait import SLOWNESS, wait_for

PROVES = "nodes with the same file protect their pods from each other's node on, follow pods that come and end, and let those of one node talk"
DATAPLANES = (Dataplane.KERNEL,)
PODS = "10.244.0.0/16"
RULES = [Rule("inside", ["interface:pod*"], ["interface:pod*"], action="bypass"),
         Rule("pods", ["interface:pod*"], [PODS], first_packet="hold"),
         Rule("rest", [PODS], [PODS], action="block")]
GONE = {"10.244.1.12/32", "10.244.1.12/31"}         # the second pod of node1, alone or with the third
MAX_LOST = 2 * SLOWNESS             # what was inside the old tunnel at that moment; their next packet is held
SECRET = b"what one pod says to another "
NONE_CLEAR = "and not one packet of a pod in the clear"
GATEWAY = "169.254.1.1"             # what every pod has for a gateway; no network lies behind it


def address(node: int, pod: int) -> str:
    return f"10.244.{node}.{10 + pod}"


def add_node(network: Network, number: int) -> Node:
    other = 3 - number
    return network.router(f"node{number}").address("wan", f"192.0.2.{number}/24").route(f"10.244.{other}.0/24", f"192.0.2.{other}")


def add_pod(network: Network, node: Node, number: int, pod: int) -> Node:
    host = network.host(f"pod{number}{pod}").address("eth0", f"{address(number, pod)}/32")
    host.commands += [f"route add {GATEWAY} dev eth0", f"route add default via {GATEWAY}"]
    node.address(f"pod{pod}", f"{GATEWAY}/32")
    network.link(host, "eth0", node, f"pod{pod}")
    return host


def expect_error(node: Node, sender: Sender, what: str, address: str, hops: int = 64) -> None:
    """The packet makes the node answer with an error from its own address, which no rule covers: it must not leave in the clear."""
    made, kept = errors_made(node), kept_back(node)
    sender.send(SECRET, address, hops)
    wait_for(f"the error: {what}", lambda: errors_made(node) > made, 8)
    wait_for(f"the guard to keep back: {what}", lambda: kept_back(node) > kept, 8)


def check_clear(lab: Lab, packets: list[Packet]) -> None:
    clear = in_the_clear(packets, PODS, PODS)
    lab.check(not clear, NONE_CLEAR, "; ".join(map(str, clear[:5])))


def run(lab: Lab) -> None:
    network = lab.network()
    nodes = [add_node(network, number) for number in (1, 2)]
    pods = {(number, pod): add_pod(network, nodes[number - 1], number, pod) for number in (1, 2) for pod in (1, 2, 3)}
    late = pods.pop((2, 3))
    for number, pod in pods:
        nodes[number - 1].commands.append(f"route add {address(number, pod)}/32 dev pod{pod}")
    wire = network.tapped_link("wire", nodes[0], "wan", nodes[1], "wan")
    network.build()
    middle = lab.capture(wire, "left", "middle")
    first, second = (lab.gateway(node, Config([f"192.0.2.{number}"], RULES)) for number, node in enumerate(nodes, 1))
    lab.start_gateways(first, second)

    lab.check(answered(Ping(pods[1, 1], address(1, 2)), 3) == 3, "pods of one node talk as before")
    lab.check(Ping(pods[1, 1], address(2, 1)).attempt(8) is not None, "a pod is answered by one of the other node, from the first packet on")
    here = [Selector(f"10.244.1.1{low}", f"10.244.2.1{far}") for low in ("1/32", "2/31") for far in ("1/32", "2/32")]
    first.wait_selectors(here)
    second.wait_selectors([one.mirrored() for one in here])
    lab.say("one tunnel carries all pods that there are, and no other address")

    lab.check(Ping(late, address(1, 3)).attempt(1) is None, "a pod without a route is blocked")
    run_program(["ip", "route", "add", f"{address(2, 3)}/32", "dev", "pod3"], namespace=nodes[1].namespace)
    wait_for("node2 to know its new pod", lambda: address(2, 3) in str(second.tedd.ask("rules")) or "10.244.2.12/31" in str(second.tedd.ask("rules")), 8,
             second.tedd.logs, every=0.1)
    lab.check(Ping(late, address(1, 3)).attempt(8) is not None, "a pod that came meanwhile is protected, from its first packet on")
    lab.check(answered(Ping(pods[1, 1], address(2, 1)), 3) == 3, "and those that were there still are")

    before = first.selectors()
    lab.check(any(address(1, 2) in one.local or "10.244.1.12/31" in one.local for one in before), "the tunnels carry a pod that now ends", str(before))
    others = Steady(pods[1, 1], address(2, 1))
    others.start()
    since = time.monotonic()
    run_program(["ip", "link", "del", "pod2"], namespace=nodes[0].namespace)
    sender = Sender(pods[2, 1], 4)
    expect_error(nodes[0], sender, "unreachable, for the pod that ended", address(1, 2))
    expect_error(nodes[0], sender, "time exceeded at the far node", address(1, 1), hops=2)
    wait_for("node1 to let go of the pod that ended", lambda: first.selectors() and not {one.local for one in first.selectors()} & GONE, 60,
             first.tedd.logs, every=0.5)
    lab.say("half a minute later no tunnel carries it any more, and those of the others are new")
    others.back("after the new tunnel", time.monotonic(), 8)
    others.end()
    lost = others.lost(since)
    lab.check(lost <= MAX_LOST, "the others lost next to nothing on the way", f"{lost} pings")

    packets = middle.flush()
    lab.check(bool(encrypted(packets)), "ESP crossed the link between the nodes")
    check_clear(lab, packets)
    told = [packet for packet in packets if SECRET[:16] in packet.raw]
    lab.check(not told, "nor one that an ICMP error quotes", "; ".join(map(str, told)))

    for gateway in (first, second):
        gateway.tedd.stop()
        gateway.tedd.release()

    def unguarded() -> None:
        answered(Ping(pods[1, 1], address(2, 1)), 3)
        check_clear(lab, middle.flush()[len(packets):])
    lab.fails("the guards", NONE_CLEAR, unguarded)

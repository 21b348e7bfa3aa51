"""first_packet = "hold": what a flow sends before its tunnel stands is kept, and goes through the tunnel in order."""
from __future__ import annotations

import os
import select
import socket
import time

from lib import figure1, netns, nft
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Packet
from lib.selector import Selector
from lib.tedd import Rule
from lib.topology import Node
from lib.traffic import Tcp
from lib.wait import SLOWNESS

PROVES = "with first_packet = hold a TCP connection needs no second SYN and a burst of datagrams arrives whole, what was held in its order; not one packet of it in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
HERE, FAR = ["10.1.0.0/16"], ["10.0.0.0/8"]
BURST = 10


def selector(protocol: str, port: int) -> Selector:
    return Selector("10.1.0.0/24", "10.2.0.0/24", protocol, remote_port=(port, port))


def syns(packets: list[Packet], port: int) -> int:
    """SYNs without ACK to that port."""
    def is_syn(packet: Packet) -> bool:
        return packet.protocol == socket.IPPROTO_TCP and packet.ports[1] == port and packet.layer4[13] & 0x12 == 2
    return sum(1 for packet in packets if is_syn(packet))


def let_first_syn_out(host: Node, port: int) -> None:
    """SYNs that are sent again stay in the host: a connection that comes up has needed the first alone, however long that took."""
    nft.load(host, f"""table inet first_syn {{ chain out {{
        type filter hook output priority 0
        tcp dport {port} tcp flags syn / syn,ack limit rate over 1/day burst 1 packets drop;
    }}; }}""")


def burst(figure: Figure1, port: int) -> list[int]:
    """Numbered datagrams, one behind the other; the numbers that arrive, as they come."""
    plan = figure.plan
    with netns.open_socket(figure.h1.namespace, socket.AF_INET, socket.SOCK_DGRAM) as near, \
            netns.open_socket(figure.h2.namespace, socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind((plan.h2, port))
        for number in range(BURST):
            near.sendto(b"%d" % number, (plan.h2, port))
        arrived: list[int] = []
        end = time.monotonic() + 4 * SLOWNESS
        while len(arrived) < BURST and select.select([far], [], [], max(0.0, end - time.monotonic()))[0]:
            arrived.append(int(far.recv(64)))
        return arrived


def connect(flow: Tcp, what: str, lab: Lab) -> float:
    took = flow.attempt(8 * SLOWNESS)
    lab.check(took is not None, what)
    return took or 0.0


def run(lab: Lab) -> None:
    # All of it on one processor: packets that two of them carry may overtake each other before any gateway sees them.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    figure = figure1.build(lab, [Rule("web", HERE, FAR, protocol="tcp", remote_port=443, first_packet="hold"),
                                 Rule("data", HERE, FAR, protocol="udp", remote_port=7007, first_packet="hold"),
                                 Rule("mail", HERE, FAR, protocol="tcp", remote_port=25)],
                           [Rule("office", ["10.2.0.0/24"], ["10.1.0.0/24"], first_packet="hold")])
    inside = lab.capture(figure.a.node, "lan", "inside")
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan

    let_first_syn_out(figure.h1, 443)
    held = connect(Tcp(figure.h1, figure.h2, plan.h2, 443), "a TCP connection of the line that holds is established and answered", lab)
    lab.check(syns(inside.flush(), 443) == 1, "with its first SYN, the only one that left the host")
    figure.a.wait_selectors([selector("tcp", 443)])
    lab.check(figure.a.tedd.counter("packets_held") >= 1 and figure.a.tedd.counter("packets_released") >= 1, "which tedd kept and released")

    before = figure.a.tedd.counter("packets_held")
    arrived = burst(figure, 7007)
    if arrived != list(range(BURST)):
        lab.say(f"arrived: {arrived}; gwA kept {figure.a.tedd.counter('packets_held')} packets and released {figure.a.tedd.counter('packets_released')}")
    kept = figure.a.tedd.counter("packets_held") - before    # those that came before the tunnel; the others may pass them as it comes up
    lab.check(sorted(arrived) == list(range(BURST)), f"{BURST} datagrams, of which the first are sent before their tunnel stands, arrive")
    lab.check([number for number in arrived if number < kept] == list(range(kept)), "those that were kept in the order in which they came")
    lab.check([number for number in arrived if number >= kept] == list(range(kept, BURST)), "and so did the others")
    figure.a.wait_selectors([selector("udp", 7007), selector("tcp", 443)])

    dropped = connect(Tcp(figure.h1, figure.h2, plan.h2, 25), "a TCP connection of the line that drops is established and answered", lab)
    lab.check(syns(inside.flush(), 25) >= 2, "with a second SYN")
    lab.say(f"held {held * 1000:.0f} ms, dropped {dropped * 1000:.0f} ms from connect to the answer")
    lab.check(figure.a.tedd.counter("packets_held") == figure.a.tedd.counter("packets_released"), "nothing that was kept was lost")
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)

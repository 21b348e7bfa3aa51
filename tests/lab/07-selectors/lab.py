"""Two policies that differ in addresses, protocol and ports: merged half proxies, as TED 1 and 2 had them, would be refused here."""
from lib import figure1, ted
from lib.capture import encrypted, in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import TCP, Packet
from lib.selector import Selector
from lib.tedd import Rule
from lib.traffic import Ping, Tcp, answered

PROVES = "policies that differ in addresses, protocol and ports agree on exactly their intersection, and nothing else crosses"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)


NO_PINGS = "pings do not come through: gwA leaves them alone, gwB's guard drops them"
NONE_CLEAR = "not one packet to port 443 crossed the link in the clear"


def is_https(packet: Packet) -> bool:
    return packet.protocol == TCP and 443 in packet.ports


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("web", ["10.1.0.0/16"], ["10.0.0.0/8"], protocol="tcp", local_port="any", remote_port=443)],
                           [Rule("office", ["10.2.0.0/24"], ["10.1.0.0/24"])])
    lab.start_gateways(figure.a, figure.b)
    plan = figure.plan
    web = Tcp(figure.h1, figure.h2, plan.h2, 443)
    crossing = lab.cross(web, "a TCP connection from h1 to port 443 of h2", pause=0.15)   # well before the first SYN is sent again
    lab.check(crossing.lost >= 1, "the first SYN was dropped, and a later connection came about")
    figure1.check_tunnel(lab, figure, Selector("10.1.0.0/24", "10.2.0.0/24", "tcp", remote_port=(443, 443)))

    packets = figure.middle.flush()
    exchange = figure1.find_exchange(packets, plan.h1, plan.h2)
    lab.check(exchange is not None, "a TED probe and the response to it crossed the middle link")
    assert exchange and exchange.probe.summary
    lab.check(exchange.probe_packet.ports[0] == exchange.probe.summary.source_port != 0, "the probe had the connection's own source port")
    lab.check((exchange.probe.summary.protocol, exchange.probe.summary.destination_port) == (TCP, 443), "its summary named TCP and port 443")
    proxy = ted.Proxy(0, ted.half_proxy("10.2.0.0/24"), ted.half_proxy("10.1.0.0/24"), 0, 0)
    lab.check(exchange.response.proxy == proxy, "gwB answered with its own line: any protocol, any port", str(exchange.response.proxy))
    lab.check(bool(encrypted(packets)), "ESP crossed the middle link")
    lab.check(not in_the_clear(packets, plan.near, plan.far, is_https), "not one packet to port 443 crossed it in the clear")

    lab.check(answered(web, 3) == 3, "connections to port 443 use the tunnel at once")
    lab.check(answered(Tcp(figure.h1, figure.h2, plan.h2, 80), 2) == 0, "connections to port 80 do not come about")
    lab.check(answered(Ping(figure.h1, plan.h2), 2) == 0, NO_PINGS)
    lab.check(answered(Ping(figure.h2, plan.h1), 2) == 0, "nor from the other side: gwB's policy asks for a tunnel, gwA's has none for them")
    figure1.check_tunnel(lab, figure, Selector("10.1.0.0/24", "10.2.0.0/24", "tcp", remote_port=(443, 443)))
    lab.check(not in_the_clear(figure.middle.flush(), plan.near, plan.far, is_https), NONE_CLEAR)

    figure.b.tedd.stop()
    figure.b.tedd.release()
    lab.fails("the guard of gwB", NO_PINGS, lambda: lab.check(answered(Ping(figure.h1, plan.h2), 2) == 0, NO_PINGS))
    figure1.fails_without_guards(lab, figure, web, NONE_CLEAR, is_https)

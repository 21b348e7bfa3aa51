"""No gateway before the destination: how a discovery fails, and what each line says should happen then."""
import json

from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.lab import Lab
from lib.packets import Kind
from lib.process import run as run_program
from lib.tedd import Config, Rule
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "where nobody answers, a hold-down begins; on_failure = block lets nothing through, bypass its own line only, and only then"
DATAPLANES = (Dataplane.USERSPACE,)
HERE, CLOSED, OPEN, LOST = "10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24"


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", "192.0.2.1/24").route("default", "192.0.2.254")
    far = network.router("far").address("wan", "192.0.2.254/24").address("lo", "10.2.0.10/32", "10.3.0.10/32").route(HERE, "192.0.2.1")
    network.link(h1, "eth0", a, "lan")
    cable = network.tapped_link("wire", a, "wan", far, "wan")
    network.build()
    middle = lab.capture(cable, "left", "middle")
    gateway = lab.gateway(a, Config(["192.0.2.1"], [Rule("closed", [HERE], [CLOSED], on_failure="block"),
                                                    Rule("open", [HERE], [OPEN], on_failure="bypass"),
                                                    Rule("lost", [HERE], [LOST])]))
    run_program(["ip", "route", "add", "unreachable", LOST], namespace=a.namespace)
    lab.start_gateways(gateway)

    closed, opened = Ping(h1, "10.2.0.10"), Ping(h1, "10.3.0.10")
    lab.check(answered(closed, 1) == 0, "the first packet of the closed line is dropped")
    middle.wait("a probe for the closed line", lambda packet: packet.kind is Kind.PROBE and str(packet.destination) == "10.2.0.10")
    wait_for("a hold-down in tedctl pending", lambda: gateway.tedd.held_down("unreachable"), 30, every=0.1)
    lab.say("the destination itself said that it is unreachable, and tedctl pending shows a hold-down with these words")
    lab.check(gateway.tedd.counter("probes_sent") == 1, "after one probe")
    lab.check(gateway.tedd.counter("discoveries_failed") >= 1, "counted as a failed discovery")
    lab.check(answered(closed, 5) == 0, "in hold-down the closed line lets nothing through")

    lab.check(answered(opened, 1) == 0, "the first packet of the open line is dropped as well")
    lab.cross(opened, "a ping of the open line, after its failure", 30)
    lab.say("after its own failure, its packets pass")
    clear = in_the_clear(middle.flush(), HERE, OPEN)
    probe = middle.wait("a probe for the open line", lambda packet: packet.kind is Kind.PROBE and str(packet.destination) == "10.3.0.10")
    lab.check(probe.time < clear[0].time, "in the clear, and not before the probe")
    lab.check(gateway.tedd.ask("status")["openings"] == 1 and "open in the clear by" in gateway.tedd.ctl("status").stdout,
              "tedctl status says that one destination is open")
    lab.check("TED-BYPASS-OPENED" in gateway.tedd.log(), "and so does the log")
    lab.check(len(gateway.tedd.held_down()) >= 1, "tedctl pending still shows a hold-down")
    lab.check(answered(closed, 3) == 0, "the closed line still lets nothing through")
    lab.check(not in_the_clear(middle.flush(), HERE, CLOSED), "not one packet of the closed line crossed in the clear")
    lab.check(not gateway.charon.sas(), "strongSwan was never asked for anything")

    lost = json.loads(gateway.tedd.ctl("--json", "trace", "10.4.0.9", check=False).stdout)
    lab.check(not lost["answered"] and "not sent" in lost["reason"] and "oute" in lost["reason"],
              "a trace to where the gateway itself has no route says so", str(lost))
    lab.check("a packet to 10.4.0.9 was not sent" in gateway.tedd.log(), "and the log names the destination")

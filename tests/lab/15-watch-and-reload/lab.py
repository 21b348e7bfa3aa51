"""What the operator sees and does while tedd runs: watch, trace, SIGHUP."""
import json
import signal

from lib import figure1
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Kind
from lib.process import Process
from lib.tedd import BINARIES, Config, Rule, Tedd
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "watch tells the story as it happens, a trace leaves no tunnel, SIGHUP puts a new policy in force as a whole"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "without")


class Watch:
    """tedctl watch beside a tedd."""

    def __init__(self, lab: Lab, tedd: Tedd) -> None:
        self._process = Process("tedctl watch", [str(BINARIES / "tedctl"), "--socket", str(tedd.folder / "tedd.sock"), "--json", "watch"],
                                lab.folder / "watch.log", tedd.node.namespace)

    def ids(self) -> list[str]:
        whole = self._process.output().rpartition("\n")[0]
        return [json.loads(line)["id"] for line in whole.splitlines() if line]

    def wait(self, *wanted: str) -> None:
        """Until these have come, in this order, whatever is between them."""
        def came() -> bool:
            ids = iter(self.ids())
            return all(any(name == found for found in ids) for name in wanted)
        wait_for(f"watch to tell {', '.join(wanted)}", came, 8, lambda: f"  it told: {self.ids()}")

    def interrupt(self) -> int:
        return self._process.stop(signal.SIGINT)


def reload(figure: Figure1, rules: list[Rule]) -> None:
    tedd = figure.a.tedd
    tedd.write(Config([figure.plan.a_wan], rules))
    assert tedd.process
    tedd.process.send(signal.SIGHUP)
    wait_for("the new rules to be in force", lambda: [rule["name"] for rule in tedd.ask("rules")] == [rule.name for rule in rules], 8, tedd.logs)


# Somebody else, who may go through folders and open the socket as a member of its group could.
SOMEBODY = ("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override")


def look_only(lab: Lab, tedd: Tedd) -> None:
    lab.check(tedd.ctl("status", before=SOMEBODY).returncode == 0, "who is not root may look")
    for command in (["reload"], ["release"], ["forget", "192.0.2.2"], ["trace", "10.2.0.10"]):
        refused = tedd.ctl(*command, before=SOMEBODY, check=False)
        lab.check(refused.returncode == 1 and "for root" in refused.stderr, f"and not {command[0]}", refused.stdout + refused.stderr)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    plan, tedd = figure.plan, figure.a.tedd
    watch = Watch(lab, tedd)

    # A watcher is known when an event reaches it: a trace makes one, again and again until it does.
    wait_for("watch to tell of a trace", lambda: tedd.ask("trace", plan.h2)["answered"] and watch.ids(), 8)
    traced = tedd.ask("trace", plan.h2, "--from", plan.h1, "--proto", "tcp", "--port", "443")
    lab.check(traced["answered"] and traced["gateway"] == plan.b_wan and traced["rtt_us"] > 0, "a trace is answered by gwB, with a time", str(traced))
    lab.check(not figure.a.charon.sas() and not tedd.ask("tunnels"), "and no tunnel comes of it")
    nobody = tedd.ctl("--json", "trace", "10.99.0.1", check=False)
    lab.check(nobody.returncode == 1 and bool(json.loads(nobody.stdout)["reason"]), "a trace to where nobody answers says so, with a reason", nobody.stdout)

    ping = Ping(figure.h1, plan.h2)
    lab.cross(ping, "a ping from h1 to h2")
    watch.wait("TED-DISCOVERY-STARTED", "TED-RESPONSE-ACCEPTED", "TED-TUNNEL-UP")
    lab.say("watch tells of discovery, response and tunnel, in this order")

    reload(figure, [Rule("elsewhere", ["10.1.0.0/16"], ["10.200.0.0/16"])])
    watch.wait("TED-TUNNEL-UP", "TED-POLICY-REPLACED")
    tedd.wait_tunnels([])
    figure.a.wait_selectors([])
    lab.say("SIGHUP with a policy that protects it no longer takes the tunnel down, and watch tells")
    before = len(figure.middle.flush())
    lab.check(answered(ping, 2) == 0, "what is not protected by gwA leaves in the clear, and ends at gwB, which does protect it")
    lab.check(any(packet.kind is Kind.PLAIN and packet.between(plan.near, plan.far) for packet in figure.middle.flush()[before:]), "as the wire shows")

    reload(figure, figure1.RULES_A)
    lab.cross(ping, "a ping after the second SIGHUP")
    figure1.check_tunnel(lab, figure, figure.agreed)
    watch.wait("TED-TUNNEL-UP", "TED-POLICY-REPLACED", "TED-DISCOVERY-STARTED", "TED-TUNNEL-UP")
    lab.say("SIGHUP with the first policy protects it again, after a new discovery")
    watch.interrupt()
    look_only(lab, tedd)
    lab.check(tedd.ask("status")["state"] == "running", "a watcher that leaves is nothing to tedd")
    lab.fails_without("rights-of-readers", "and not reload", lambda: look_only(lab, tedd), figure.a)

"""Guards of a hundred thousand rules and of three, replaced again and again under a flood of protected packets."""
import statistics

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.flood import Ear, Sender
from lib.lab import Lab
from lib.process import run as run_program
from lib.reloads import Reloads
from lib.tedd import Rule
from lib.wait import SLOWNESS, wait_for

PROVES = "a large policy is replaced under a flood of protected packets, also by a tedd that dies, and not one of them leaves in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "without")

RULES = 100_000 if SLOWNESS == 1 else 2_000        # an emulated machine has the same kernel paths, and less time
LARGE_RELOADS, MIXED_RELOADS, SMALL_RELOADS, KILLS = (6, 8, 50, 4) if SLOWNESS == 1 else (4, 4, 6, 4)
EXEMPT_PORT, PROTECTED_PORT = 7_000, 9_000
MORE_HOSTS = ["10.1.0.11", "10.1.0.12"]
NONE_OUT = "not one of them crossed outwards in the clear"

EXEMPT = Rule("exempt", ["10.1.0.0/16"], ["10.2.0.0/16"], action="bypass", protocol="udp", remote_port=EXEMPT_PORT)
FLOOD = Rule("flood", ["10.1.0.0/16"], ["10.2.0.0/16"])


def large(turn: int) -> list[Rule]:
    """Branches with a /24 each, every fifth exempt; what the flood is of is protected by the last rule. Each turn has other networks."""
    rules = []
    for i in range(RULES - 2):
        number = 2 * i + turn % 2
        remote = f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.0/24"
        local = "10.1.0.0/16" if i % 2 else f"10.1.{i % 64}.0/24"
        port = {} if i % 3 == 0 else {"protocol": "tcp", "remote_port": 443 if i % 3 == 1 else "8000-8063"}
        rules.append(Rule(f"branch-{i}", [local], [remote], action="bypass" if i % 5 == 0 else "protect", **port))
    return [*rules, EXEMPT, FLOOD]


def small(turn: int) -> list[Rule]:
    return [Rule("branch", ["10.1.0.0/16"], [f"20.{turn % 2}.0.0/16", "21.0.0.0/8"]), EXEMPT, FLOOD]


def shown(seconds: list[float]) -> str:
    each = sorted(seconds)
    return f"{each[0] * 1000:.0f} ms at least, {statistics.median(each) * 1000:.0f} in the middle, {each[-1] * 1000:.0f} at most"


def kill_after(transactions: int, figure: Figure1, reloads: Reloads, text: str) -> None:
    """Tells tedd of the policy, kills it when the kernel has taken so many transactions of the replacement, and starts another one."""
    tedd, before = figure.a.tedd, nft.generation(figure.a.node)
    reloads.told(text)
    wait_for("the replacement to be under way", lambda: nft.generation(figure.a.node) >= before + transactions, 30, tedd.logs, every=0.001)
    tedd.kill()
    tedd.start(60)


def check_outwards(lab: Lab, figure: Figure1, before: int) -> None:
    """Of what the capture has behind the first `before` packets."""
    out = [packet for packet in in_the_clear(figure.middle.flush()[before:], figure.plan.near, figure.plan.far)
           if str(packet.source) != figure.plan.h2 and packet.ports[1] != EXEMPT_PORT]
    lab.check(not out, NONE_OUT, "; ".join(map(str, out[:5])))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, small(0), figure1.RULES_B)
    plan, tedd = figure.plan, figure.a.tedd
    figure.a.charon.wait_ready()
    for address in MORE_HOSTS:
        run_program(["ip", "-n", figure.h1.namespace, "addr", "add", f"{address}/{plan.lan_bits}", "dev", "eth0"])
    tedd.start(60)
    reloads = Reloads(tedd, plan.a_wan, tedd.ask("status")["loaded"])
    larges, smalls = [reloads.file_of(large(turn)) for turn in (0, 1)], [reloads.file_of(small(turn)) for turn in (0, 1)]
    exempt, at_h1, at_h2 = Sender(figure.h1, plan.h1, plan.h2, EXEMPT_PORT, 1), Ear(figure.h1, plan.h1, PROTECTED_PORT), Ear(figure.h2, plan.h2, EXEMPT_PORT)
    protected = [Sender(figure.h1, source, plan.h2, PROTECTED_PORT, 5) for source in (plan.h1, *MORE_HOSTS)]
    protected += [Sender(figure.a.node, plan.a_lan, plan.h2, PROTECTED_PORT, 5), Sender(figure.h2, plan.h2, plan.h1, PROTECTED_PORT, 1)]
    for sender in (*protected, exempt):
        sender.start()

    took = [reloads.reload(larges[turn % 2]) for turn in range(LARGE_RELOADS)]
    lab.say(f"{RULES:,} rules in place of others, {LARGE_RELOADS} times: {shown(took)}")
    took = [reloads.reload(text) for text in (smalls[0], larges[0]) * (MIXED_RELOADS // 2)]
    lab.say(f"3 rules in place of {RULES:,} and the other way, {MIXED_RELOADS} times: {shown(took)}")
    took = [reloads.reload(smalls[turn % 2]) for turn in range(SMALL_RELOADS)]
    lab.say(f"3 rules in place of 3, {SMALL_RELOADS} times: {shown(took)}")
    exempt.end()
    wait_for("the exempt datagrams to arrive", lambda: at_h2.heard == exempt.sent, 8, lambda: f"{at_h2.heard} of {exempt.sent} arrived")
    lab.say("every datagram of an exempt flow arrived meanwhile")

    for transactions in range(1, KILLS + 1):
        kill_after(transactions, figure, reloads, larges[transactions % 2])
        lab.check(len(nft.editions(figure.a.node)) == 1, "tedd died in the middle of it, and the next one left one guard")
    for sender in protected:
        sender.end()
    lab.say(f"{sum(sender.sent for sender in protected)} protected datagrams were sent, from {len(protected)} hosts")
    check_outwards(lab, figure, 0)
    lab.check(at_h1.heard == 0, "and not one inwards", str(at_h1.heard))
    before = len(figure.middle.flush())

    def once_more() -> None:
        sender = Sender(figure.h1, plan.h1, plan.h2, PROTECTED_PORT, 1, 0.001)
        sender.start()
        reloads.loaded = tedd.ask("status")["loaded"]
        reloads.reload(larges[0])
        sender.end()
        tedd.file.write_text(smalls[0])
        check_outwards(lab, figure, before)
    tedd.file.write_text(smalls[0])
    lab.fails_without("guards-at-once", NONE_OUT, once_more, figure.a, seconds=60)

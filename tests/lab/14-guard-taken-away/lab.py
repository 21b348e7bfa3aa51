"""Others delete or empty the guard; tedd puts it back at once."""
import re

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.flood import Sender
from lib.lab import Lab
from lib.packets import Packet
from lib.process import run as run_program
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a guard that others delete or empty is put back at once and counted, nothing crosses meanwhile, and status tells the truth"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
LONG = (Dataplane.KERNEL,)
NEEDS = ("binaries", "without")
FLUSHES = 5
NO_GAP = f"{FLUSHES} flushes and an added rule let nothing cross before they were undone"
TAKEN = ("delete table inet opented", "flush table inet opented", "flush chain inet opented leaving.EDITION", "table inet opented { flags dormant; }",
         "delete table inet opented; table inet opented { }", "insert rule inet opented forward accept",
         "insert rule inet opented leaving.EDITION accept", "add chain inet opented theirs", "flush ruleset")


def do(figure: Figure1, command: str) -> None:
    (edition,) = nft.editions(figure.a.node) or {"0"}
    run_program(["nft", *command.replace("EDITION", edition).split()], namespace=figure.a.node.namespace)


def restored(figure: Figure1) -> int:
    return figure.a.tedd.counter("guard_restored")


def is_whole(figure: Figure1, text: str) -> bool:
    """As it was, but for what counts and what is learnt."""
    def shape(ruleset: str) -> list[list[str]]:
        chains = nft.without_editions(ruleset).split("\tchain ")[1:]        # in whatever order
        return sorted([line.split(" counter ")[0] for line in chain.splitlines() if line.strip() not in ("", "}")] for chain in chains)
    return shape(text) == shape(nft.ruleset(figure.a.node, nft.GUARD))


def watch_gap(lab: Lab, figure: Figure1, flushes: int = FLUSHES) -> None:
    """From a flush to the repair there is no guard, but a net behind it: nothing crosses of a flow that never stops."""
    plan, gaps = figure.plan, []
    settled = len(clear_of(figure))
    sender = Sender(figure.h1, plan.h1, plan.h2, 9000, 2, 0.0002)
    sender.start()
    wait_for("the flow to be sent", lambda: sender.sent > 200, 8)
    lab.check(len(clear_of(figure)) == settled, "under traffic, nothing crosses while the guard stands")
    for command in ("insert rule inet opented forward accept", *["flush ruleset"] * flushes):
        crossed, count = len(clear_of(figure)), restored(figure)
        do(figure, command)
        wait_for("the guard to be put back", lambda count=count: restored(figure) > count, 8)
        figure.a.tedd.ask("status")                                 # no second repair of the interception is under way
        packets = clear_of(figure)[crossed:]
        gaps.append((packets[-1].time - packets[0].time) * 1000 if packets else 0.0)
        settled = len(clear_of(figure))
        before = sender.sent
        wait_for("more of the flow to be sent", lambda before=before: sender.sent > before + 200, 8)
        lab.check(len(clear_of(figure)) == settled, f"after nft {command} under traffic the flow is dropped again")
    sender.end()
    lab.check(not any(gaps), NO_GAP, f"packets within {gaps} ms")
    (caught,) = re.findall(r'counter packets (\d+) bytes \d+ drop comment "no guard has judged it"', nft.ruleset(figure.a.node, nft.SAFETY_NET).split("forward_behind")[1].split("chain")[0])
    lab.check(int(caught) > 0, "because the net caught it")


def clear_of(figure: Figure1) -> list[Packet]:
    return in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a)
    ping, before = Ping(figure.h1, figure.plan.h2), nft.ruleset(figure.a.node, nft.GUARD)
    lab.check("protect, no tunnel" in before, "the guard stands")

    for count, command in enumerate(TAKEN, 1):
        do(figure, command)
        status = figure.a.tedd.ask("status")
        whole = is_whole(figure, before)
        lab.check(status["guard"] == "in force" and whole, f"after nft {command.replace('.EDITION', '')} status says in force, and it is")
        lab.check(restored(figure) == count, "counted once", str(restored(figure)))
    lab.check(nft.tables(figure.a.node) == {nft.GUARD, nft.INTERCEPTION}, "the interception was left alone")
    lab.check(answered(ping, 3) == 0, "no ping crosses")

    before_calm = restored(figure)
    for _ in range(10):
        do(figure, "delete table inet opented")
        wait_for("the guard to come back", lambda: nft.GUARD in nft.tables(figure.a.node), 8)
    lab.say("deleted ten times, it came back ten times, without anybody asking")
    calm = restored(figure)
    do(figure, "add table inet bystander")
    do(figure, "delete table inet bystander")
    lab.check(restored(figure) == calm == before_calm + 10, "every time was counted, and other tables do not matter", f"{calm}, then {restored(figure)}")
    said = figure.a.tedd.log().count("TED-GUARD-RESTORED")
    lab.check(said >= 3, "the log says so")
    lab.check(not in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far), "no ping after a repair crossed in the clear")
    lab.check(nft.SAFETY_NET in nft.ruleset(figure.a.node, nft.SAFETY_NET), "a safety net stands behind the guard")
    watch_gap(lab, figure)
    lab.fails_without("safety-net", NO_GAP, lambda: watch_gap(lab, figure, 1), figure.a)

    count = restored(figure)
    figure.a.tedd.ctl("release")
    lab.check(figure.a.tedd.ask("status")["guard"] == "down" and not nft.ruleset(figure.a.node, nft.SAFETY_NET), "released on purpose, status says down, and the net is gone")
    do(figure, "flush ruleset")
    lab.check(figure.a.tedd.ask("status")["guard"] == "down" and nft.GUARD not in nft.tables(figure.a.node), "and it stays down")
    lab.check(restored(figure) == count, "as was asked for")

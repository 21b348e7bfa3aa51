"""A start whose configuration is refused: the guard of the last good one stands in."""
from __future__ import annotations

import shutil

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.packets import Packet
from lib.process import run as run_program
from lib.tedd import BINARIES, Rule
from lib.traffic import Ping, answered, until_answered

PROVES = "a boot with a configuration that is refused leaves nothing open that the last good one closed, and mending it is enough"
DATAPLANES = (Dataplane.USERSPACE,)
REFUSED = 78


def fails(figure: Figure1) -> tuple[int, str]:
    """tedd at gwA as systemd starts it; its exit status and what it said."""
    tedd = figure.a.tedd
    done = run_program([str(BINARIES / "tedd"), "--config", str(tedd.file), "--state", str(tedd.state)], namespace=figure.a.node.namespace, check=False)
    return done.returncode, done.stderr


def boot(figure: Figure1) -> None:
    """What a reboot leaves of our tables; one that no packet meets, as a tedd leaves that is killed at the wrong moment, is no guard."""
    for command in ("flush ruleset", "add table inet opented"):
        run_program(["nft", *command.split()], namespace=figure.a.node.namespace)


def clear(figure: Figure1) -> str:
    """What crosses the wire for everyone to read while h1 sends pings; empty when nothing does."""
    def readable() -> list[Packet]:
        return in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)

    before = len(readable())
    answered(Ping(figure.h1, figure.plan.h2), 3)
    return ", ".join(map(str, readable()[before:]))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, [Rule("site", ["interface:lan"], ["10.2.0.0/16"])], [Rule("site", ["10.2.0.0/16"], ["10.1.0.0/16"])])
    tedd = figure.a.tedd
    lab.start_gateways(figure.a, figure.b)
    until_answered(Ping(figure.h1, figure.plan.h2), "a ping through the tunnel")
    lab.say("a tunnel carries a ping from h1 to h2")
    lab.check(tedd.stop() == 0, "tedd ends")
    good = tedd.file.read_text()

    boot(figure)
    tedd.file.write_text(good.replace("[[rule]]", "[[rules]]"))
    run_program(["ip", "link", "set", "lan", "down"], namespace=figure.a.node.namespace)
    status, said = fails(figure)
    run_program(["ip", "link", "set", "lan", "up"], namespace=figure.a.node.namespace)
    lab.check(status == REFUSED and "did you mean 'rule'" in said, "after a boot its configuration is refused", said)
    lab.check("TED-LAST-GOOD" in said and "the policy that was in force last, stands" in said, "and the last good guard stands in", said)
    found = clear(figure)
    lab.check(not found, "nothing crosses in the clear", found)
    lab.check("stays in force" in fails(figure)[1], "a second failure leaves it alone")
    boot(figure)
    wrong = run_program([str(BINARIES / "tedd"), "--nonsense"], namespace=figure.a.node.namespace, env={"STATE_DIRECTORY": str(tedd.state)}, check=False)
    lab.check(wrong.returncode == 2 and "stands" in wrong.stderr, "an option that tedd does not know is such a failure, too", wrong.stderr)
    found = clear(figure)
    lab.check(not found, "and nothing crosses in the clear", found)

    boot(figure)
    shutil.rmtree(tedd.state)
    tedd.state.mkdir()
    status, said = fails(figure)
    lab.check(status == REFUSED and "no guard stands: protected flows pass in the clear" in said, "where nothing was kept tedd says that no guard stands", said)
    lab.check(bool(clear(figure)), "and the capture shows what that means")

    tedd.file.write_text(good)
    tedd.start()
    until_answered(Ping(figure.h1, figure.plan.h2), "a ping through a tunnel")
    found = clear(figure)
    lab.check(not found, "with the configuration mended a tunnel carries it again, and nothing else", found)

    tedd.stop()
    boot(figure)
    run_program(["ip", "link", "set", "lan", "down"], namespace=figure.a.node.namespace)
    tedd.start()
    lab.check("10.1.0.0" in nft.ruleset(figure.a.node, "opented"), "a start before its interface is up guards what was behind it before")

"""A tedd that cannot run beside another one, one without a place for its socket, and one whose log nobody reads."""
import os

from lib import figure1, nft
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.process import Process
from lib.process import run as run_program
from lib.tedd import BINARIES
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "a tedd that cannot run ends with status 1 and changes nothing, neither under a running one nor of what a killed one left; a broken log ends none"
DATAPLANES = (Dataplane.USERSPACE,)


def routing_rules(figure: Figure1) -> int:
    listed = [run_program(["ip", family, "rule", "list", "pref", "219"], namespace=figure.a.node.namespace).stdout for family in ("-4", "-6")]
    return sum(text.count("fwmark 0x3ed lookup main") for text in listed)


def lines(figure: Figure1) -> list[str]:
    """The guard's lines without what counts and what is learnt."""
    return [line.split(" counter ")[0] for line in nft.ruleset(figure.a.node, nft.GUARD).splitlines() if " comment " in line]


def tedd_at(figure: Figure1, control: str, rules: str = "") -> Process:
    """A tedd of gwA with another control socket and, if given, another name for its rule."""
    tedd = figure.a.tedd
    file = tedd.folder / "second.toml"
    text = tedd.file.read_text().replace(str(tedd.folder / "tedd.sock"), control)
    file.write_text(text.replace('"branches"', f'"{rules}"') if rules else text)
    return Process("a second tedd", [str(BINARIES / "tedd"), "--config", str(file)], tedd.folder / "second.log", tedd.node.namespace)


def status_of(process: Process) -> int | None:
    try:
        wait_for("the second tedd to end", lambda: not process.alive(), 10, process.tail)
        return process.exit_status()
    finally:
        process.stop()


def beside(lab: Lab, figure: Figure1, ping: Ping) -> None:
    before = lines(figure)
    second = tedd_at(figure, str(figure.a.tedd.folder / "second.sock"), "of-the-second")
    lab.check(status_of(second) == 1 and "NFLOG group 32001: another process reads this NFLOG group" in second.output()
              and "an earlier one is still ending" in second.output(), "a second tedd with a socket of its own ends with status 1", second.tail())
    lab.check(lines(figure) == before and "of-the-second" not in nft.ruleset(figure.a.node, nft.GUARD), "the guard is the first one's still")
    lab.check(routing_rules(figure) == 2 and nft.INTERCEPTION in nft.tables(figure.a.node), "and so are its routing rules and its interception")
    lab.check(answered(ping, 3) == 3 and figure.a.tedd.ask("status")["guard"] == "in force", "and the tunnel goes on")


def without_socket(lab: Lab, figure: Figure1, ping: Ping) -> None:
    figure.a.tedd.kill()
    before = lines(figure)
    lab.check(routing_rules(figure) == 2, "a killed one leaves its routing rules")
    nowhere = tedd_at(figure, str(figure.a.tedd.folder / "no such folder" / "tedd.sock"))
    lab.check(status_of(nowhere) == 1 and "TED-START-FAILED" in nowhere.output(), "a tedd that cannot bind its socket ends with status 1", nowhere.tail())
    lab.check(answered(ping, 3) == 3, "the tunnel that the killed one left goes on")
    lab.check(lines(figure) == before and nft.tables(figure.a.node) == {nft.GUARD}, "and so does its guard, and nothing was added")


def unread(lab: Lab, figure: Figure1, ping: Ping) -> None:
    tedd = figure.a.tedd
    pipe = tedd.folder / "log.pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        process = Process("tedd with a pipe for its log", ["sh", "-c", 'exec "$0" --config "$1" 2>"$2"', str(BINARIES / "tedd"), str(tedd.file), str(pipe)],
                          tedd.folder / "unread.log", tedd.node.namespace)
        tedd.process = process
        wait_for("tedd to answer", lambda: tedd.ctl("status", check=False).returncode == 0, 15, process.tail)
    finally:
        os.close(reader)
    text = tedd.file.read_text()
    tedd.file.write_text("nonsense")
    lab.check(tedd.ctl("reload", check=False).returncode != 0, "a tedd whose log nobody reads refuses a bad file")
    tedd.file.write_text(text)
    lab.check(tedd.ask("status")["pid"] == process.pid, "and lives")
    lab.cross(ping, "a ping after all")
    lab.check(tedd.stop() == 0, "and ends when it is told to")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    ping = Ping(figure.h1, figure.plan.h2)
    lab.cross(ping, "a ping from h1 to h2")
    beside(lab, figure, ping)
    without_socket(lab, figure, ping)
    unread(lab, figure, ping)

"""tedd's own life and death beside a standing tunnel: reload, SIGKILL, restart, SIGTERM, release."""
import signal

from lib import figure1, nft
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "whatever ends tedd, nothing crosses in the clear; what it left is taken up again; the guard goes on purpose only"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)


def own_connections(figure: Figure1) -> list[str]:
    return [name for name in figure.a.charon.connections() if name.startswith("opented")]


def rekeyed(lab: Lab, figure: Figure1, ping: Ping) -> None:
    figure.a.charon.rekey(figure.a.charon.children()[0].name)
    for gateway in (figure.a, figure.b):
        said = lambda tedd=gateway.tedd: [one["id"] for one in tedd.ask("history")["happenings"]]  # noqa: E731
        wait_for(f"{gateway.node.name}'s history to tell of the rekeying", lambda: "TED-TUNNEL-REKEYED" in said(), 8, gateway.tedd.logs)
        lab.check("TED-TUNNEL-DOWN" not in said(), f"{gateway.node.name} tells of the rekeying, and of no tunnel that went", str(said()))
    figure1.check_tunnel(lab, figure, figure.agreed)
    lab.check(answered(ping, 3) == 3, "and pings cross the rekeyed tunnel")


def reported(lab: Lab, figure: Figure1) -> None:
    """The page about this gateway, kept with the lab's logs."""
    page = lab.folder / "gwA.html"
    figure.a.tedd.ctl("report", "-o", str(page))
    text = page.read_text(encoding="utf-8")
    wanted = [figure.plan.b_wan, figure.agreed.local, figure.agreed.remote, "tunnel after", "new keys once"]
    lacks = [word for word in map(str, wanted) if word not in text]
    lab.check(not lacks, "tedctl report draws the peer, the tunnel's selectors and what became of it", ", ".join(lacks))


def bad_file(lab: Lab, figure: Figure1, ping: Ping) -> None:
    tedd = figure.a.tedd
    rules, said = tedd.ask("rules"), len(tedd.log())
    tedd.file.write_text(tedd.file.read_text() + "[[rule]]\nname = \"no addresses\"\naction = \"mumble\"\n")
    assert tedd.process
    tedd.process.send(signal.SIGHUP)
    wait_for("tedd to complain about the bad file", lambda: "mumble" in tedd.log()[said:], 8)
    lab.say("SIGHUP with a bad file is complained about")
    lab.check(tedd.ask("rules") == rules, "and the rules stay as they were")
    lab.check(answered(ping, 3) == 3, "and the tunnel goes on")
    tedd.write(Config([figure.plan.a_wan], figure1.RULES_A))


def killed(lab: Lab, figure: Figure1, ping: Ping) -> None:
    figure.a.tedd.kill()
    wait_for("the interception to vanish with its owner", lambda: nft.INTERCEPTION not in nft.tables(figure.a.node), 8)
    lab.check(nft.tables(figure.a.node) == {nft.GUARD}, "after SIGKILL the interception is gone, the guard stays")
    lab.check(answered(ping, 3) == 3, "and the tunnel goes on without tedd")
    figure.a.tedd.start()
    lab.cross(ping, "a ping after the restart")
    lab.check(nft.tables(figure.a.node) == {nft.GUARD, nft.INTERCEPTION}, "after a restart both tables stand")
    figure1.check_tunnel(lab, figure, figure.agreed)
    lab.check(answered(ping, 3) == 3, "and pings cross")


def ended(lab: Lab, figure: Figure1, ping: Ping) -> None:
    status = figure.a.tedd.stop()
    lab.check(status == 0, "SIGTERM ends it with exit status 0", str(status))
    lab.check(nft.tables(figure.a.node) == {nft.GUARD}, "the interception is gone, the guard stays")
    lab.check(not own_connections(figure), "strongSwan has no connection of tedd any more", ", ".join(own_connections(figure)))
    lab.check(answered(ping, 3) == 0, "no ping crosses")
    clear = in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)
    lab.check(not clear, "not one packet of the flow has crossed in the clear in all of this", "; ".join(map(str, clear[:5])))


def released(lab: Lab, figure: Figure1, ping: Ping) -> None:
    figure.a.tedd.release()
    lab.check(nft.tables(figure.a.node) == set(), "tedd --release takes the guard down")
    ping.attempt(0.2)
    lab.check(bool(in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far)), "and pings leave gwA in the clear, as was asked for")
    figure.a.tedd.start()
    lab.cross(ping, "a ping after the next start")
    lab.say("the next start protects the flow again")
    figure1.check_tunnel(lab, figure, figure.agreed)
    figure.a.tedd.ctl("release")
    lab.check(nft.GUARD not in nft.tables(figure.a.node), "tedctl release takes the guard down from a running tedd")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    lab.start_gateways(figure.a, figure.b)
    ping = Ping(figure.h1, figure.plan.h2)
    lab.cross(ping, "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    tables = nft.tables(figure.a.node)
    lab.check(tables == {nft.GUARD, nft.INTERCEPTION}, "guard and interception stand", str(tables))
    lab.check(bool(own_connections(figure)), "strongSwan has connections of tedd, known by their names")
    rekeyed(lab, figure, ping)
    reported(lab, figure)
    bad_file(lab, figure, ping)
    killed(lab, figure, ping)
    ended(lab, figure, ping)
    released(lab, figure, ping)

"""kill -9 of tedd, of charon and of a whole gateway, at each end, under steady traffic."""
import re
import time
from collections.abc import Callable

from lib import figure1
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.gateway import Gateway
from lib.lab import Lab
from lib.process import run as run_program
from lib.steady import Steady
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "whatever is killed, traffic is back within 3 s of the other gateway's detection, and nothing crosses in the clear"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)

DETECTION = 12 + 2              # a period of path checks and two rounds of them; a little for a busy machine
NONE_CLEAR = "not one packet of the flow crossed in the clear in all of this"
NOTICED = ("TED-TUNNEL-LOST", "TED-TUNNEL-REPLACED")


def noticed(gateway: Gateway) -> int:
    return sum(gateway.tedd.log().count(word) for word in NOTICED)


def settle(figure: Figure1, steady: Steady) -> None:
    """One good tunnel that has stood for a while: only such a one is judged."""
    for gateway in (figure.a, figure.b):
        wait_for(f"{gateway.node.name} to have one tunnel", lambda it=gateway: len(it.charon.children()) == 1, 15)
    since = time.monotonic()
    wait_for("the tunnel to be older than five seconds", lambda: time.monotonic() > since + 5.5 and steady.lost(since) == 0, 20)


def end_gateway(gateway: Gateway) -> None:
    """As when the power fails: its processes, its rules and what its links carry are gone."""
    for interface in ("wan", "lan"):
        run_program(["ip", "-n", gateway.node.namespace, "link", "set", interface, "down"])
    gateway.tedd.kill()
    gateway.charon.kill()
    run_program(["nft", "flush", "ruleset"], namespace=gateway.node.namespace)
    for table in ("policy", "state"):
        run_program(["ip", "xfrm", table, "flush"], namespace=gateway.node.namespace)


def start_gateway(gateway: Gateway, route_via: str) -> None:
    gateway.charon.start()
    gateway.charon.wait_ready()
    gateway.tedd.start()
    for interface in ("lan", "wan"):
        run_program(["ip", "-n", gateway.node.namespace, "link", "set", interface, "up"])
    run_program(["ip", "-n", gateway.node.namespace, "route", "replace", "default", "via", route_via])


def restart_charon(gateway: Gateway) -> None:
    gateway.charon.kill()
    gateway.charon.start()
    gateway.charon.wait_ready()


def tedd_killed(lab: Lab, gateway: Gateway, steady: Steady) -> None:
    since = time.monotonic()
    gateway.tedd.kill()
    gateway.tedd.start()
    wait_for("the new tedd to adopt the tunnel", lambda: len(gateway.tedd.ask("tunnels")) == 1, 8)
    adopted = len(steady.sent)
    wait_for("a second of traffic behind it", lambda: len(steady.sent) > adopted + 20, 8)
    lost = steady.lost(since)        # the guard that it puts in place knows no tunnel until charon has listed them
    lab.check(lost < 10, f"tedd of {gateway.node.name} killed: a new one adopts the tunnel, and {lost} pings are lost")


def both_killed(lab: Lab, gateway: Gateway, steady: Steady) -> None:
    """Nobody who lives knows of what is in the kernel, and nobody decrypts what goes into it once the peer has noticed."""
    gateway.charon.kill()
    gateway.tedd.kill()
    left = policies(gateway)
    lab.check(left, f"tedd and charon of {gateway.node.name} killed: the kernel's IPsec policies are still there")
    gateway.charon.start()
    gateway.charon.wait_ready()
    gateway.tedd.start()
    began = time.monotonic()
    wait_for("the next tedd to take them out", lambda: "TED-STALE removed" in gateway.tedd.log(), 15, gateway.tedd.logs)
    answered = steady.back(f"tedd and charon of {gateway.node.name} killed", began, 20)
    lab.say(f"tedd and charon of {gateway.node.name} killed: the next tedd takes {len(left)} policies out, and traffic is back after {(answered - began) * 1000:.0f} ms")
    kept = policies(gateway) & left
    lab.check(not kept, "none of them is left", ", ".join(sorted(kept)))


def policies(gateway: Gateway) -> set[str]:
    """Each with its number, by which an equal one that comes later is another."""
    listed = run_program(["ip", "-s", "xfrm", "policy"], namespace=gateway.node.namespace).stdout
    return {" ".join(words) for words in re.findall(r"^src (\S+) dst (\S+) .*\n\s+dir (\w+) .*index (\d+)", listed, re.MULTILINE)}


def killed(lab: Lab, what: str, victim: Gateway, other: Gateway, steady: Steady, again: Callable[[], None]) -> None:
    """Detection counts from when the killed gateway is back, recovery from the detection."""
    before = noticed(other)
    began = time.monotonic()
    again()
    back = time.monotonic()
    wait_for(f"{other.node.name} to detect it", lambda: noticed(other) > before, DETECTION, other.tedd.logs, every=0.01)
    detected = time.monotonic()
    answered = steady.back(f"{what} of {victim.node.name} killed", max(detected - 0.2, began), 20)
    lab.check(answered - detected < 3,
              f"{what} of {victim.node.name} killed: detected {max(0.0, detected - back) * 1000:.0f} ms after it was back, traffic {max(0.0, answered - detected) * 1000:.0f} ms later",
              f"{answered - detected:.2f} s")
    wait_for("one tunnel at each end", lambda: [len(gateway.charon.children()) for gateway in (victim, other)] == [1, 1], 15, victim.charon.logs)


def check_wire(lab: Lab, figure: Figure1, before: int) -> None:
    """Of what the capture has behind the first `before` packets."""
    clear = in_the_clear(figure.middle.flush()[before:], figure.plan.near, figure.plan.far)
    lab.check(not clear, NONE_CLEAR, "; ".join(map(str, clear[:5])))


def killed_for_good(lab: Lab, figure: Figure1) -> None:
    """All is killed, at both ends, and nobody starts anything: the guards are what stops the pings."""
    for gateway in (figure.a, figure.b):
        gateway.tedd.kill()
        gateway.charon.kill()
        for table in ("policy", "state"):            # what the kernel would go on encrypting by
            run_program(["ip", "xfrm", table, "flush"], namespace=gateway.node.namespace)
    before = len(figure.middle.flush())

    def pinged() -> None:
        answered(Ping(figure.h1, figure.plan.h2), 3)
        check_wire(lab, figure, before)
    pinged()
    for gateway in (figure.a, figure.b):
        gateway.lose_guard()
    lab.fails("the guards", NONE_CLEAR, pinged)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan, a, b = figure.plan, figure.a, figure.b
    everything = lab.dataplane is Dataplane.USERSPACE    # the guest with kernel ESP is too slow for all of it
    lab.start_gateways(a, b)
    steady = Steady(figure.h1, plan.h2)
    steady.start()
    try:
        steady.back("the first tunnel", 0, 8)
        settle(figure, steady)
        for gateway in (b, a):
            tedd_killed(lab, gateway, steady)
        if lab.dataplane is Dataplane.KERNEL:
            settle(figure, steady)
            both_killed(lab, a, steady)
        for victim, other, via in ((b, a, plan.a_wan), (a, b, plan.b_wan)):
            if everything or victim is b:
                settle(figure, steady)
                killed(lab, "charon", victim, other, steady, lambda it=victim: restart_charon(it))
            if everything or victim is a:
                settle(figure, steady)
                end_gateway(victim)
                killed(lab, "the whole gateway", victim, other, steady, lambda it=victim, to=via: start_gateway(it, to))
    finally:
        steady.end()
    check_wire(lab, figure, 0)
    lab.say(f"{len(steady.sent)} pings were sent, {sum(ping.answered_at is not None for ping in steady.sent)} answered")
    killed_for_good(lab, figure)

"""A discovery that is answered and brings no tunnel up: what tedctl why says of it, with the selectors of both sides."""
from __future__ import annotations

import ipaddress
from dataclasses import replace

from lib import figure1, raw, ted
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.gateway import Gateway
from lib.lab import Lab
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "TS_UNACCEPTABLE, NO_PROPOSAL_CHOSEN and an empty intersection each end in the cause, the way out and both sides' selectors"
DATAPLANES = (Dataplane.USERSPACE,)

# Of a connection that names both gateways strongSwan thinks more than of tedd's, which takes any peer.
OTHER = """
connections {{ theirs {{ version = 2
  local_addrs = {local}
  remote_addrs = {remote}
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{ theirs {{ local_ts = 10.77.0.0/24
    remote_ts = 10.78.0.0/24 }} }} }} }}
secrets {{ ike-theirs {{ secret = "one secret for all gateways of a lab" }} }}
"""
WORDS = ("ts_unacceptable", "no_proposal", "nothing in common")


def why(figure: Figure1) -> tuple[str, str]:
    """The verdict, and all that is said."""
    plan = figure.plan
    found = figure.a.tedd.why(f"icmp {plan.h1}:8 > {plan.h2}:0")
    text = found["because"] + found["advice"] + [str(one["reason"]) for one in found["pending"]] + [step["text"] for step in found["steps"]]
    return found["verdict"], " | ".join(text)


def start(figure: Figure1, changed: dict[Gateway, Config], good: dict[Gateway, Config]) -> None:
    for gateway in (figure.a, figure.b):
        gateway.tedd.stop()
        gateway.charon.terminate_all()
        gateway.tedd.write(changed.get(gateway, good[gateway]))
        gateway.tedd.start()


def fails(lab: Lab, figure: Figure1, name: str, cause: str, *words: str) -> None:
    """Packets are sent until why calls the flow failing for that cause; all it says has these words, and those of no other cause."""
    ping, seen = Ping(figure.h1, figure.plan.h2), [""]

    def failing() -> bool:
        ping.attempt(0.05)
        verdict, seen[0] = why(figure)
        return verdict == "failing" and cause in seen[0]

    wait_for(f"why to name {cause}", failing, 20, lambda: f"  it says {seen[0]}", every=0.2)
    missing = [word for word in words if word not in seen[0]]
    others = [word for word in WORDS if word != cause and word in seen[0]]
    lab.check(not missing and not others, f"{name}: why names {cause}, {', '.join(words)}", f"lacks {missing}, has {others}: {seen[0]}")


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    a, b, plan = figure.a, figure.b, figure.plan
    for gateway in (a, b):
        gateway.charon.wait_ready()
    good = {a: Config([plan.a_wan], figure1.RULES_A), b: Config([plan.b_wan], figure1.RULES_B)}
    mine, theirs = "any 10.1.0.0/16 > 10.0.0.0/8", f"{plan.b_wan} answered with any {plan.near} > {plan.far}"
    both = (mine, theirs, f"proposed any {plan.near} > {plan.far}")

    start(figure, {}, good)
    lab.cross(Ping(figure.h1, plan.h2), "a ping without a mistake")
    verdict, text = why(figure)
    lab.check(verdict == "protected" and not any(word in text for word in WORDS), "without a mistake the flow is protected, and no cause is named", text)

    start(figure, {}, good)
    b.charon.load(OTHER.format(local=plan.b_wan, remote=plan.a_wan))
    fails(lab, figure, "another connection of strongSwan there", "ts_unacceptable", "swanctl --list-conns", *both)
    b.charon.load("")

    suites = {a: ["aes256gcm16-prfsha384-ecp384"], b: ["aes128gcm16-prfsha256-ecp256"]}
    start(figure, {one: replace(good[one], ike=suites[one]) for one in (a, b)}, good)
    fails(lab, figure, "no algorithm for IKE in common", "no_proposal", "compare 'ike' and 'esp' in [ike] of both", *both)

    start(figure, {a: replace(good[a], esp=["aes256gcm16"]), b: replace(good[b], esp=["aes128gcm16"])}, good)
    fails(lab, figure, "no algorithm for ESP in common", "no_proposal", "compare 'ike' and 'esp' in [ike] of both", *both)

    # A gateway that answers for what it was not asked: no tedd does, so gwB's is stopped, and its answer made by hand.
    start(figure, {}, good)
    b.tedd.stop()
    b.tedd.release()
    answer_for_others(figure)
    fails(lab, figure, "an answer for other traffic", "nothing in common", "in remote", f"mine {mine}", "theirs any 10.1.0.0/24 > 172.16.9.0/24", "tedctl explain")


def answer_for_others(figure: Figure1) -> None:
    """The next probe that reaches h2 is answered in gwB's name, with another network than h2's."""
    plan, ping = figure.plan, Ping(figure.h1, figure.plan.h2)
    with raw.listener(figure.h2, plan.h2, 500) as sock:
        ping.attempt(0.05)
        received = raw.receive(sock)
        assert received, "no probe reached h2"
        probe = ted.decode(received[0])
        proxy = ted.Proxy(0, ted.half_proxy("172.16.9.0/24"), ted.half_proxy(plan.near), 0, 0)
        gateway = ipaddress.ip_address(plan.b_wan)
        response = ted.Message(ted.RESPONSE, probe.initiator_cookie, bytes([1] * 8), gateway, ted.half_proxy("172.16.9.0/24"), 0, None, proxy)
        raw.send(figure.b.node, raw.udp_packet(plan.b_wan, 500, plan.a_wan, 500, ted.encode(response)))

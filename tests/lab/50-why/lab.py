"""What goes wrong in practice, one after another in one network, and what tedctl why says of it."""
from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lib import figure1, netns, nft
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.gateway import Gateway
from lib.lab import Lab
from lib.pki import Authority
from lib.process import run as command
from lib.tedd import Config, Rule
from lib.topology import Node
from lib.traffic import Ping
from lib.wait import LabFailure, wait_for

PROVES = "mistakes that people make: each ends in a message that names the cause and the way out"
DATAPLANES = (Dataplane.USERSPACE,)

PSK = "one secret for all gateways of a lab"

# What only one cause has, at the end that can know it: each is looked for where it belongs, and missed everywhere else.
NOT_MET = "but for its protocol: tcp is not icmp"
NO_RULE = "none of our rules comes close to it"
TRANSLATED = "addresses are translated on its way"
NEVER_CAME = "no probe of another gateway for it came here"
UNREAD = "probes to networks behind none of its rules pass it unread"
FAR = (NOT_MET, NO_RULE, UNREAD, TRANSLATED, NEVER_CAME)
SILENT = "It says whether this probe came, and why it was not answered"
WHOLE_PATH = "went the whole path"
REFUSED = "refuses the probe"
IN_ANOTHERS_NAME = "does not come from the gateway that it names"
NEAR = (SILENT, WHOLE_PATH, REFUSED, IN_ANOTHERS_NAME)


class Bench:
    """Both gateways start anew for each mistake, with what differs."""

    def __init__(self, lab: Lab, figure: Figure1) -> None:
        self.lab = lab
        self.figure = figure
        self.ping = Ping(figure.h1, figure.plan.h2)
        plan = figure.plan
        self.good = {figure.a: Config([plan.a_wan], figure1.RULES_A, psk=PSK), figure.b: Config([plan.b_wan], figure1.RULES_B, psk=PSK)}

    def start(self, changed: dict[Gateway, Config] | None = None) -> None:
        for gateway in (self.figure.a, self.figure.b):
            gateway.tedd.stop()
            gateway.tedd.write((changed or {}).get(gateway, self.good[gateway]))
            gateway.tedd.start()

    def why(self) -> dict[str, Any]:
        plan = self.figure.plan
        answer: dict[str, Any] = self.figure.a.tedd.why(f"icmp {plan.h1}:8 > {plan.h2}:0")
        return answer

    def fails(self, name: str, *words: str, seconds: float = 10) -> str:
        """The mistake shows: packets are sent until why calls the flow failing, and what it says has all these words. Returns it."""
        seen: dict[str, Any] = {}

        def failing() -> bool:
            self.ping.attempt(0.05)
            seen.clear()
            seen.update(self.why())
            return bool(seen["verdict"] == "failing")

        wait_for(f"why to call the flow failing: {name}", failing, seconds, lambda: f"  it says {seen}", every=0.2)
        text = " | ".join(seen["because"] + seen["advice"] + [str(one["reason"]) for one in seen["pending"]])
        missing = [word for word in words if word not in text]
        self.lab.check(not missing, f"{name}: why names {', '.join(words)}", f"it does not name {missing}: {text}")
        return text

    def far(self) -> str:
        """What why says at the other end of the flow there, with what happened."""
        plan = self.figure.plan
        found = self.figure.b.tedd.why(f"icmp {plan.h2}:8 > {plan.h1}:0")
        return " | ".join(found["because"] + found["advice"] + [f"{step['id']} {step['text']}" for step in found["steps"]])

    def told_apart(self, name: str, near: str, far: str | None) -> None:
        """Of what only one cause has, near and far end name their own and none of the others."""
        seen = {"near": self.fails(name, "no gateway answered", near), "far": self.far()}
        wanted = {near} | ({far} if far else set())
        named = {words for words in NEAR if words in seen["near"]} | {words for words in FAR if words in seen["far"]}
        self.lab.check(named == wanted, f"{name}: of these causes no other is named, and why there names {far or 'none'}", f"{named}: {seen}")

    def admits(self, gateway: Gateway, name: str, *words: str) -> None:
        """The other gateway says it of the flow that never comes, and of its file, which is no worse for it."""
        plan = self.figure.plan
        advice = " | ".join(gateway.tedd.why(f"icmp {plan.h2}:8 > {plan.h1}:0")["advice"])
        online = gateway.tedd.checked()
        offline = gateway.tedd.ctl("check", str(gateway.tedd.file))
        told = [text for text in (advice, online, offline.stdout) if all(word in text for word in words)]
        self.lab.check(len(told) == 3, f"{name}: why there, tedd --check and tedctl check name {', '.join(words)}", f"{advice}\n{online}\n{offline}")

    def negotiates(self) -> bool:
        self.ping.attempt(0.05)
        found = self.why()
        return bool(found["verdict"] == "in_progress" and any("500 and 4500" in line for line in found["advice"]))

    def tells(self, gateway: Gateway, name: str, *words: str) -> None:
        """The other gateway's own log says what is wrong there."""
        def told() -> bool:
            self.ping.attempt(0.05)
            return any(all(word in line for word in words) for line in gateway.tedd.log().splitlines())
        wait_for(f"the log to tell of {name}", told, 8, gateway.tedd.logs, every=0.2)
        self.lab.say(f"{name}: the log there names {', '.join(words)}")


@contextmanager
def dropped(gateway: Gateway, rule: str) -> Iterator[None]:
    """A firewall in front of that gateway drops what matches."""
    space = gateway.node.namespace
    command(["nft", "-f", "-"], namespace=space,
            text="add table netdev mistake\nadd chain netdev mistake in { type filter hook ingress device wan priority -500; }\n"
                 f"add rule netdev mistake in {rule} drop\n")
    try:
        yield
    finally:
        command(["nft", "delete", "table", "netdev", "mistake"], namespace=space)


def forget_connections(router: Node) -> None:
    """What was translated is so until its connection is forgotten, whatever became of the rule: IPCTNL_MSG_CT_DELETE of all."""
    with netns.open_socket(router.namespace, socket.AF_NETLINK, socket.SOCK_RAW, 12) as sock:
        sock.send(struct.pack("=IHHIIBBH", 20, (1 << 8) | 2, 5, 1, 0, 0, 0, 0))
        _, _, _, _, _, error = struct.unpack_from("=IHHIIi", sock.recv(4096))
        if error:
            raise LabFailure(f"connections of {router.name} could not be forgotten: {error}")


@contextmanager
def ruled(router: Node, chain: str, rule: str) -> Iterator[None]:
    """A router does that to what it forwards."""
    nft.load(router, f"table ip mistake {{ chain c {{ {chain} {rule}; }}; }}")
    try:
        yield
    finally:
        command(["nft", "delete", "table", "ip", "mistake"], namespace=router.namespace)
        forget_connections(router)


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, figure1.TRANSIT)
    assert figure.router
    a, b, plan = figure.a, figure.b, figure.plan
    for gateway in (a, b):
        gateway.charon.wait_ready()
    bench = Bench(lab, figure)
    good_a, good_b = bench.good[a], bench.good[b]

    bench.start({a: replace(good_a, metrics="127.0.0.1:9465")})
    lab.check(bench.why()["verdict"] == "idle", "before anything was sent why knows nothing of the flow")
    lab.cross(bench.ping, "a ping without a mistake")
    found = bench.why()
    lab.check(found["verdict"] == "protected" and found["tunnels"][0]["peer"] == plan.b_wan and found["steps"][-1]["id"] == "TED-TUNNEL-UP",
              "without a mistake the flow is protected, and why tells by which tunnel and what happened", str(found))
    named = [words for words in NEAR if words in str(found)] + [words for words in FAR if words in bench.far()]
    lab.check(not named, "and neither end names a cause", str(named))
    seen = a.tedd.scrape()
    lab.check(seen['opented_rule_tunnels{rule="%s"}' % found["rule"]] == 1 and seen["opented_charon_connected"] == seen["opented_guard_in_force"] == 1
              and seen["opented_discovery_seconds_count"] == seen["opented_discovery_ike_seconds_count"] == seen["opented_discovery_probe_seconds_count"] == 1
              and 0 < seen["opented_discovery_probe_seconds_sum"] < seen["opented_discovery_seconds_sum"],
              "a scrape has the tunnel under its rule, and how long probe, IKE and the whole took", str(seen))
    a.charon.kill()
    wait_for("a scrape to say that strongSwan is away", lambda: a.tedd.scrape()["opented_charon_connected"] == 0, 8, a.tedd.logs, every=0.2)
    lab.say("a scrape says that strongSwan is away")
    a.charon.start()
    a.charon.wait_ready()

    bench.start({b: replace(good_b, psk="another secret than the other gateway's")})
    bench.fails("a wrong secret", "auth_failed", "psk_file", f"proposed any {plan.near} > {plan.far}")

    bench.start({b: replace(good_b, rules=[Rule("office", [plan.far], [plan.near], protocol="tcp")])})
    bench.told_apart("policies that do not meet", WHOLE_PATH, NOT_MET)
    bench.tells(b, "policies that do not meet", "TED-PROBE-PASSED-ON", "our rule 'office' would, " + NOT_MET)
    bench.start({b: replace(good_b, rules=[Rule("office", [plan.far], [plan.near], protocol="icmp", icmp="3")])})
    bench.fails("a type of ICMP that only one end protects", "no gateway answered")      # h2's own ICMP error is of that type
    lab.check("ICMP type: 3 does not hold 8" in bench.far(), "a type of ICMP that only one end protects: why there names both types")

    bench.start({b: replace(good_b, rules=[Rule("others", ["10.77.0.0/24"], [plan.near])])})
    bench.told_apart("a peer with no rule for the network", WHOLE_PATH, UNREAD)
    bench.start({b: replace(good_b, rules=[Rule("others", [plan.far], ["10.78.0.0/24"], protocol="tcp")])})
    bench.told_apart("a peer with no rule for the flow", WHOLE_PATH, NO_RULE)
    bench.tells(b, "a peer with no rule for the flow", "TED-PROBE-PASSED-ON", "no rule of ours answers for its flow", NO_RULE)

    bench.start()
    with dropped(b, "udp dport 500"):
        bench.told_apart("a firewall that drops UDP port 500", SILENT, NEVER_CAME)
        bench.fails("a firewall that drops UDP port 500", f"UDP port 500 from {plan.h1} to {plan.h2}")

    bench.start()
    with ruled(figure.router, "type filter hook forward priority 0;", "udp dport 500 reject with icmp admin-prohibited"):
        bench.told_apart("a firewall that rejects UDP port 500", REFUSED, NEVER_CAME)
        bench.fails("a firewall that rejects UDP port 500", f"{plan.transit_a} on the path refuses the probe", "the firewall of whoever refuses it")

    bench.start()
    with ruled(figure.router, "type nat hook postrouting priority srcnat;", "oifname toB masquerade"):
        bench.told_apart("a router between the gateways that masquerades", WHOLE_PATH, TRANSLATED)
        bench.tells(b, "a router that masquerades", "TED-PROBE-PASSED-ON", TRANSLATED, f"it came as {plan.transit_b} > {plan.h2} and asks for {plan.h1} > {plan.h2}")
        lab.check(f"exempt what goes from {plan.h1} to {plan.h2} from NAT" in bench.far(), "a router that masquerades: why there says what to exempt", bench.far())

    bench.start()
    with ruled(figure.router, "type nat hook postrouting priority srcnat;", f"ip saddr {plan.b_wan} oifname toA masquerade"):
        bench.told_apart("a router that translates the other gateway's address", IN_ANOTHERS_NAME, None)
        bench.fails("a router that translates the other gateway's address", f"{plan.b_wan} answered", "translated on the way (NAT)")

    bench.start()
    with dropped(b, f"ip daddr {plan.b_wan} udp dport 4500"):
        wait_for("why to speak of IKE before it has failed", bench.negotiates, 10, every=0.2)
        lab.say("a firewall that drops UDP port 4500: while strongSwan still tries, why names 500 and 4500")
        bench.fails("a firewall that drops UDP port 4500", f"strongSwan and {plan.b_wan}", "500 and 4500", seconds=40)

    bench.start()
    command(["nft", "-f", "-"], namespace=a.node.namespace,
            text="add table ip mistake\nadd chain ip mistake out { type nat hook postrouting priority 100; }\n"
                 "add rule ip mistake out oifname wan ip saddr 10.1.0.0/16 udp dport 500 snat to 192.0.2.77\n")
    try:
        bench.told_apart("address translation on the asking gateway itself", SILENT, TRANSLATED)
    finally:
        command(["nft", "delete", "table", "ip", "mistake"], namespace=a.node.namespace)

    keyed = {one: replace(good, discovery_keys=["one discovery key for all of us"]) for one, good in bench.good.items()}
    bench.start({a: keyed[a], b: replace(keyed[b], discovery_keys=["another discovery key, as long"])})
    bench.fails("another discovery key", "no gateway answered", "key_file", "proofs_")
    bench.tells(b, "another discovery key", "TED-PROBE-PASSED-ON", "key_file must be the same")

    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    signed = {a: replace(good_a, certificates=authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"]), sign=True),
              b: replace(good_b, certificates=authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"]), sign=True)}
    b.tedd.shift_clock(-300)
    bench.start(signed)
    bench.fails("a clock that is five minutes slow, with signatures", "no gateway answered", "60 seconds")
    bench.tells(b, "a clock that is five minutes slow, with signatures", "TED-PROBE-PASSED-ON", "seconds in the future", "clocks")
    b.tedd.shift_clock(0)

    bench.start({b: replace(good_b, addresses=[plan.a_wan])})
    bench.fails("an address that two gateways claim", "no gateway answered")
    lab.check("each has the address that it sends from" in bench.far(), "an address that two gateways claim: why there says so", bench.far())
    bench.tells(b, "an address that two gateways claim", "TED-PROBE-PASSED-ON", "our own address", "'addresses'")

    bench.start({b: replace(good_b, interfaces=["lan"])})
    bench.fails("the wrong interface at the other end", "no gateway answered", "'interfaces'")
    bench.tells(b, "the wrong interface", "TED-INTERFACE", f"{plan.b_wan} of 'addresses' is at wan")
    bench.admits(b, "the wrong interface", f"{plan.b_wan} of 'addresses' is at wan")

    bench.start({b: replace(good_b, interfaces=["wna"])})
    bench.fails("a mistyped interface at the other end", "no gateway answered", "'interfaces'")
    bench.tells(b, "a mistyped interface", "TED-INTERFACE", "no interface wna", "did you mean wan?")
    bench.admits(b, "a mistyped interface", "no interface wna", "did you mean wan?")
    lab.check("did you mean wan?" in b.tedd.ctl("status").stdout, "a mistyped interface: status there names the one that is meant")
    command(["ip", "link", "add", "wna", "type", "veth", "peer", "name", "wnaend"], namespace=b.node.namespace)
    bench.tells(b, "an interface that comes late", "TED-INTERFACE", "interface wna is there now")
    command(["ip", "link", "del", "wna"], namespace=b.node.namespace)

    bench.start({a: replace(good_a, rules=[Rule("all", ["10.1.0.0/16"], ["10.0.0.0/8"], action="bypass"), *figure1.RULES_A])})
    found = bench.why()
    checked = a.tedd.ctl("check", str(a.tedd.file), check=False)
    lab.check(found["verdict"] == "clear" and found["rule"] == "all" and "never reached" in checked.stdout + checked.stderr,
              "a shadowed rule: why names the rule that comes first, and tedctl check that the other never matches", f"{found} {checked}")

    again = a.tedd.ctl("reload").stdout
    lab.check("rule 'branches' is never reached: 'all' before it" in again and "TED-CONFIG warning: rule 'branches' is never reached" in a.tedd.log(),
              "a shadowed rule: the log and tedctl reload name it and the one before it", again)

    bench.start()
    a.charon.kill()
    bench.fails("strongSwan that is not running", "strongSwan is away", "vici socket")

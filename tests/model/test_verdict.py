#!/usr/bin/env python3
"""What the judge must find: an answer that is right, and the same answer made wrong in every way that matters."""
import copy
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from algebra import point_outside  # noqa: E402
from policy import Policy, flow_of  # noqa: E402
from verdict import Judge, Violation  # noqa: E402

MINE = """
[[rule]]
name = "exempt"
action = "bypass"
local = ["10.1.128.0/17"]
remote = ["any"]
[[rule]]
name = "web"
action = "protect"
local = ["10.1.0.0/16"]
remote = ["10.0.0.0/8"]
protocol = "tcp"
"""
PEER = """
[[rule]]
name = "site"
action = "protect"
local = ["10.2.0.0/24", "10.2.2.0/24"]
remote = ["10.1.0.0/16"]
"""
ANY = [0, 65535]


def selector(protocol, local, remote, remote_port=None):
    return {"protocol": protocol, "local": local, "remote": remote, "local_port": ANY, "remote_port": remote_port or ANY}


RIGHT = {
    "flow": "tcp 10.1.0.5:40000 > 10.2.0.7:443", "decision": "protect", "rule": "web", "peer_decision": "protect",
    "peer_rule": "site", "proxy": selector(6, "10.1.0.0/16", "10.0.0.0/8"),
    "peer_proxy": selector("any", "10.1.0.0/16", "10.2.0.0/24"),
    "intersection": selector(6, "10.1.0.0/16", "10.2.0.0/24"), "empty_because": None,
    "selectors": [selector(6, "10.1.0.0/17", "10.2.0.0/24"), selector(6, "10.1.0.0/17", "10.2.2.0/24")],
    "contains_flow": True}


def check(answer, plane="kernel"):
    Judge(Policy.parse(MINE), Policy.parse(PEER).mirrored(), flow_of(RIGHT["flow"]), plane).check(answer)


class Verdict(unittest.TestCase):
    def refused(self, because, **changes):
        answer = copy.deepcopy(RIGHT) | changes
        with self.assertRaisesRegex(Violation, because):
            check(answer)

    def test_lets_the_right_answer_pass(self):
        check(RIGHT)

    def test_finds_a_wrong_rule(self):
        self.refused("decision", rule="exempt", decision="bypass")
        self.refused("peer_decision", peer_rule=None, peer_decision="bypass")

    def test_finds_wrong_figures(self):
        self.refused("intersection", intersection=selector(6, "10.1.0.0/16", "10.0.0.0/8"))
        self.refused("proxy", proxy=selector("any", "10.1.0.0/16", "10.0.0.0/8"))
        self.refused("empty_because", empty_because="local")

    def test_finds_nothing_given(self):
        self.refused("no tunnel", selectors=[], contains_flow=False)

    def test_finds_what_is_unsound(self):
        two = [selector(6, "10.1.0.0/16", remote) for remote in ("10.2.0.0/24", "10.2.2.0/24")]
        self.refused("unsound at A: rule exempt", selectors=two)
        wide = [selector(6, "10.1.0.0/17", remote) for remote in ("10.2.0.0/23", "10.2.2.0/24")]
        self.refused("unsound at B", selectors=wide)
        self.refused("unsound at A: the protocol", selectors=[dict(one, protocol="any") for one in RIGHT["selectors"]])

    def test_finds_what_could_be_more(self):
        self.refused("not maximal: remote could have", selectors=RIGHT["selectors"][:1])
        small = [dict(one, local="10.1.0.0/18") for one in RIGHT["selectors"]]
        self.refused("not maximal: local could have", selectors=small)

    def test_finds_what_no_kernel_takes(self):
        odd = [dict(one, remote_port=[1, 2]) for one in RIGHT["selectors"]]
        self.refused("outside of the remote side", selectors=odd)
        self.refused("no value with a mask", selectors=[dict(one, remote_port=[400, 500]) for one in RIGHT["selectors"]])
        self.refused("no product", selectors=[*RIGHT["selectors"], selector(6, "10.1.3.0/24", "10.2.0.0/24")])

    def test_one_end_a_side_must_not_be_able_to_grow(self):
        answer = copy.deepcopy(RIGHT) | {"selectors": RIGHT["selectors"][:1]}
        check(answer, "userspace")
        answer["selectors"] = [selector(6, "10.1.0.0/17", "10.2.0.0/25")]
        with self.assertRaisesRegex(Violation, "could be"):
            check(answer, "userspace")


PING = """
[[rule]]
name = "reply"
action = "bypass"
local = ["10.1.9.0/24"]
remote = ["any"]
protocol = "icmp"
icmp = "0/0"
[[rule]]
name = "all"
action = "protect"
local = ["10.1.0.0/16"]
remote = ["10.2.0.0/16"]
protocol = "icmp"
"""


class Icmp(unittest.TestCase):
    """What is cut out of a tunnel for its type, and what of its type for an address."""

    def check(self, flow, kind, code, locals_, rules=PING):
        policy = Policy.parse(rules)
        boxes = [{"protocol": 1, "local": local, "remote": "10.2.0.0/16", "local_port": kind, "remote_port": code}
                 for local in locals_]
        line = dict(selector(1, "10.1.0.0/16", "10.2.0.0/16"))
        answer = {"flow": flow, "decision": "protect", "rule": "all", "proxy": line, "intersection": None,
                  "empty_because": None, "selectors": boxes, "contains_flow": True}
        Judge(policy, None, flow_of(flow), "kernel").check(answer)

    WITHOUT_9 = [f"10.1.{part}" for part in
                 ("128.0/17", "64.0/18", "32.0/19", "16.0/20", "0.0/21", "12.0/22", "10.0/23", "8.0/24")]

    def test_any_type_without_the_addresses_of_one(self):
        self.check("icmp 10.1.1.1:8 > 10.2.0.1:0", ANY, ANY, self.WITHOUT_9)

    def test_one_type_where_the_address_has_another_exempt(self):
        self.check("icmp 10.1.9.1:8 > 10.2.0.1:0", [8, 8], ANY, ["10.1.0.0/16"])

    def test_finds_a_type_that_is_too_narrow(self):
        of_any = PING.replace('protocol = "icmp"\nicmp = "0/0"\n', "")
        self.check("icmp 10.1.1.1:8 > 10.2.0.1:0", ANY, ANY, self.WITHOUT_9, of_any)
        with self.assertRaisesRegex(Violation, "ICMP"):
            self.check("icmp 10.1.1.1:8 > 10.2.0.1:0", [8, 8], ANY, self.WITHOUT_9, of_any)

    def test_finds_a_code_that_is_too_narrow(self):
        with self.assertRaisesRegex(Violation, "ICMP"):
            self.check("icmp 10.1.9.1:8 > 10.2.0.1:0", [8, 8], [0, 0], ["10.1.0.0/16"])

    def test_a_code_beside_one_that_is_exempt(self):
        self.check("icmp 10.1.9.1:0 > 10.2.0.1:1", [0, 0], [1, 1], ["10.1.0.0/16"])


class Algebra(unittest.TestCase):
    def test_halves_by_a_mask_with_holes_cover_all(self):
        whole = (0, 0, 0, 65535)
        odd, even = (1, 1, 0, 65535), (0, 1, 0, 65535)
        self.assertIsNone(point_outside(whole, [odd, even]))
        self.assertEqual(point_outside(whole, [odd, (0, 1, 0, 99), (0, 1, 101, 65535)]), (0, 100))


if __name__ == "__main__":
    unittest.main()

"""Judges one answer of `tedctl explain --json` about one flow under one policy or two (docs/policy.md, protocol.md).

Everything is written from A's side. B's rules are mirrored before they are asked, so that both ends speak of the same
ends of a product: `local` × `remote`, in one protocol (None: any).
"""
from dataclasses import dataclass

from algebra import ANY_PORT, common, covers, is_prefix, overlap, point_outside
from policy import ICMP, WIDTH, WITH_PORTS, addresses_of, meet

MAX_ENDS = {"kernel": 64, "userspace": 1}
MAX_TOLD = 64  # exemptions of one offer, and ends on each side of it: with more, an end may not be able to tell all
# Octets that ends and exemptions may have (docs/protocol.md sections 6.2 and 9): a probe's length without the response's
# header, capabilities, two IDs, response payload, what a longer IP header takes, and what an offer has besides.
ROOM = {4: 548 - 28 - 24 - 24 - 16 - 44 - 20 - 28, 6: 1232 - 28 - 24 - 24 - 40 - 92 - 28}
PARTS = {"protocol", "local", "remote", "local_port", "remote_port"}


class Violation(Exception):
    """What is wrong with an answer."""


class Smaller(Exception):
    """Both policies allow more than the answer has, and an end may not have been able to tell the other all of its own."""


def octets_of(end, family):
    """Of its address in an offer."""
    mask, width = end[1], WIDTH[family]
    return 1 + (-(-mask.bit_count() // 8) if is_prefix(mask, width) else 2 * width // 8)


def demand(truth, text):
    if not truth:
        raise Violation(text)


@dataclass
class End:
    """What one end says: its first rule and those before it, written from A's side."""
    rule: object
    earlier: list

    @staticmethod
    def of(policy, flow):
        index = policy.first(flow)
        if index is None:
            return End(None, [])
        rule = policy.rules[index]
        return End(rule, policy.earlier(index, flow.family) if rule.action == "protect" else [])

    @property
    def action(self):
        return self.rule.action if self.rule else "bypass"

    def tells_all(self, family):
        """True when what the end knows surely fits into an offer (docs/policy.md, "What the ends tell each other")."""
        here, there = self.rule.local[family], self.rule.remote[family]
        lines = [(one, other) for rule in self.earlier
                 for one in rule.local.get(family, ()) for other in rule.remote.get(family, ())
                 if None in (rule.protocol, self.rule.protocol) or rule.protocol == self.rule.protocol
                 if meet([one], here) and meet([other], there)]
        if max(len(lines), len(here), len(there)) > MAX_TOLD:
            return False
        with_ports = any(end[2:] != ANY_PORT for end in here + there)
        octets = sum(octets_of(end, family) + 4 * with_ports for end in here + there)
        octets += sum(2 + octets_of(end, family) + 4 * (end[2:] != ANY_PORT) for line in lines for end in line) - 2 * len(lines)
        return octets <= ROOM[family]


@dataclass
class Product:
    protocol: int | None
    local: list
    remote: list
    family: int


def selector_of(json, family):
    """(protocol, local end, remote end) of a SELECTOR."""
    if json.keys() != PARTS:
        raise Violation(f"a selector has other keys: {json}")
    ends = []
    for side, port in (("local", "local_port"), ("remote", "remote_port")):
        sets = addresses_of(json[side])
        if len(sets) != 1 or sets[0][0] != family:
            raise Violation(f"{side} is of the other family: {json}")
        lo, hi = json[port]
        if not 0 <= lo <= hi <= 65535:
            raise Violation(f"no port range: {json}")
        ends.append((sets[0][1], sets[0][2], lo, hi))
    return (None if json["protocol"] == "any" else json["protocol"], *ends)


def intersect(one, other):
    """Figures 3A to 3C: (what is common, None), or (None, the first part that is empty)."""
    if None not in (one[0], other[0]) and one[0] != other[0]:
        return None, "protocol"
    ends = []
    for i, side in ((1, "local"), (2, "remote")):
        if (one[i][0] ^ other[i][0]) & one[i][1] & other[i][1]:
            return None, side
        ends.append(common((*one[i][:2], *ANY_PORT), (*other[i][:2], *ANY_PORT))[:2])
    for i, side in ((1, "local_port"), (2, "remote_port")):
        lo, hi = max(one[i][2], other[i][2]), min(one[i][3], other[i][3])
        if lo > hi:
            return None, side
        ends[i - 1] += lo, hi
    return (other[0] if one[0] is None else one[0], *ends), None


class Judge:
    """One flow and what both ends say of it; `peer` is B's policy mirrored, or None.

    `reverse`: what B answers when it is asked, to be set where there is a B and is_due().
    """

    def __init__(self, mine, peer, flow, plane):
        self.flow, self.plane = flow, plane
        self.mine = End.of(mine, flow)
        self.peer = End.of(peer, flow) if peer else None
        self.reverse = None

    @property
    def ends(self):
        return [self.mine] + ([self.peer] if self.peer else [])

    def is_due(self):
        """True when there must be a tunnel."""
        return (all(end.action == "protect" for end in self.ends) and self.mine.rule.discover
                and (not self.peer or self.peer.rule.respond))

    def is_told_in_part(self):
        return bool(self.peer) and self.is_due() and not all(end.tells_all(self.flow.family) for end in self.ends)

    def is_due_in_reverse(self):
        return self.peer.rule.discover and self.mine.rule.respond

    def check(self, answer):
        self.check_decisions(answer)
        self.check_figures(answer)
        boxes = [selector_of(one, self.flow.family) for one in answer["selectors"]]
        demand(answer["contains_flow"] == bool(boxes), "contains_flow is not what the selectors say")
        demand(self.is_due() or not boxes, "a tunnel where one end wants none")
        if not self.is_due():
            return
        demand(boxes, "no tunnel although both ends protect the flow")
        product = self.product_of(boxes)
        self.check_exact(product)
        for end, name in zip(self.ends, ("A", "B")):
            self.check_sound(product, end, name)
        if self.reverse and self.is_due_in_reverse():
            self.check_same(boxes)
        try:
            self.check_maximal(product)
        except Violation as violation:
            if self.is_told_in_part():
                raise Smaller from violation
            raise

    # --- decisions and figures ---

    def check_decisions(self, answer):
        demand(answer["flow"] == self.flow.text, "another flow is answered")
        for end, prefix in zip(self.ends, ("", "peer_")):
            told = answer[prefix + "decision"], answer[prefix + "rule"]
            right = end.action, end.rule.name if end.rule else None
            demand(told == right, f"{prefix}decision and {prefix}rule are {told}, a plain scan finds {right}")
        demand(bool(self.peer) == ("peer_decision" in answer), "the peer's fields are there without a peer")

    def check_figures(self, answer):
        lines = []
        for end, prefix in zip(self.ends, ("", "peer_")):
            told = answer[prefix + "proxy"]
            if end.action != "protect":
                demand(told is None, f"{prefix}proxy without a protect rule")
                continue
            line = end.rule.line(self.flow)
            demand(told and selector_of(told, self.flow.family) == line, f"{prefix}proxy is {told}, the line is {line}")
            lines.append(line)
        both, empty = intersect(*lines) if len(lines) == 2 else (None, None)
        told = answer["intersection"] and selector_of(answer["intersection"], self.flow.family)
        demand(told == both, f"the intersection is {told}, by figures 3A to 3C {both}")
        demand(answer["empty_because"] == empty, f"empty_because is {answer['empty_because']}, by the figures {empty}")

    # --- the product ---

    def product_of(self, boxes):
        local, remote = (list(dict.fromkeys(box[i] for box in boxes)) for i in (1, 2))
        demand(len({box[0] for box in boxes}) == 1, "selectors of several protocols")
        demand(len(boxes) == len(local) * len(remote) and len(set(boxes)) == len(boxes),
               f"{len(boxes)} selectors are no product of {len(local)} local and {len(remote)} remote ends")
        product = Product(boxes[0][0], local, remote, self.flow.family)
        demand(product.protocol in (None, self.flow.protocol), "the protocol is not the flow's")
        for ends, point, side in ((local, self.flow.local, "local"), (remote, self.flow.remote, "remote")):
            own = (point[0], -1, point[1], point[1])
            demand(any(covers(end, own) for end in ends), f"the flow is outside of the {side} side")
            demand(len(ends) <= MAX_ENDS[self.plane], f"{len(ends)} {side} ends")
        return product

    def check_exact(self, product):
        for end in product.local + product.remote:
            demand(is_prefix(end[1], WIDTH[product.family]), f"no prefix: {end}")
            if end[2:] == ANY_PORT:
                continue
            demand(product.protocol in WITH_PORTS + ICMP, f"ports without a protocol that has them: {end}")
            size = end[3] - end[2] + 1
            block = not size & (size - 1) and not end[2] % size
            demand(self.plane == "userspace" or block, f"ports that are no value with a mask: {end}")
        if product.protocol in ICMP:
            types, codes = ({end[2:] for end in ends} for ends in (product.local, product.remote))
            demand(len(types) == len(codes) == 1, "several ICMP types or codes in one tunnel")
            (low, high), code = types.pop(), codes.pop()
            demand((low, high) == ANY_PORT or low == high, "a range of ICMP types")
            demand(code == ANY_PORT or (code[0] == code[1] and low == high), "an ICMP code without its type")

    def check_sound(self, product, end, name):
        self.check_inside(product, end.rule, name)
        for rule in end.earlier:
            demand(not rule.touches(product.protocol, product.local, product.remote, product.family),
                   f"unsound at {name}: rule {rule.name} is the first match of a flow in it")

    def check_inside(self, product, rule, name):
        demand(rule.protocol in (None, product.protocol), f"unsound at {name}: the protocol is wider than the rule's")
        for side in ("local", "remote"):
            whole = getattr(rule, side)[product.family]
            for one in getattr(product, side):
                point = point_outside(one, whole)
                demand(point is None, f"unsound at {name}: {side} {one} has {point}, which rule {rule.name} has not")

    def check_same(self, boxes):
        """Whichever end asks, the tunnel is the same."""
        swap = boxes[0][0] not in ICMP
        theirs = [selector_of(one, self.flow.family) for one in self.reverse["selectors"]]
        if swap:
            mirrored = {(protocol, remote, local) for protocol, local, remote in theirs}
        else:
            mirrored = {(protocol, (*remote[:2], *local[2:]), (*local[:2], *remote[2:])) for protocol, local, remote in theirs}
        own = self.flow.local == self.flow.remote  # such a flow has no side that both ends would begin with
        demand(own or mirrored == set(boxes), f"the other end, asked, would have {len(theirs)} other selectors")

    # --- maximality ---

    def check_maximal(self, product):
        for side, other in (("local", "remote"), ("remote", "local")):
            holes = self.holes(product, side, other)
            wholes = self.wholes(product, side)
            if len(getattr(product, side)) < MAX_ENDS[self.plane]:
                self.check_nothing_left(product, side, wholes, holes)
            else:
                self.check_nothing_grows(product, side, wholes, holes)
        self.check_protocol_and_type(product)

    def holes(self, product, side, other):
        """What the side must not have, as the other side stands. Without ports, a hole takes the whole address."""
        opposite, own = getattr(product, other), getattr(product, side)
        ports = own[0][2:]
        holes = [hole for end in self.ends for rule in end.earlier
                 if None in (rule.protocol, product.protocol) or rule.protocol == product.protocol
                 if meet(getattr(rule, other).get(product.family, ()), opposite)
                 for hole in getattr(rule, side).get(product.family, ())]
        if product.protocol not in WITH_PORTS:
            holes = [(*hole[:2], *ports) for hole in holes if hole[2] <= ports[1] and ports[0] <= hole[3]]
        return list(dict.fromkeys(holes))

    def wholes(self, product, side):
        """What the side may have at most: both rules'; of ICMP the product's own type."""
        limits = [getattr(end.rule, side)[product.family] for end in self.ends]
        if product.protocol in ICMP:
            limits.append([(0, 0, *getattr(product, side)[0][2:])])
        wholes = limits[0]
        for limit in limits[1:]:
            wholes = list(dict.fromkeys(filter(None, (common(one, other) for one in wholes for other in limit))))
        return wholes

    def check_nothing_left(self, product, side, wholes, holes):
        taken = holes + getattr(product, side)
        for whole in wholes:
            point = point_outside(whole, taken)
            demand(point is None, f"not maximal: {side} could have {point}, with "
                                  f"{len(getattr(product, side))} ends there")

    def check_nothing_grows(self, product, side, wholes, holes):
        for end in getattr(product, side):
            for larger in self.larger(end, product):
                if any(overlap(larger, hole) for hole in holes):
                    continue
                demand(point_outside(larger, wholes), f"not maximal: {side} {end} could be {larger}")

    def larger(self, end, product):
        """The end one step larger in one part, as the data plane takes it."""
        address, mask, lo, hi = end
        if mask:
            mask &= mask - 1
            yield address & mask, mask, lo, hi
        if product.protocol not in WITH_PORTS or (lo, hi) == ANY_PORT:
            return
        if self.plane == "kernel":
            size = 2 * (hi - lo + 1)
            yield address, end[1], lo // size * size, lo // size * size + size - 1
            return
        if lo > 0:
            yield address, end[1], lo - 1, hi
        if hi < 65535:
            yield address, end[1], lo, hi + 1

    def check_protocol_and_type(self, product):
        if product.protocol is None:
            return
        ports = {end[2:] for end in product.local + product.remote}
        if ports == {ANY_PORT}:
            demand(not self.is_sound(None, product), "not maximal: it could be for any protocol")
        if product.protocol not in ICMP or ports == {ANY_PORT}:
            return
        types = [ANY_PORT, ANY_PORT], [product.local[0][2:], ANY_PORT]
        for kind, code in types:
            wider = Product(product.protocol, [(*end[:2], *kind) for end in product.local],
                            [(*end[:2], *code) for end in product.remote], product.family)
            same = wider.local == product.local and wider.remote == product.remote
            demand(same or not self.is_sound(product.protocol, wider), f"not maximal: ICMP {kind}/{code} would do")

    def is_sound(self, protocol, product):
        wider = Product(protocol, product.local, product.remote, product.family)
        try:
            for end, name in zip(self.ends, ("A", "B")):
                self.check_sound(wider, end, name)
        except Violation:
            return False
        return True

"""The model's own reading of a configuration, of flows, and of first match: written from docs/configuration.md."""
import ipaddress
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache

from algebra import ANY_PORT, covers, overlap, prefix_mask, prefixes_of

WIDTH = {4: 32, 6: 128}
ICMP = (1, 58)
WITH_PORTS = (6, 17, 33, 132, 136)
NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58,
           "sctp": 132, "udplite": 136}
NAMES = {number: name for name, number in NUMBERS.items() if name != "icmpv6"}


def address_of(text):
    """(family, value)"""
    address = ipaddress.ip_address(text)
    return address.version, int(address)


@lru_cache(maxsize=1 << 16)  # a product says each of its entries many times
def addresses_of(text):
    """The entry of a list as (family, address, mask) triples, in ascending order."""
    if text == "any":
        return (4, 0, 0), (6, 0, 0)
    if "/" in text:
        head, tail = text.split("/")
        family, address = address_of(head)
        mask = prefix_mask(int(tail), WIDTH[family]) if tail.isdigit() else address_of(tail)[1]
        return ((family, address & mask, mask),)
    if "-" in text:
        first, last = (address_of(end) for end in text.split("-"))
        return tuple((first[0], *pair) for pair in prefixes_of(first[1], last[1], WIDTH[first[0]]))
    family, address = address_of(text)
    return ((family, address, prefix_mask(WIDTH[family], WIDTH[family])),)


def ports_of(value):
    if value == "any":
        return ANY_PORT
    lo, _, hi = str(value).partition("-")
    return int(lo), int(hi or lo)


def protocol_of(value):
    """A number; None: any."""
    if value in (None, "any"):
        return None
    return NUMBERS[value] if value in NUMBERS else int(value)


@dataclass(frozen=True)
class Flow:
    text: str
    family: int
    protocol: int
    local: tuple  # (address, port), port 0 where the protocol has none; type with the source, code with the destination
    remote: tuple

    def mirrored(self):
        swap = self.protocol not in ICMP
        ports = (self.remote[1], self.local[1]) if swap else (self.local[1], self.remote[1])
        local, remote = (self.remote[0], ports[0]), (self.local[0], ports[1])
        return Flow(flow_text(self.family, self.protocol, local, remote), self.family, self.protocol, local, remote)


def flow_text(family, protocol, local, remote):
    def end(address, port):
        text = str(ipaddress.IPv4Address(address) if family == 4 else ipaddress.IPv6Address(address))
        if protocol not in WITH_PORTS + ICMP:
            return text
        return f"{text}:{port}" if family == 4 else f"[{text}]:{port}"
    return f"{NAMES.get(protocol, protocol)} {end(*local)} > {end(*remote)}"


def flow_of(text):
    protocol, source, _, destination = text.split()

    def end(word):
        if word.startswith("["):
            address, _, port = word[1:].partition("]")
            port = port[1:]
        elif word.count(":") == 1:
            address, port = word.split(":")
        else:
            address, port = word, ""
        family, value = address_of(address)
        return family, (value, int(port or 0))
    (family, local), (_, remote) = end(source), end(destination)
    return Flow(text, family, protocol_of(protocol), local, remote)


@dataclass
class Rule:
    """One rule, written from one side. `local` and `remote`: ends by family, each with the rule's own ports."""
    name: str
    action: str
    protocol: int | None
    local: dict
    remote: dict
    discover: bool = True
    respond: bool = True

    def mirrored(self):
        if self.protocol in ICMP:  # type stays with what is local, code with what is remote
            exchange = {family: [(a, m, *self.type) for a, m, _, _ in ends] for family, ends in self.remote.items()}
            back = {family: [(a, m, *self.code) for a, m, _, _ in ends] for family, ends in self.local.items()}
            return Rule(self.name, self.action, self.protocol, exchange, back, self.discover, self.respond)
        return Rule(self.name, self.action, self.protocol, self.remote, self.local, self.discover, self.respond)

    @property
    def type(self):
        return next(end[2:] for ends in self.local.values() for end in ends)

    @property
    def code(self):
        return next(end[2:] for ends in self.remote.values() for end in ends)

    def line(self, flow):
        """The first pair of entries that has the flow, which is one of the rule's: local entries are the outer loop."""
        def first(ends, point):
            return next(end for end in ends if covers(end, (point[0], -1, point[1], point[1])))
        return self.protocol, first(self.local[flow.family], flow.local), first(self.remote[flow.family], flow.remote)

    def touches(self, protocol, local, remote, family):
        """True when a flow of local × remote (lists of ends) in that protocol (None: any) is one of the rule's."""
        if None not in (protocol, self.protocol) and protocol != self.protocol:
            return False
        return meet(self.local.get(family, ()), local) and meet(self.remote.get(family, ()), remote)


def meet(some, others):
    for one in some:
        for other in others:
            if overlap(one, other):
                return True
    return False


@dataclass
class Policy:
    rules: list
    _rows: dict = field(default_factory=dict)
    _earlier: dict = field(default_factory=dict)

    @staticmethod
    def parse(text):
        return Policy([rule_of(table) for table in tomllib.loads(text).get("rule", [])])

    def mirrored(self):
        """The policy as the gateway at the other end would write it: what it says of a flow is said of its mirror image."""
        return Policy([rule.mirrored() for rule in self.rules])

    def first(self, flow):
        """The index of the first rule that has the flow, found by asking one after the other; None: none has."""
        rows = self._rows.get(flow.family)
        if rows is None:
            rows = self._rows[flow.family] = [
                (*here, *there, rule.protocol, index)
                for index, rule in enumerate(self.rules)
                for here in rule.local.get(flow.family, ()) for there in rule.remote.get(flow.family, ())]
        (source, sport), (destination, dport), protocol = flow.local, flow.remote, flow.protocol
        for a, m, lo, hi, b, n, low, high, named, index in rows:
            if (source & m == a and destination & n == b and lo <= sport <= hi and low <= dport <= high
                    and named in (None, protocol)):
                return index
        return None

    def earlier(self, index, family):
        """The rules before that one which share addresses with it."""
        key = index, family
        if key not in self._earlier:
            rule = self.rules[index]
            self._earlier[key] = [other for other in self.rules[:index] if other.touches(
                rule.protocol, rule.local.get(family, ()), rule.remote.get(family, ()), family)]
        return self._earlier[key]


def rule_of(table):
    protocol = protocol_of(table.get("protocol"))
    ports = ports_of(table.get("local_port", "any")), ports_of(table.get("remote_port", "any"))
    if "icmp" in table:
        kind, _, code = str(table["icmp"]).partition("/")
        ports = ports_of(kind), ports_of(code or "any")
    sides = []
    for key, port in zip(("local", "remote"), ports):
        side = {}
        for entry in table[key]:
            for family, address, mask in addresses_of(entry):
                side.setdefault(family, []).append((address, mask, *port))
        sides.append(side)
    return Rule(table["name"], table["action"], protocol, *sides,
                table.get("discover", True), table.get("respond", True))

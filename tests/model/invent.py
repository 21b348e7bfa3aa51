"""Policies as people write them, and flows that try their edges: everything from one seed."""
import random
from dataclasses import dataclass

from algebra import prefix_mask
from policy import ICMP, NAMES, WIDTH, WITH_PORTS, Policy, address_of, addresses_of, flow_text

HEAD = '[gateway]\naddresses = ["192.0.2.1"]\ninterfaces = ["wan0"]\n\n[ike]\npsk_file = "/etc/opented/psk"\n\n'
SITES = {"a": {4: "10.1.0.0", 6: "2001:db8:1::"}, "b": {4: "10.2.0.0", 6: "2001:db8:2::"}}
SITE_LENGTH = {4: 16, 6: 48}
PORTS = (0, 21, 22, 25, 53, 79, 80, 81, 443, 1023, 1024, 5060, 8080, 32768, 65534, 65535)
PROTOCOLS = (None, None, None, 6, 6, 6, 17, 17, 1, 58, 47, 132, 89, 200)


def address_text(family, value):
    """Without the help of what reads it: eight groups, never shortened."""
    if family == 4:
        return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
    return ":".join(f"{value >> shift & 65535:x}" for shift in range(112, -16, -16))


class Inventor:
    """One pair of policies and its flows."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        families = self.random.choice(((4,), (4,), (6,), (4, 6)))
        self.pools = {site: {family: [self.address(site, family) for _ in range(self.random.randint(3, 9))]
                             for family in families} for site in "ab"}
        self.families = families

    # --- addresses ---

    def address(self, site, family):
        choice, width, length = self.random, WIDTH[family], SITE_LENGTH[family]
        base = address_of(SITES[site][family])[1]
        # Few values of few bits, so that entries nest and touch.
        spread = choice.choice((4, 8, width - length))
        value = base | choice.getrandbits(spread) << choice.choice((0, 8, max(0, width - length - spread)))
        value &= base | ((1 << (width - length)) - 1)
        kind = choice.random()
        if kind < 0.50:
            cut = choice.choice((length, length, length + 1, length + 4, length + 8, width - 8, width - 4, width - 1, width))
            return f"{address_text(family, value & prefix_mask(cut, width))}/{cut}"
        if kind < 0.65:
            return address_text(family, value)
        if kind < 0.80:
            last = min(value + choice.choice((0, 1, 5, 20, 255, 300, 4000)), base | ((1 << (width - length)) - 1))
            return f"{address_text(family, value)}-{address_text(family, last)}"
        if kind < 0.90:
            holes = choice.choice((1, 3, 0b101, 0xf, 0xff00, 0xf0)) << choice.choice((0, 1, 4, 8))
            mask = prefix_mask(width, width) & ~holes
            return f"{address_text(family, value)}/{address_text(family, mask)}"
        if kind < 0.97:
            return f"{address_text(family, base & prefix_mask(length - 8, width))}/{length - 8}"
        return "any"

    def entries(self, site):
        choice = self.random
        pool = [entry for family in self.families for entry in self.pools[site][family]]
        chosen = choice.sample(pool, min(len(pool), choice.choice((1, 1, 1, 2, 3, 5))))
        for family in self.families:  # so that each rule has a partner on the other side
            if not any(family == known for entry in chosen for known, _, _ in addresses_of(entry)):
                chosen.append(choice.choice(self.pools[site][family]))
        return chosen

    # --- rules ---

    def ports(self):
        choice = self.random
        kind = choice.random()
        if kind < 0.45:
            return "any"
        if kind < 0.75:
            return choice.choice(PORTS)
        lo, hi = sorted(choice.sample(PORTS, 2))
        return f"{lo}-{hi}"

    def rule(self, action):
        choice = self.random
        table = {"action": action, "local": self.entries("a"), "remote": self.entries("b")}
        protocol = choice.choice(PROTOCOLS)
        if protocol is None:
            return table
        table["protocol"] = choice.choice((protocol, NAMES.get(protocol, protocol)))
        if protocol in WITH_PORTS:
            table["local_port"], table["remote_port"] = self.ports(), self.ports()
        elif protocol in ICMP and choice.random() < 0.7:
            table["icmp"] = choice.choice((0, 8, "8/0", "3/4", "128/0", 255))
        return table

    def policy(self):
        """Exceptions above, what they are exceptions of below."""
        choice = self.random
        rules = [self.rule(choice.choice(("bypass", "block", "protect"))) for _ in range(choice.choice((0, 1, 3, 6, 12, 30)))]
        rules += [self.rule("protect") for _ in range(choice.randint(1, 3))]
        if choice.random() < 0.6:
            whole = {"action": "protect", "local": [], "remote": []}
            for family in self.families:
                for side, site, length in (("local", "a", SITE_LENGTH[family]), ("remote", "b", SITE_LENGTH[family] - 8)):
                    base = address_of(SITES[site][family])[1] & prefix_mask(length, WIDTH[family])
                    whole[side].append(f"{address_text(family, base)}/{length}")
            rules.append(whole)
        return rules

    def altered(self, rules):
        """The same as another person would have written it."""
        choice = self.random
        out = []
        for table in rules:
            fate = choice.random()
            if fate < 0.15:
                continue
            table = dict(table)
            if fate < 0.25:
                table["local"] = self.entries("a")
            elif fate < 0.35:
                table["remote"] = self.entries("b")
            elif fate < 0.45 and "remote_port" in table:
                table["remote_port"] = self.ports()
            elif fate < 0.5:
                table["action"] = choice.choice(("protect", "bypass", "block"))
            out.append(table)
            if choice.random() < 0.15:
                out.append(self.rule(choice.choice(("protect", "bypass", "block"))))
        return out or [self.rule("protect")]

    def pair(self):
        """Two lists of tables: A's, and B's written from B's side."""
        mine = self.policy()
        peer = self.altered(mine) if self.random.random() < 0.75 else self.policy()
        for tables in (mine, peer):
            for table in tables:
                if table["action"] == "protect":
                    table.update({key: False for key in ("discover", "respond") if self.random.random() < 0.02})
        return mine, [mirrored(table) for table in peer]

    # --- flows ---

    def point(self, ends, family):
        """A point of one of the ends, at a corner of it, or one step outside."""
        choice = self.random
        address, mask, lo, hi = choice.choice(ends)
        free = ((1 << WIDTH[family]) - 1) & ~mask
        inside = choice.choice((0, free, choice.getrandbits(WIDTH[family]) & free))
        port = choice.choice((lo, hi, choice.randint(lo, hi)))
        step = choice.choice((0, 0, 0, 0, 1, -1))
        if choice.random() < 0.5:
            return (address | inside) + step & (1 << WIDTH[family]) - 1, port
        return address | inside, max(0, min(65535, port + step))

    def flow(self, policies):
        """Policies: of A, and B's mirrored to A's side."""
        choice = self.random
        family = choice.choice(self.families)
        rules = [rule for rule in choice.choice(policies) if rule.local.get(family) and rule.remote.get(family)]
        if not rules:
            rules = [rule for rule in policies[0] if rule.local.get(family) and rule.remote.get(family)]
        rule = choice.choice(rules)
        local, remote = self.point(rule.local[family], family), self.point(rule.remote[family], family)
        if choice.random() < 0.15:  # anywhere in the two sites
            local, remote = ((address_of(SITES[site][family])[1] | choice.getrandbits(12), choice.choice(PORTS)) for site in "ab")
        protocol = rule.protocol
        if protocol is None or choice.random() < 0.05:
            protocol = choice.choice([number for number in PROTOCOLS if number is not None])
        return flow_text(family, protocol, *(self.as_taken(protocol, point) for point in (local, remote)))

    def as_taken(self, protocol, point):
        """Ports where the protocol has them; a type or a code is one byte."""
        if protocol in ICMP and point[1] > 255:
            return point[0], self.random.choice((0, 3, 8, 128, 255))
        return point


def mirrored(table):
    swapped = {"local": "remote", "remote": "local", "local_port": "remote_port", "remote_port": "local_port"}
    return {swapped.get(key, key): value for key, value in table.items()}


def toml(tables):
    def value(one):
        if isinstance(one, bool):
            return str(one).lower()
        if isinstance(one, list):
            return "[" + ", ".join(f'"{item}"' for item in one) + "]"
        return str(one) if isinstance(one, int) else f'"{one}"'
    return HEAD + "\n".join(f'[[rule]]\nname = "r{i}"\n' + "".join(f"{key} = {value(v)}\n" for key, v in table.items())
                            for i, table in enumerate(tables, 1))


@dataclass
class Case:
    """Two policies, as texts, and flows; `seed` makes all of it again."""
    seed: int
    mine: str
    peer: str
    flows: list


def case_of(seed, flows):
    inventor = Inventor(seed)
    mine, peer = (toml(tables) for tables in inventor.pair())
    rules = Policy.parse(mine).rules, Policy.parse(peer).mirrored().rules
    return Case(seed, mine, peer, [inventor.flow(rules) for _ in range(flows)])

"""The public ClassBench sets as pairs of policies: the set itself, and its mirror image as another person keeps it.

They are read where they are and never copied into the project; each is NAME.toml.gz with NAME.flows.gz.
"""
import gzip
import random
import tomllib

from invent import Case, mirrored, toml
from policy import Policy

SETS = ("acl_1k", "fw_1k", "ipc_1k", "acl_10k")


def is_there(folder, name):
    return all((folder / f"{name}.{kind}.gz").is_file() for kind in ("toml", "flows"))


def altered(tables, choice):
    """One rule in ten is missing, one in ten swapped with the next, one in ten does something else."""
    out = []
    for table in tables:
        fate = choice.random()
        if fate < 0.1:
            continue
        table = {key: value for key, value in table.items() if key != "name"}
        if fate < 0.2:
            table["action"] = choice.choice(("protect", "bypass", "block"))
        out.insert(len(out) - 1 if fate > 0.9 and out else len(out), table)
    return out


def case_of(folder, name, count):
    choice = random.Random(name)
    mine = gzip.open(folder / f"{name}.toml.gz", "rt").read().replace("PSKFILE", "/etc/opented/psk")
    peer = toml([mirrored(table) for table in altered(tomllib.loads(mine)["rule"], choice)])
    flows = [line.split("\t")[0] for line in gzip.open(folder / f"{name}.flows.gz", "rt").read().splitlines()]
    return Case(name, mine, peer, choice.sample(flows, min(count, len(flows))))

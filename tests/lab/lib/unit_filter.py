#!/usr/bin/python3
"""Starts a program behind the system call filters that systemd would make of packaging/systemd/tedd.service, with no other part of systemd.

    unit_filter.py COMMAND…
"""
from __future__ import annotations

import errno
import mmap
import os
import re
import subprocess
import sys
from pathlib import Path

from seccomp import ALLOW, EQ, ERRNO, GT, MASKED_EQ, Arg, SyscallFilter

_UNIT = Path(__file__).resolve().parents[3] / "packaging/systemd/tedd.service"
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16, "AF_PACKET": 17}


def _settings() -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", _UNIT.read_text(), re.M))


def _calls(group: str) -> set[str]:
    """The system calls of a group of systemd's, with those of the groups in it."""
    found: set[str] = set()
    for name in re.findall(r"^    ([@\w-]+)$", subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True).stdout, re.M):
        found |= _calls(name) if name.startswith("@") else {name}
    return found


def confine() -> None:
    settings = _settings()
    refusal = ERRNO(getattr(errno, settings["SystemCallErrorNumber"]))
    allowed = SyscallFilter(refusal)
    for name in _calls(settings["SystemCallFilter"]):
        try:
            allowed.add_rule(ALLOW, name)
        except (RuntimeError, ValueError):
            pass  # one that this machine's architecture, or the library, does not know

    refused = SyscallFilter(ALLOW)
    families = sorted(_FAMILIES[name] for name in settings["RestrictAddressFamilies"].split())
    # A family that lies between two of the list, below the first, or beyond the last.
    for family in range(families[-1]):
        if family not in families:
            refused.add_rule(ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, EQ, family))
    refused.add_rule(ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, GT, families[-1]))
    if settings["MemoryDenyWriteExecute"] == "yes":
        both = mmap.PROT_WRITE | mmap.PROT_EXEC
        refused.add_rule(ERRNO(errno.EPERM), "mmap", Arg(2, MASKED_EQ, both, both))
        refused.add_rule(ERRNO(errno.EPERM), "mprotect", Arg(2, MASKED_EQ, mmap.PROT_EXEC, mmap.PROT_EXEC))
    if settings["RestrictNamespaces"] == "yes":
        refused.add_rule(ERRNO(errno.EPERM), "unshare")
        refused.add_rule(ERRNO(errno.EPERM), "setns")
    # The list last: it has no call to load another one.
    refused.load()
    allowed.load()


if __name__ == "__main__":
    confine()
    os.execvp(sys.argv[1], sys.argv[1:])

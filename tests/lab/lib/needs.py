"""What a lab needs of this machine, tried and not guessed; each test gives the reason when something is missing."""
from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path

from . import apparmor, booted
from .old_peer import PYTHON
from .process import run
from .tedd import BINARIES

_PROGRAMS = ("ip", "nft", "tcpdump", "swanctl", "unshare")
_SCRATCH = f"opented-need-{os.getpid()}"


def _in_scratch(commands: list[list[str]], text: str | None = None) -> bool:
    """Whether all commands succeed, run with a namespace made for it."""
    try:
        if run(["ip", "netns", "add", _SCRATCH], check=False).returncode:
            return False
        return all(run(command, text=text, check=False).returncode == 0 for command in commands)
    finally:
        run(["ip", "netns", "del", _SCRATCH], check=False)


def _nft(text: str) -> bool:
    return _in_scratch([["ip", "netns", "exec", _SCRATCH, "nft", "-f", "-"]], text)


def missing_root() -> str | None:
    return None if os.geteuid() == 0 else "needs root"


def missing_programs() -> str | None:
    absent = [name for name in _PROGRAMS if not shutil.which(name)]
    if not Path("/usr/sbin/charon-systemd").exists():
        absent.append("charon-systemd")
    return f"not installed: {', '.join(absent)}" if absent else None


def missing_namespaces() -> str | None:
    commands = [["ip", "-n", _SCRATCH, "link", "add", "name", "near", "type", "veth", "peer", "name", "far"],
                ["ip", "-n", _SCRATCH, "link", "add", "name", "bridge", "type", "bridge"]]
    return None if _in_scratch(commands) else "this kernel lets us make no network namespace with veth pairs and a bridge"


def missing_nflog() -> str | None:
    text = "table inet t { chain c { type filter hook forward priority 300; udp dport 500 log group 7 snaplen 2048 drop; }; }\n"
    return None if _nft(text) else "nftables cannot log packets to a group (NFLOG) here"


def missing_raw_sockets() -> str | None:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).close()
    except OSError as error:
        return f"no raw sockets: {error.strerror}"
    return None


def missing_tun() -> str | None:
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return f"no tun device: {error.strerror}"
    return None


def missing_ipv6() -> str | None:
    return None if Path("/proc/net/if_inet6").exists() else "this kernel has no IPv6"


@cache
def missing_vlan() -> str | None:
    commands = [["ip", "-n", _SCRATCH, "link", "add", "name", "near", "type", "veth", "peer", "name", "far"],
                ["ip", "-n", _SCRATCH, "link", "add", "link", "near", "name", "near.7", "type", "vlan", "id", "7"]]
    return None if _in_scratch(commands) else "this kernel has no VLANs (8021q)"


@cache
def missing_esp() -> str | None:
    state = "src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 mode tunnel aead rfc4106(gcm(aes)) 0x" + "00" * 20 + " 128"
    commands = [["ip", "-n", _SCRATCH, "xfrm", "state", "add", *state.split()]]
    return None if _in_scratch(commands) else "this kernel has no ESP"


def missing_binaries() -> str | None:
    absent = [name for name in ("tedd", "tedctl") if not os.access(BINARIES / name, os.X_OK)]
    return f"not built: {', '.join(absent)} in {BINARIES}" if absent else None


def missing_without() -> str | None:
    return None if os.access(BINARIES / "tedd_without", os.X_OK) else f"not built: tedd_without in {BINARIES}"


@cache
def missing_xdp() -> str | None:
    """The unit test skips where no program can be loaded, and fails where ours alone cannot: that is no reason to skip a lab."""
    test = BINARIES / "xdp_test"
    if not os.access(test, os.X_OK):
        return f"not built: {test}"
    return "no XDP program can be loaded here" if "SKIPPED" in run([str(test), "--gtest_filter=Shield.CountsDiscovery"], check=False).stdout else None


@cache
def missing_apparmor() -> str | None:
    if not Path("/sys/kernel/security/apparmor/profiles").exists():
        return "this kernel has no AppArmor, or no securityfs is mounted"
    if absent := [name for name in ("apparmor_parser", "aa-exec") if not shutil.which(name)]:
        return f"not installed: {', '.join(absent)}"
    return f"{there[0]} is there: an installed OpenTED is left alone" if (there := apparmor.standing()) else None


@cache
def missing_systemd() -> str | None:
    return booted.missing()


@cache
def missing_scapy() -> str | None:
    tried = run([PYTHON, "-c", "import scapy.layers.isakmp"], check=False)
    return None if tried.returncode == 0 else f"{PYTHON} has no scapy"


GROUND: tuple[Callable[[], str | None], ...] = (missing_root, missing_programs, missing_namespaces, missing_nflog, missing_raw_sockets)


@cache
def missing_ground() -> str | None:
    """The first reason why no lab at all can run here."""
    return next((reason for test in GROUND if (reason := test())), None)

"""A private strongSwan in a node: its own configuration, socket, /run and plugins, no systemd."""
from __future__ import annotations

import enum
import signal
import socket
import struct
import subprocess
from pathlib import Path

from . import selector, swanctl
from .process import Process, run
from .topology import Node
from .wait import SLOWNESS, LabFailure, wait_for

# In full, since the default list loads whatever is installed: af-alg alone takes 13 s in the emulated guest.
_PLUGINS = ("random nonce openssl aes sha1 sha2 hmac kdf gcm curve25519 pem pkcs1 pkcs8 x509 pubkey constraints revocation "
            "{kernel} socket-default vici updown addrblock")


class Dataplane(enum.Enum):
    """Who carries ESP. With libipsec it is charon itself, through a tun device and UDP port 4500."""

    USERSPACE = "userspace"
    KERNEL = "kernel"


_KERNEL_PLUGINS = {Dataplane.USERSPACE: "kernel-libipsec kernel-netlink", Dataplane.KERNEL: "kernel-netlink"}

_CONFIGURATION = """\
charon-systemd {{
  load = {plugins}
{more}  plugins {{
    vici {{ socket = {uri} }}
    kernel-libipsec {{ allow_peer_ts = yes }}
  }}
  install_virtual_ip = no
  filelog {{ log {{
    path = {log}
    default = 1
    time_format = %T
    flush_line = yes
  }} }}
  journal {{ default = -1 }}
}}
swanctl {{ load = random pem pkcs1 x509 pubkey openssl }}
"""


class Charon:
    """Running from construction, ready after `wait_ready`."""

    def __init__(self, node: Node, folder: Path, dataplane: Dataplane) -> None:
        self.node = node
        self.folder = folder / f"{node.label}.charon"
        self.folder.mkdir()
        self.uri = f"unix://{self.folder}/charon.vici"
        self._environment = {"STRONGSWAN_CONF": str(self.folder / "strongswan.conf")}
        self._plugins = _PLUGINS.format(kernel=_KERNEL_PLUGINS[dataplane])
        self._more = ""
        self._configure(self._plugins)
        self.process = self._started()

    def _configure(self, plugins: str) -> None:
        (self.folder / "strongswan.conf").write_text(_CONFIGURATION.format(plugins=plugins, more=self._more, uri=self.uri, log=self.folder / "charon.log"))

    def regroup(self, group: str) -> None:
        """Ends it and starts it anew in that group, whose members may use its socket; see wait_ready."""
        self.stop()
        self._more = f"  group = {group}\n"
        self._configure(self._plugins)
        self.start()

    def _started(self) -> Process:
        # A mount namespace of its own for a /run of its own; exec keeps the pid that we started.
        return Process(f"charon on {self.node.name}", ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /run && exec /usr/sbin/charon-systemd"],
                       self.folder / "output.log", self.node.namespace, self._environment)

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up, and no peer is told."""
        self.process.stop(signal.SIGKILL)

    def start(self) -> None:
        """Again, after it ended; see wait_ready."""
        (self.folder / "charon.vici").unlink(missing_ok=True)
        self.process = self._started()

    def restart(self, without: str) -> None:
        """Ends it and starts it anew without that plugin; see wait_ready."""
        self.stop()
        self._configure(" ".join(plugin for plugin in self._plugins.split() if plugin != without))
        self.start()

    def wait_ready(self) -> None:
        wait_for(f"charon's socket on {self.node.name}", (self.folder / "charon.vici").is_socket, 10, self.logs)
        wait_for(f"charon on {self.node.name} to answer", lambda: self._swanctl("--stats", check=False).returncode == 0, 10, self.logs)

    def sas(self) -> list[swanctl.IkeSa]:
        return swanctl.parse_list_sas(self._swanctl("--list-sas", "--raw").stdout)

    def children(self) -> list[swanctl.ChildSa]:
        """The CHILD_SAs that carry traffic."""
        return [child for sa in self.sas() for child in sa.children if child.state == "INSTALLED"]

    def selectors(self) -> list[selector.Selector]:
        """What its tunnels cover, from this gateway's side."""
        return sorted(found for child in self.children() for found in selector.from_sides(child.local, child.remote))

    def connections(self) -> list[str]:
        """The names of the loaded connections."""
        listed = self._swanctl("--list-conns", "--raw").stdout
        names = []
        for line in listed.splitlines():
            if line.startswith("list-conn event {"):
                names += [line.removeprefix("list-conn event {").split(" ", 1)[0]]
        return names

    def keys(self) -> list[str]:
        """The private keys that it holds, by vici's `get-keys`: swanctl does not list them."""
        message = self._vici("get-keys")
        if not message.startswith(b"\x01\x04\x04keys") or not message.endswith(b"\x06"):      # a response with one list
            raise LabFailure(f"charon on {self.node.name} answers get-keys with {message!r}")
        keys, at = [], len(b"\x01\x04\x04keys")
        while message[at] == 5:                                                              # an item: its length in two bytes
            size = int.from_bytes(message[at + 1:at + 3], "big")
            keys.append(message[at + 3:at + 3 + size].decode())
            at += 3 + size
        return keys

    def shorten_lives(self, connection: str, seconds: int) -> None:
        """What a peer brings up through that connection from now on ends after so many seconds, without rekeying, until it is loaded anew.

        By vici's `load-conn`, since swanctl would unload all others.
        """
        listed = self._swanctl("--list-conns", "--raw").stdout
        found = swanctl.parse_list_conns(listed)[connection]
        child = {"mode": "tunnel", "start_action": "none", "close_action": "none", "dpd_action": "clear", "rekey_time": "0s",
                 "life_time": f"{seconds}s", "rand_time": "0s"}
        children = {name: {**child, "local_ts": of["local-ts"], "remote_ts": of["remote-ts"]} for name, of in found["children"].items()}
        section = {"version": "2", "local_addrs": found["local_addrs"], "remote_addrs": found["remote_addrs"], "mobike": "no", "unique": "never",
                   "dpd_delay": "10s", "local": {"auth": "psk"}, "remote": {"auth": "psk", "id": "%any"}, "children": children}
        reply = self._vici("load-conn", swanctl.encode({connection: section}))
        if b"\x07successyes" not in reply.replace(b"\x00\x03", b""):
            raise LabFailure(f"charon on {self.node.name} does not take {connection} with short lives: {reply!r}")

    def _vici(self, command: str, message: bytes = b"") -> bytes:
        """charon's answer to a command, as it is on the wire."""
        request = bytes([0, len(command)]) + command.encode() + message
        with socket.socket(socket.AF_UNIX) as vici:
            vici.settimeout(5 * SLOWNESS)
            vici.connect(self.uri.removeprefix("unix://"))
            vici.sendall(struct.pack(">I", len(request)) + request)
            reply = vici.makefile("rb")
            (length,) = struct.unpack(">I", reply.read(4))
            return reply.read(length)

    def load(self, configuration: str) -> None:
        """Loads a hand-written swanctl.conf, for labs without tedd."""
        path = self.folder / "swanctl.conf"
        path.write_text(configuration)
        self._swanctl("--load-all", "--noprompt", "--file", str(path))

    def initiate(self, child: str) -> None:
        self._swanctl("--initiate", "--child", child)

    def rekey(self, child: str) -> None:
        self._swanctl("--rekey", "--child", child)

    def terminate(self, child: str) -> None:
        self._swanctl("--terminate", "--child", child)

    def terminate_all(self) -> None:
        """Every IKE_SA, and what it carries. They may end meanwhile by themselves."""
        for name in sorted({sa.name for sa in self.sas()}):
            self._swanctl("--terminate", "--ike", name, check=False)

    def stop(self) -> None:
        self.process.stop()

    def log(self) -> str:
        """What it wrote since its first start."""
        path = self.folder / "charon.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def logs(self) -> str:
        path = self.folder / "charon.log"
        lines = path.read_text(errors="replace").splitlines()[-40:] if path.exists() else []
        return f"{self.process.tail(5)}\n  charon's log on {self.node.name}:\n" + "\n".join(f"    {line}" for line in lines)

    def _swanctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        # A charon that carries a flood itself answers late.
        return run(["swanctl", *arguments, "--uri", self.uri], env=self._environment, check=check, seconds=60)

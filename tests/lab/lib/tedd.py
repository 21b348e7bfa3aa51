"""tedd in a node, with a configuration made from Python values; and tedctl beside it."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import documented, selector
from .process import Process, run
from .topology import Node
from .wait import LabFailure, wait_for

if TYPE_CHECKING:
    from .pki import Certificates

_ROOT = Path(__file__).resolve().parents[3]
# Starts what follows behind the filters of packaging/systemd/tedd.service; Debian's Python has the library.
UNIT_FILTER = ["/usr/bin/python3", str(Path(__file__).with_name("unit_filter.py"))]
BINARIES = Path(os.environ.get("OPENTED_BIN", _ROOT / "out/release/bin"))
NOT_RUNNING = 3


def _toml(value: object) -> str:
    """JSON's strings, numbers, booleans and arrays are TOML's as well."""
    return json.dumps(value)


@dataclass(frozen=True)
class Rule:
    """One line of a policy; what is None is left out of the file."""

    name: str
    local: list[str]
    remote: list[str]
    action: str = "protect"
    protocol: str | None = None
    local_port: int | str | None = None
    remote_port: int | str | None = None
    icmp: str | None = None
    discover: bool | None = None
    respond: bool | None = None
    draft: bool | None = None
    on_failure: str | None = None
    first_packet: str | None = None
    authenticated: bool | None = None
    disclose: str | None = None
    askers: list[str] | None = None

    def toml(self) -> str:
        given = ((key.name, getattr(self, key.name)) for key in fields(self))
        return "[[rule]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in given if value is not None)

    def __str__(self) -> str:
        def side(networks: list[str], port: int | str | None) -> str:
            return ", ".join(networks) + (f" port {port}" if port is not None else "")
        return f"{self.action} {self.protocol or 'any'} {side(self.local, self.local_port)} -> {side(self.remote, self.remote_port)}"


@dataclass(frozen=True)
class Config:
    """What differs from one lab's gateway to the next."""

    addresses: list[str]
    rules: list[Rule]
    interfaces: list[str] = field(default_factory=lambda: ["wan"])
    psk: str = "one secret for all gateways of a lab"
    metrics: str | None = None
    shield: str | None = None
    readers: str | None = None
    certificates: Certificates | None = None     # instead of the secret
    discovery_keys: list[str] | None = None
    """What the key files of [discovery] hold."""
    require: bool | None = None
    sign: bool | None = None
    mode: str | None = None
    ike: list[str] | None = None
    esp: list[str] | None = None
    """Proposals, as of [ike]."""


class Tedd:
    """Not running until `start`."""

    def __init__(self, node: Node, folder: Path, config: Config, ike_uri: str) -> None:
        self.node = node
        self.folder = folder / f"{node.label}.tedd"
        self.folder.mkdir()
        self.file = self.folder / "tedd.toml"
        self.state = self.folder / "state"
        self.state.mkdir()
        self.program = BINARIES / "tedd"
        self._socket = self.folder / "tedd.sock"
        self._keys = self.folder
        self._log = self.folder / "tedd.log"
        self._ike_uri = ike_uri
        self.process: Process | None = None
        self._before: list[str] = []
        self._without = ""
        self.addresses = config.addresses
        self.write(config)

    def write(self, config: Config) -> None:
        """Writes the configuration file; a running daemon reads it at `reload`."""
        self.metrics = config.metrics
        more = "".join(f"{key} = {_toml(value)}\n" for key, value in (("mode", config.mode), ("metrics", config.metrics), ("shield", config.shield), ("readers", config.readers)) if value)
        self.file.write_text(
            f"[gateway]\naddresses = {_toml(config.addresses)}\ninterfaces = {_toml(config.interfaces)}\n"
            f"control = {_toml(str(self._socket))}\n{more}\n"
            + (f"[ike]\nsocket = {_toml(self._ike_uri)}\n{self._proposals(config)}{self._authentication(config)}\n" if config.mode != "observe" else "")
            + self._discovery(config) + "\n".join(rule.toml() for rule in config.rules))

    def write_documented(self, text: str, names: dict[str, str]) -> None:
        """A file as the documents have it, with this machine's `names` in the place of theirs and the lab's own sockets and secret."""
        own = {"[gateway]\n": f"[gateway]\ncontrol = {_toml(str(self._socket))}\n", "[ike]\n": f"[ike]\nsocket = {_toml(self._ike_uri)}\n",
               "/etc/opented/psk": str(self._keys / "psk")}
        self.file.write_text(documented.renamed(text, names | own))

    def _discovery(self, config: Config) -> str:
        """[discovery], or nothing."""
        files = [self._keys / f"discovery-{number}.key" for number in range(len(config.discovery_keys or []))]
        for file, key in zip(files, config.discovery_keys or [], strict=True):
            file.touch(mode=0o600)
            file.write_text(key + "\n")
        given = {"key_file": [str(file) for file in files] or None, "sign": config.sign, "require": config.require}
        lines = [f"{name} = {_toml(value)}\n" for name, value in given.items() if value is not None]
        return "[discovery]\n" + "".join(lines) + "\n" if lines else ""

    @staticmethod
    def _proposals(config: Config) -> str:
        return "".join(f"{key} = {_toml(value)}\n" for key, value in (("ike", config.ike), ("esp", config.esp)) if value)

    def _authentication(self, config: Config) -> str:
        """The rest of [ike], and every [[peer]]."""
        if config.certificates is None:
            psk = self._keys / "psk"
            psk.touch(mode=0o600)
            psk.write_text(config.psk + "\n")
            return f"auth = \"psk\"\npsk_file = {_toml(str(psk))}\n"
        given = config.certificates
        lines = ["auth = \"cert\"", f"cert = {_toml(str(given.cert))}", f"key = {_toml(str(given.key))}", f"ca = {_toml([str(one) for one in given.ca])}"]
        lines += [f"crl = {_toml([str(one) for one in given.crl])}"] if given.crl else []
        lines += [f"excess = {_toml(given.excess)}"] if given.excess else []
        for identity, prefixes in given.peers.items():
            lines += ["[[peer]]", f"identity = {_toml(identity)}", f"prefixes = {_toml(prefixes)}"]
        return "\n".join(lines) + "\n"

    def move(self, program: Path, etc: Path, state: Path, at_run: Path, ike_uri: str) -> None:
        """From its next `write` and start on it is that program, with its files in these folders."""
        self.program, self.file, self.state, self._ike_uri = program, etc / "tedd.toml", state, ike_uri
        self._keys, self._socket, self._log = etc, at_run / "tedd.sock", at_run / "tedd.log"

    def run_behind(self, *command: str) -> None:
        """From its next start on that command starts it, in place of what did."""
        self._before = [*command]

    def without(self, defence: str) -> None:
        """From its next start on it is tedd_without, which lacks that defence of without/defences.py; "": tedd again."""
        self._without = defence

    def shift_clock(self, seconds: int) -> None:
        """From its next start on its time of day is off by so much; 0: not any more. Its timers are right in any case."""
        library = self.folder / "shifted_clock.so"
        if not library.exists():
            run(["cc", "-shared", "-fPIC", "-o", str(library), str(Path(__file__).with_name("shifted_clock.c"))])
        self._before = ["env", f"LD_PRELOAD={library}", f"SHIFTED_CLOCK={seconds}"] if seconds else []

    def run_as(self, user: str, group: str, *capabilities: str, filtered: bool = False) -> None:
        """From its next start on it is that user, with these capabilities and no way to others; `filtered`: and behind the system call filters of its unit."""
        some = ",".join(f"+{one}" for one in capabilities)
        self._before = [*(UNIT_FILTER if filtered else []), "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs", f"--inh-caps=-all,{some}",
                        f"--ambient-caps=-all,{some}", f"--bounding-set=-all,{some}"]
        for path in [self.folder, *self.folder.iterdir()]:
            shutil.chown(path, user, group)
        for path in self.folder.parents:
            if path.name.startswith("opented-lab"):
                path.chmod(path.stat().st_mode | 0o011)

    def start(self, seconds: float = 15) -> None:
        """Returns when its control socket answers."""
        self.process = self._launched()
        wait_for(f"tedd on {self.node.name} to answer", self._answers, seconds, self.logs)

    def refused(self, seconds: float = 15) -> str:
        """What it says when it does not start."""
        process = self._launched()
        try:
            wait_for(f"tedd on {self.node.name} to end", lambda: not process.alive(), seconds, process.tail)
            if process.exit_status() == 0:
                raise LabFailure(f"tedd on {self.node.name} ended, and meant to\n{process.tail()}")
            return process.output()
        finally:
            process.stop()

    def checked(self) -> str:
        """What `tedd --check` says of the file, which is good."""
        return run([str(self.program), "--check", "--config", str(self.file)], namespace=self.node.namespace).stdout

    def _launched(self) -> Process:
        program = BINARIES / "tedd_without" if self._without else self.program
        command = [*self._before, str(program), "--config", str(self.file), "--state", str(self.state)]
        return Process(f"tedd on {self.node.name}", command, self._log, self.node.namespace, {"OPENTED_LAB_WITHOUT": self._without} if self._without else None)

    def _answers(self) -> bool:
        if self.process and not self.process.alive():
            raise LabFailure(f"tedd on {self.node.name} ended at its start\n{self.logs()}")
        return self.ctl("--json", "status", check=False).returncode == 0

    def running(self) -> bool:
        return self.process is not None and self.process.alive()

    def stop(self) -> int:
        """SIGTERM and its end. Returns the exit status."""
        return self.process.stop(signal.SIGTERM, 10) if self.process else 0

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        if self.process:
            self.process.stop(signal.SIGKILL)

    def release(self) -> None:
        """Takes the guard down while no daemon runs."""
        run([str(self.program), "--release", "--config", str(self.file)], namespace=self.node.namespace)

    def ctl(self, *arguments: str, check: bool = True, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """`before` is put in front of the command."""
        return run([*before, str(BINARIES / "tedctl"), "--socket", str(self._socket), *arguments], namespace=self.node.namespace, check=check)

    def ask(self, *command: str) -> Any:
        """A command's answer as JSON."""
        text = self.ctl("--json", *command).stdout
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise LabFailure(f"tedctl --json {' '.join(command)}: {error}\n{text}") from None

    def scrape(self) -> dict[str, float]:
        """What Prometheus would read, by series."""
        fetch = f"import urllib.request; print(urllib.request.urlopen('http://{self.metrics}/metrics', timeout=10).read().decode())"
        text = run(["/usr/bin/python3", "-c", fetch], namespace=self.node.namespace).stdout
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")}

    def why(self, flow: str) -> Any:
        """What tedctl why says of the flow; its exit status says the same as its verdict."""
        done = self.ctl("--json", "why", flow, check=False)
        found = json.loads(done.stdout) if done.stdout else None
        if not found or (done.returncode == 1) != (found["verdict"] == "failing"):
            raise LabFailure(f"tedctl why {flow}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return found

    def tunnel_selectors(self) -> list[selector.Selector]:
        """What tedd says its tunnels cover, from this gateway's side."""
        return sorted(selector.from_json(found) for tunnel in self.ask("tunnels") for found in tunnel["selectors"])

    def wait_tunnels(self, expected: list[selector.Selector], seconds: float = 8) -> None:
        """Waits until it says that its tunnels cover exactly this."""
        seen: list[selector.Selector] = []

        def same() -> bool:
            seen[:] = self.tunnel_selectors()
            return seen == sorted(expected)

        wait_for(f"tedctl tunnels on {self.node.name} to say {'; '.join(map(str, expected)) or 'nothing'}", same, seconds,
                 lambda: f"  last seen: {'; '.join(map(str, seen)) or 'none'}", every=0.1)

    def counter(self, name: str) -> int:
        return int(self.ask("counters")[name])

    def held_down(self, word: str = "") -> list[dict[str, Any]]:
        """The pending entries that are in hold-down and mention the word."""
        entries = self.ask("pending")
        return [entry for entry in entries if "hold" in json.dumps(entry).lower() and word in json.dumps(entry)]

    def log(self) -> str:
        return self.process.output() if self.process else ""

    def logs(self) -> str:
        return self.process.tail(40) if self.process else f"  tedd on {self.node.name}: never started"

"""A machine of its own (network, mounts, processes), and terminals in it into which blocks are typed.

Everything in it ends with it. With a tree, the machine's root is that folder: a Debian of its own.
"""
from __future__ import annotations

import os
import re
import selectors
import subprocess
import time
from pathlib import Path

DEADLINE = 180.0     # seconds for one block; installing packages takes the longest


class Machine:
    def __init__(self, binaries: Path | None = None, tree: Path | None = None) -> None:
        root = str(tree) if tree else ""
        prepare = [f"mount --bind {root} {root}"] if tree else []    # `ip netns` wants its root to be a mount
        prepare += [f"mount -t tmpfs tmpfs {root}/run", f"mount -t tmpfs tmpfs {root}/srv"]
        if tree:    # resolv.conf of the tree is mmdebstrap's copy of the host's
            prepare += [f"mount -t proc proc {root}/proc", f"mount -t sysfs sysfs {root}/sys", f"mount --rbind /dev {root}/dev"]
        self._path = ":".join([str(binaries)] * bool(binaries) + ["/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        self._tree, self._terminals = tree, []
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec",
             "; ".join([*prepare, "ip link set lo up", "echo ready", "cat"])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._keeper.stdin and self._keeper.stdout
        if self._keeper.stdout.readline() != "ready\n":
            raise RuntimeError("the machine cannot be made: unshare or mount failed (this needs root)")
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children").read_text().split()
        self._first = int(children[0])

    def terminal(self, title: str, network: bool = True) -> Terminal:
        """`network` false: in that of whoever runs the test, which has a way to Debian's mirror."""
        enter = ["nsenter", "-t", str(self._first), "--mount", "--pid", *["--net"] * network]
        inside = ["chroot", str(self._tree)] if self._tree else []
        environment = ["env", "-i", f"PATH={self._path}", "HOME=/root", "TERM=dumb", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        self._terminals.append(Terminal(title, [*enter, *inside, *environment, "bash"]))
        return self._terminals[-1]

    def end(self) -> None:
        for terminal in self._terminals:
            terminal.end()
        assert self._keeper.stdin
        self._keeper.stdin.close()    # cat ends, and with it every process of the machine
        self._keeper.wait()


class Terminal:
    """One bash, whose state (folder, variables, jobs, shells begun inside it) lasts from block to block as in front of a person."""

    def __init__(self, title: str, command: list[str]) -> None:
        self.title = title
        self._shell = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self._mark, self._typed = f"mark-{os.getpid()}-{id(self)}", 0

    def type(self, text: str) -> tuple[str, int, list[str]]:
        """What was printed, the status of the last command, and the commands of the block that failed."""
        assert self._shell.stdin
        self._typed += 1
        mark = f"{self._mark}-{self._typed}"
        trap = f"trap 'echo \"{mark} failed $BASH_COMMAND\"' ERR"
        # A new shell that the block begins reads what follows, the question for the status too.
        self._shell.stdin.write(f"{trap}\n{text}\nprintf '\\n{mark} ended %s\\n' $?\n".encode())
        said = self._until(re.compile(rf"^{mark} ended (\d+)$", re.M))
        status = int(re.findall(rf"^{mark} ended (\d+)$", said, re.M)[0])
        failed = re.findall(rf"^{mark} failed (.*)$", said, re.M)
        return "\n".join(line for line in said.split("\n") if not line.startswith(mark)), status, failed

    def _until(self, pattern: re.Pattern[str]) -> str:
        assert self._shell.stdout
        said, deadline = b"", time.monotonic() + DEADLINE
        with selectors.DefaultSelector() as ready:
            ready.register(self._shell.stdout, selectors.EVENT_READ)
            while not pattern.search(said.decode(errors="replace")):
                if not ready.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(f"{self.title}: not done after {DEADLINE:.0f} s; it said:\n{said.decode(errors='replace')}")
                more = os.read(self._shell.stdout.fileno(), 65536)
                if not more:
                    raise EOFError(f"{self.title}: the shell ended; it said:\n{said.decode(errors='replace')}")
                said += more
        return said.decode(errors="replace")

    def end(self) -> None:
        assert self._shell.stdin
        self._shell.stdin.close()
        self._shell.kill()
        self._shell.wait()

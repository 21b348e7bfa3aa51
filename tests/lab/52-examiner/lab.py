"""Certificates of others are read by a process without rights; tedd outlives its end, and does not wait for one that is stuck."""
import base64
import os
import re
import shutil
import signal
import time
from pathlib import Path

from lib import examiners, figure1, memory
from lib.charon import Dataplane
from lib.lab import Lab
from lib.pki import Authority
from lib.tedd import Config
from lib.traffic import Ping
from lib.wait import wait_for

PROVES = "strangers' certificates are read without any right, and what breaks in there costs tedd a moment"
DATAPLANES = (Dataplane.USERSPACE,)

USER, GROUP = "nobody", "nogroup"
NONE = "0" * 16


def status_of(pid: int) -> dict[str, str]:
    return dict(re.findall(r"^(\w+):\s*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE))


def private_parts(file: Path) -> tuple[bytes, bytes]:
    """The number that is the key of a file in PEM (P-256; RFC 5915 has it behind its version), and some of the file's text."""
    pem = file.read_text()
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    at = der.index(b"\x02\x01\x01\x04\x20") + 5
    return der[at:at + 32], pem.splitlines()[1][16:56].encode()


def run(lab: Lab) -> None:
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    for gateway, own, rules, given in ((figure.a, plan.a_wan, figure1.RULES_A, of_a), (figure.b, plan.b_wan, figure1.RULES_B, of_b)):
        gateway.charon.wait_ready()
        gateway.charon.regroup(GROUP)
        gateway.charon.wait_ready()
        for file in (given.cert, given.key, *given.ca):
            shutil.chown(file, USER, GROUP)
        gateway.tedd.write(Config([own], rules, certificates=given, sign=True))
        gateway.tedd.run_as(USER, GROUP, "net_admin", "net_raw")
        gateway.tedd.start()
    a, b = figure.a.tedd, figure.b.tedd
    assert a.process and b.process
    for tedd, name in ((a, "gwA"), (b, "gwB")):
        examiner = examiners.standing(tedd)
        found = status_of(examiner)
        lab.check({found[one] for one in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} <= {NONE, f"{1 << 12 | 1 << 13:016x}"} and found["CapPrm"] == found["CapEff"] == found["CapAmb"] == NONE
                  and found["NoNewPrivs"] == "1" and found["Seccomp"] == "2", f"what reads certificates on {name} holds no capability, gets none, and has a filter of system calls", str(found))

    scalar, text = private_parts(of_b.key)
    examiner = examiners.standing(b)
    lab.check(memory.copies(b.process.pid, scalar[::-1]) == 1, "the private key is in the memory of tedd once, as OpenSSL computes with it", str(memory.copies(b.process.pid, scalar[::-1])))
    lab.check(memory.copies(b.process.pid, scalar) == memory.copies(b.process.pid, text) == 0, "and nowhere as it was in the file, or went to charon", f"{memory.copies(b.process.pid, scalar)} and {memory.copies(b.process.pid, text)} times")
    lab.check(not any(memory.copies(examiner, what) for what in (scalar, scalar[::-1], text)), "what reads certificates has it in no form")

    def finds() -> bool:
        trace = a.ask("trace", plan.h2, "--from", plan.h1)
        return bool(trace["answered"] and trace["proof"] == "signature of gw-b.example")
    lab.check(finds(), "a trace is answered and proved")

    before = examiners.standing(b)
    os.kill(before, signal.SIGKILL)
    after = examiners.another(b, before)
    wait_for("it to have given up its rights", lambda: status_of(after)["CapPrm"] == NONE, 8)  # it was born a moment ago
    lab.check(finds(), "killed, another one is there and a trace is answered and proved")

    os.kill(after, signal.SIGSTOP)
    started = time.monotonic()
    trace = a.ask("trace", plan.h2, "--from", plan.h1)
    wait_for("a probe that nobody examined", lambda: b.counter("proofs_unexamined") > 0, 8, b.logs)
    lab.check(bool(trace["answered"]), "stopped, it keeps one probe from being examined, and the next one of the same discovery is answered", f"{trace} after {time.monotonic() - started:.1f} s")
    stopped = examiners.another(b, after)
    os.kill(stopped, signal.SIGSTOP)
    started = time.monotonic()
    for _ in range(20):
        b.ask("status")
    took = time.monotonic() - started
    lab.check(took < 5, "while it is stopped tedd answers its control socket", f"{took:.1f} s for 20 requests")
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    lab.check("TED-EXAMINER" in b.logs(), "the log says each time that one was lost")
    for tedd in (a, b):
        examiner = examiners.standing(tedd)
        status = tedd.stop()
        lab.check(status == 0 and not Path(f"/proc/{examiner}").exists(), "it ends in order, and the process that examines with it")

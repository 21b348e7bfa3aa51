"""tedd as a user of its own, with two capabilities and nothing else: the whole job, and what it cannot do."""
import re
from pathlib import Path

from lib import figure1, memory
from lib.charon import Dataplane
from lib.lab import Lab
from lib.process import run as run_command
from lib.tedd import UNIT_FILTER, Config, Rule, Tedd
from lib.traffic import Ping

PROVES = "tedd does all of its work as another user than root, with CAP_NET_ADMIN and CAP_NET_RAW alone"
DATAPLANES = (Dataplane.USERSPACE,)

USER, GROUP = "nobody", "nogroup"
NONE = "0" * 16
# So long that the heap does not give its place to something else at once.
SECRET = " ".join(f"{number:x}" for number in range(1000, 1600))


def status_of(pid: int | str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+):\s*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE))


def threads_of(pid: int) -> list[dict[str, str]]:
    return [status_of(f"{pid}/task/{thread.name}") for thread in Path(f"/proc/{pid}/task").iterdir()]


def configured(addresses: list[str], rules: list[Rule], shield: str | None = None) -> Config:
    return Config(addresses, rules, psk=SECRET, shield=shield)


def secrets(tedd: Tedd) -> int:
    assert tedd.process
    # Some of its middle: the heap writes over the beginning of what is given back to it.
    return memory.copies(tedd.process.pid, SECRET[1000:1050].encode())


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    plan = figure.plan
    for gateway in (figure.a, figure.b):
        gateway.charon.wait_ready()
        gateway.charon.regroup(GROUP)
        gateway.charon.wait_ready()
        gateway.tedd.write(configured(gateway.tedd.addresses, figure1.RULES_A if gateway is figure.a else figure1.RULES_B))
        gateway.tedd.run_as(USER, GROUP, "net_admin", "net_raw", filtered=True)
        gateway.tedd.start()
    for gateway in (figure.a, figure.b):
        assert gateway.tedd.process
        found = status_of(gateway.tedd.process.pid)
        lab.check(set(found["Uid"].split()) == {"65534"} and found["CapPrm"] == found["CapBnd"] == f"{1 << 12 | 1 << 13:016x}" and found["NoNewPrivs"] == "1",
                  f"tedd on {gateway.node.label} is not root, has two capabilities, and no way to more", str(found))
        lab.check(all(status["CapEff"] == NONE for status in threads_of(gateway.tedd.process.pid)), f"none of them is in effect while tedd on {gateway.node.label} waits")
    filtered = {status["Seccomp"] for gateway in (figure.a, figure.b) for status in threads_of(gateway.tedd.process.pid)}
    lab.check(filtered == {"2"}, "they run behind the filters of system calls that their unit has", str(filtered))
    lab.check(run_command([*UNIT_FILTER, "unshare", "--mount", "true"], check=False).returncode != 0 and run_command([*UNIT_FILTER, "true"], check=False).returncode == 0,
              "which let nobody make a namespace")
    lab.check(run_command(["unshare", "--mount", "true"], check=False).returncode == 0, "without them the same command makes one")
    lab.cross(Ping(figure.h1, plan.h2), "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)
    figure1.check_wire(lab, figure.middle.flush(), plan.near, plan.far)
    figure.a.tedd.ctl("reload")
    trace = figure.a.tedd.ask("trace", plan.h2, "--from", plan.h1)
    lab.check(secrets(figure.a.tedd) == secrets(figure.b.tedd) == 1, "after a reload at one of them the shared secret is in each one's memory once", f"{secrets(figure.a.tedd)} and {secrets(figure.b.tedd)} times")
    lab.check(trace["answered"] and figure.a.tedd.ask("status")["tunnels"] == 1, "it reloads, and a trace is answered")
    figure.a.tedd.kill()
    figure.a.tedd.start()
    lab.cross(Ping(figure.h1, plan.h2), "a ping after kill -9")
    figure.a.tedd.wait_tunnels([figure.agreed])
    lab.say("killed, it finds its tunnel again")
    figure.b.tedd.stop()
    figure.b.tedd.write(configured([plan.b_wan], figure1.RULES_B, shield="generic"))
    figure.b.tedd.run_as(USER, GROUP, "net_admin", "net_raw", "bpf")
    figure.b.tedd.start()
    shield = figure.b.tedd.ask("status")["shield"]
    lab.check(shield == {"wan": "generic"}, "with CAP_BPF beside them its shield stands", str(shield))
    lab.check(figure.a.tedd.ctl("release", check=False).returncode == 0, "root may release its guard")
    status = figure.a.tedd.stop()
    lab.check(status == 0 and not [name for name in figure.a.charon.connections() if name.startswith("opented")], "it ends in order, and leaves nothing in charon")

"""The packaged unit under a real systemd: when the guard stands, what it survives, and that the sandbox lets tedd work."""
import json

from lib import figure1
from lib.booted import Boot
from lib.capture import in_the_clear
from lib.charon import Dataplane
from lib.figure1 import Figure1
from lib.lab import Lab
from lib.process import run as run_program
from lib.steady import Steady

PROVES = "booted by systemd from its own unit, tedd has the guard in place before an interface comes up, and it stays through kill -9, reload, a bad configuration and stop"
DATAPLANES = (Dataplane.USERSPACE,)
NEEDS = ("binaries", "systemd")

CONFIG = """[gateway]
addresses = ["{a_wan}"]
interfaces = ["wan"]
[ike]
psk_file = "psk"
[[rule]]
name = "branches"
action = "protect"
local = ["10.1.0.0/16"]
remote = ["10.0.0.0/8"]
"""
# As ifupdown and networkd order themselves. Traffic is waiting on the other side of the interfaces.
NETWORK = """[Unit]
DefaultDependencies=no
After=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash -c 'nft list table inet opented >/dev/null 2>&1 && guard=stands || guard=missing; echo "guard $guard" >>/told/1-order.txt; \\
  ip link set lo up; ip link set lan up; ip link set wan up; ip route replace default via {b_wan}'
"""
STORY = """[Unit]
DefaultDependencies=no
Requires=network.service
After=network.service
[Service]
Type=oneshot
ExecStart=/bin/bash /etc/story
StandardOutput=append:/told/2-story.txt
StandardError=append:/told/3-errors.txt
ExecStopPost=/bin/systemctl --no-block exit 0
"""
WITHOUT = "for i in $(seq 20); do sleep 0.1; done\n"
WITH = r"""
guard() { nft list table inet opented >/dev/null 2>&1 && echo stands || echo missing; }
of() { systemctl show tedd --property "$1" --value; }
until_is() { for i in $(seq 100); do [ "$(of "$1")" = "$2" ] && return; sleep 0.1; done; }
echo "started $(of ActiveState) $(of User) $(of NotifyAccess) $(of WatchdogUSec) $(of NRestarts)"
tedctl --json status >/told/status.json
echo "status $?"
kill -9 "$(of MainPID)"
until_is ActiveState activating; echo "killed, guard $(guard)"
until_is ActiveState active; echo "again $(of ActiveState) restarts $(of NRestarts), guard $(guard)"
systemctl reload tedd; echo "reload $?, guard $(guard)"
cp /etc/opented/tedd.toml /etc/opented/good; echo 'rules = 7' >>/etc/opented/tedd.toml
systemctl restart tedd; echo "bad configuration $(of ActiveState) $(of ExecMainStatus) restarts $(of NRestarts), guard $(guard)"
ip link set wan down; nft delete table inet opented; systemctl reset-failed tedd
systemctl restart tedd; echo "after a reboot with it $(of ActiveState) $(of ExecMainStatus), guard $(guard)"
ip link set wan up; ip route replace default via B_WAN
cp /etc/opented/good /etc/opented/tedd.toml
systemctl reset-failed tedd; systemctl restart tedd; echo "mended $(of ActiveState)"
systemctl stop tedd; echo "stopped $(of ActiveState) $(of ExecMainStatus), guard $(guard)"
"""


def boot(lab: Lab, figure: Figure1, name: str, story: str, wants: str) -> str:
    """gwA's interfaces are down until systemd brings them up, and h1 pings h2 all the time."""
    run_program(["ip", "-batch", "-"], namespace=figure.a.node.namespace, text="link set lan down\nlink set wan down\n")
    folder = lab.folder / name
    folder.mkdir()
    machine = Boot(figure.a.node, folder, {
        "lab.target": f"[Unit]\nDefaultDependencies=no\nRequires=story.service {wants}\n",
        "network.service": NETWORK.replace("{b_wan}", figure.plan.b_wan), "story.service": STORY},
        {"story": story.replace("B_WAN", figure.plan.b_wan), "opented/tedd.toml": CONFIG.replace("{a_wan}", figure.plan.a_wan), "opented/psk": "one secret for all gateways\n"})
    pings = Steady(figure.h1, figure.plan.h2, 0.02)
    pings.start()
    try:
        return machine.run(60)
    finally:
        pings.end()


def clear(figure: Figure1) -> int:
    return len(in_the_clear(figure.middle.flush(), figure.plan.near, figure.plan.far))


def run(lab: Lab) -> None:
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B)
    told = boot(lab, figure, "guarded", WITH, "tedd.service")
    lines = told.splitlines()

    def says(line: str, claim: str) -> None:
        lab.check(line in lines, claim, told)

    says("guard stands", "the guard stands when the first interface comes up, and no charon is there")
    says("started active _opented main 30s 0", "tedd said that it is ready, as a user of its own, and its watchdog is set")
    says("status 0", "tedctl is answered")
    status = json.loads((lab.folder / "guarded/told/status.json").read_text())
    lab.check(status["guard"] == "in force", "status says that the guard is in force", str(status))
    says("killed, guard stands", "killed, the guard stays")
    says("again active restarts 1, guard stands", "systemd starts it again")
    says("reload 0, guard stands", "it reloads")
    says("bad configuration failed 78 restarts 0, guard stands", "a configuration that is refused ends it with 78, and systemd does not try again")
    says("after a reboot with it failed 78, guard stands", "when no guard is left either, the last good one stands in")
    says("mended active", "mended, it starts")
    says("stopped inactive 0, guard stands", "stopped, it ends in order, and the guard stays")
    lab.check(clear(figure) == 0, "not one packet of what h1 sends all the time crossed the wire", str(clear(figure)))
    run_program(["nft", "flush", "ruleset"], namespace=figure.a.node.namespace)
    told = boot(lab, figure, "open", WITHOUT, "")
    lab.check("guard missing" in told and clear(figure) > 0, "the same boot without the unit lets them pass: the capture sees them", told)

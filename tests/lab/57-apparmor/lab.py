"""tedd under the AppArmor profile of its package, in enforce mode: all of its work, and none of what it has no business with."""
import json
import os
import signal
from dataclasses import replace

from lib import apparmor, examiners, figure1
from lib.charon import Dataplane
from lib.lab import Lab
from lib.pki import Authority
from lib.process import run as run_program
from lib.tedd import Config
from lib.traffic import Ping, answered
from lib.wait import wait_for

PROVES = "under the AppArmor profile that is shipped tedd does all of its work, and may do nothing else"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ("binaries", "xdp", "apparmor")

USER, GROUP = "nobody", "nogroup"
RIGHTS = ("net_admin", "net_raw", "bpf", "perfmon")
METRICS = "127.0.0.1:9437"
CONFINED = ("aa-exec", "-p", "tedd", "--")
SECRETS = ("/etc/shadow", "/etc/gshadow")
DENIED_WRITING = "nor write its own configuration"


def run(lab: Lab) -> None:
    lab.enter(apparmor.installed())
    lab.check(apparmor.loaded() == "tedd (enforce)", "the kernel has the profile, and enforces it", apparmor.loaded())
    denied_before = apparmor.denials()
    authority = Authority(lab.folder, "Example CA", ["10.0.0.0/8"])
    plan = figure1.PLAIN
    of_a = authority.gateway("gw-a.example", plan.a_wan, ["10.1.0.0/16"])
    of_b = authority.gateway("gw-b.example", plan.b_wan, ["10.2.0.0/16"])
    figure = figure1.build(lab, figure1.RULES_A, figure1.RULES_B, certificates=(of_a, of_b))
    a, b = figure.a.tedd, figure.b.tedd
    figure.a.charon.wait_ready()
    figure.a.charon.regroup(GROUP)
    for gateway in (figure.a, figure.b):
        gateway.charon.wait_ready()
    apparmor.move(a, "gwA", figure.a.charon.uri, USER, GROUP, RIGHTS)
    apparmor.move(b, "gwB", figure.b.charon.uri)
    config_a = Config([plan.a_wan], figure1.RULES_A, certificates=apparmor.bring(a, of_a), sign=True, metrics=METRICS, shield="generic", readers=GROUP)
    config_b = Config([plan.b_wan], figure1.RULES_B, certificates=apparmor.bring(b, of_b), sign=True)
    a.write(config_a)
    apparmor.give(a, USER, GROUP)
    b.write(config_b)
    for tedd, who in ((a, "gwA, as a user with four capabilities,"), (b, "gwB, as root,")):
        tedd.start()
        assert tedd.process
        pids = (tedd.process.pid, examiners.standing(tedd))
        lab.check({apparmor.profile_of(pid) for pid in pids} == {"tedd (enforce)"}, f"{who} starts, and is confined with the process that examines for it", str([apparmor.profile_of(pid) for pid in pids]))

    ping = Ping(figure.h1, plan.h2)
    lab.cross(ping, "a ping from h1 to h2")
    figure1.check_tunnel(lab, figure, figure.agreed)

    def finds() -> bool:
        trace = json.loads(a.ctl("--json", "trace", plan.h2, "--from", plan.h1, check=False).stdout)
        return bool(trace["answered"] and trace["proof"] == "signature of gw-b.example")
    lab.check(finds(), "a trace is answered and proved")
    for tedd in (a, b):
        before = examiners.standing(tedd)
        os.kill(before, signal.SIGKILL)
        after = examiners.another(tedd, before)
        lab.check(apparmor.profile_of(after) == "tedd (enforce)", "the process that examines is killed, and another one is there, confined as well")
    wait_for("a trace that is proved", finds, 8, a.logs)
    lab.say("a trace is answered and proved again")
    lab.check(a.ask("status")["shield"]["wan"] == "generic", "the shield stands")
    lab.check(a.scrape()["opented_tunnels"] == 1, "metrics are read")
    for tedd in (a, b):
        tedd.ctl("reload")
    lab.check(answered(ping, 5) == 5, "both reload, and 5 of 5 pings cross")
    lab.check(a.why(f"icmp {plan.h1}:8 > {plan.h2}:0")["verdict"] == "protected", "tedctl why says that the flow is protected")
    for tedd in (a, b):
        tedd.kill()
        tedd.start()
        tedd.wait_tunnels([figure.agreed if tedd is a else figure.agreed.mirrored()])
    lab.say("killed, they start again and find their tunnel")
    lab.check([tedd.stop() for tedd in (a, b)] == [0, 0], "they end in order")

    for tedd, config, name in ((a, config_a, "gwA"), (b, config_b, "gwB")):
        tedd.release()
        tedd.write(replace(config, mode="observe", sign=None, shield=None))
        tedd.start()
    lab.check(answered(ping, 5) == 5, "they observe, and 5 of 5 pings cross")
    wait_for("gwA to know what would protect them", lambda: [one for one in a.ask("observe") if one["finding"] == "would_protect"], 8, a.logs)
    lab.say("gwA says who would protect them")
    lab.check([tedd.stop() for tedd in (a, b)] == [0, 0], "they end in order")

    denied = apparmor.denials()[len(denied_before):]
    lab.check(not denied, "in all of that the kernel denied nothing", "\n".join(denied))
    for what in SECRETS:
        check_reading(lab, what, *CONFINED)
    check_writing(lab, *CONFINED)
    lab.fails("the profile", denied_reading(SECRETS[0]), lambda: check_reading(lab, SECRETS[0]))
    lab.fails("the profile", DENIED_WRITING, lambda: check_writing(lab))


def denied_reading(what: str) -> str:
    return f"root under that profile may not read {what}, and the kernel's log says so"


def check_reading(lab: Lab, what: str, *before: str) -> None:
    """`before` is put in front of the command."""
    tried = run_program([*before, "cat", what], check=False)
    last = apparmor.denials()[-1:]
    lab.check(tried.returncode != 0 and "Permission denied" in tried.stderr and bool(last) and f'name="{what}"' in last[0], denied_reading(what),
              f"status {tried.returncode} {tried.stderr} {last}")


def check_writing(lab: Lab, *before: str) -> None:
    written = run_program([*before, "sh", "-c", "echo > /etc/opented/tedd.toml"], check=False)
    lab.check(written.returncode != 0, DENIED_WRITING, str(written))

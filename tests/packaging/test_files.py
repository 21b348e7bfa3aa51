#!/usr/bin/env python3
"""What is packaged says what the programs do: manual pages, completions, the configuration that is installed, the unit, the profile, alerts and dashboard.
Prints one line for each test.

    tests/packaging/test_files.py
"""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lines import Tests, run_tests

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BINARIES = Path(os.environ.get("OPENTED_BIN", ROOT / "out/release/bin"))


def _run(*command: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, input=text, check=False)


def _help(*words: str) -> str:
    return _run(BINARIES / "tedctl", *words, "--help").stdout


def _commands(*above: str) -> list[str]:
    """Those of tedctl; those of one that has some of its own are written behind it, `pki ca`."""
    sections = _help(*above).split("Subcommands:")
    names = re.findall(r"^  ([a-z]+) ", sections[1], re.M) if len(sections) > 1 else []
    deeper = [] if above else [f"{name} {below}" for name in names for below in _commands(name)]
    return names + deeper


def _options(command: str = "") -> list[str]:
    return sorted(set(re.findall(r"(?<![\w-])--[a-z-]+", _help(*command.split()).split("Subcommands:")[0])))


def manual_pages_are_well_formed() -> list[str]:
    return [line for page in sorted((PACKAGING / "man").iterdir())
            for line in _run("mandoc", "-T", "lint", "-W", "warning", page).stdout.splitlines() if "Mdocdate" not in line]


def manual_names_every_command_and_option() -> list[str]:
    page = (PACKAGING / "man/tedctl.1").read_text().replace("\\", "")
    lacks = [command for command in _commands() if not re.search(rf"^\.It Cm {command}\b", page, re.M)]
    return lacks + [option for command in ["", *_commands()] for option in _options(command) if f"Fl {option[1:]}" not in page]


def manual_names_every_key() -> list[str]:
    """The keys are those of the tables in docs/configuration.md that the reader in src/config has, too."""
    page = (PACKAGING / "man/tedd.toml.5").read_text()
    documented = (ROOT / "docs/configuration.md").read_text().split("## [gateway]")[1].split("### Addresses")[0]
    keys = {key for line in re.findall(r"^\| (`.*?) \|", documented, re.M) for key in re.findall(r"`([a-z_]+)`", line)}
    keys = {key for key in keys if re.search(rf'"{key}"', "".join(p.read_text() for p in (ROOT / "src/config").glob("*.cpp")))}
    if len(keys) < 20:
        return [f"only {len(keys)} keys found, this test reads them wrongly"]
    return [key for key in sorted(keys) if not re.search(rf"^\.It Cm (.* )?{key}\b", page, re.M)]


def completions_know_every_command_and_option() -> list[str]:
    lacks = []
    for name in ("tedctl.bash", "_tedctl", "tedctl.fish"):
        text = (PACKAGING / "completion" / name).read_text()
        lacks += [f"{name}: {command}" for command in _commands() if not re.search(rf"\b{command.split()[-1]}\b", text)]
        for command in ["", *_commands()]:
            lacks += [f"{name}: {option}" for option in _options(command) if option not in text and f"-l {option[2:]}" not in text]
    return lacks


def _by_bash(line: str) -> list[str]:
    *words, last = line.split(" ")
    given = " ".join([*words, last or "''"])
    return _run("bash", "-c", f"source '{PACKAGING}/completion/tedctl.bash'; COMP_WORDS=({given}); COMP_CWORD={len(words)}; _tedctl; "
                "printf '%s\\n' \"${COMPREPLY[@]}\"").stdout.split()


def _by_zsh(line: str) -> list[str]:
    return _run("timeout", "60", "zsh", "-f", ROOT / "tests/packaging/completions.zsh", PACKAGING / "completion", line).stdout.split()


def _by_fish(line: str) -> list[str]:
    with tempfile.TemporaryDirectory() as home:
        offered = _run("env", f"HOME={home}", f"XDG_CONFIG_HOME={home}", f"XDG_DATA_HOME={home}", "fish", "--no-config", "-c",
                       f"source '{PACKAGING}/completion/tedctl.fish'; complete -C '{line}'").stdout
    return [one.split("\t")[0] for one in offered.splitlines()]


def _completes(offered: Callable[[str], list[str]]) -> list[str]:
    """What a shell offers, by the shell itself: commands, the rest of a word, values, and all options of each command."""
    commands = {one for one in _commands() if " " not in one}
    wrong = [] if commands == set(offered("tedctl ")) - {"--json", "--socket", "--version", "--help", "-h"} else [f"commands: {offered('tedctl ')}"]
    for line, wanted in (("tedctl exp", ["explain"]), ("tedctl --socket x tra", ["trace"]), ("tedctl --json pki s", ["show"]), ("tedctl nonsens", []),
                         ("tedctl explain --dataplane k", ["kernel"]), ("tedctl import --format s", ["swanctl"]),
                         ("tedctl trace --p", ["--port", "--proto"])):
        if sorted(offered(line)) != wanted:
            wrong.append(f"{line}: {offered(line)}, not {wanted}")
    for command in _commands():
        own = set(_options(command)) - {"--help", "--json", "--socket", "--version"}
        if own and (lacks := own - set(offered(f"tedctl {command} --"))):
            wrong.append(f"tedctl {command} --: lacks {sorted(lacks)}")
    return wrong


def bash_completes() -> list[str]:
    return _completes(_by_bash)


def zsh_completes() -> list[str]:
    return _completes(_by_zsh)


def fish_completes() -> list[str]:
    return _completes(_by_fish)


def installed_configuration_says_what_to_fill_in() -> list[str]:
    text = (PACKAGING / "etc/tedd.toml").read_text()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tedd.toml"
        path.write_text(text)
        empty = _run(BINARIES / "tedctl", "check", path)
        filled = text.replace("= []              # FILL IN: this", '= ["192.0.2.1"]   # this').replace("= []              # FILL IN: the", '= ["wan0"]  # the')
        path.write_text(re.sub(r"^# (\[\[rule\]\]|name |action |local |remote )", r"\1", filled, flags=re.M))
        good = _run(BINARIES / "tedctl", "--json", "check", path)
    wrong = []
    if empty.returncode != 1 or "addresses" not in empty.stdout + empty.stderr:
        wrong.append(f"as it is: {empty.returncode} {empty.stdout}{empty.stderr}")
    if good.returncode != 0 or '"warnings":[]' not in good.stdout.replace(" ", ""):
        wrong.append(f"filled in: {good.returncode} {good.stdout}{good.stderr}")
    return wrong


def unit_is_valid() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "tedd.service"
        unit.write_text((PACKAGING / "systemd/tedd.service").read_text().replace("/usr/sbin/tedd", "/bin/true"))
        return [line for line in _run("systemd-analyze", "verify", "--man=no", unit).stderr.splitlines() if "tedd" in line]


def profile_is_valid() -> list[str]:
    done = _run("apparmor_parser", "--skip-kernel-load", "--skip-cache", PACKAGING / "apparmor/usr.sbin.tedd")
    return [] if done.returncode == 0 else [done.stderr]


def _exported() -> set[str]:
    """Every series that tedd may export: the table of docs/metrics.md, which a unit test holds to the code."""
    names = set()
    for name, kind in re.findall(r"^\| `(opented_\w+)` \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.M):
        names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def _expressions() -> list[tuple[str, str]]:
    """Where, and what is asked of Prometheus there."""
    alerts = (PACKAGING / "monitoring/opented-alerts.yml").read_text()
    asked = re.findall(r"^ {6}- alert: (\w+)\n {8}expr: (.*?)(?=^ {8}\w)", alerts, re.M | re.S)
    board = json.loads((PACKAGING / "monitoring/opented-dashboard.json").read_text())
    asked += [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel["targets"]]
    return asked + [(variable["name"], variable["definition"]) for variable in board["templating"]["list"] if "definition" in variable]


def monitoring_names_what_is_exported() -> list[str]:
    exported, asked = _exported(), _expressions()
    if len(exported) < 80 or len(asked) < 45:
        return [f"{len(exported)} metrics and {len(asked)} expressions found, this test reads them wrongly"]
    wrong = [f"{where}: {name} is no metric of tedd" for where, text in asked for name in re.findall(r"opented_\w+", text) if name not in exported]
    return wrong + [f"{where}: names no metric" for where, text in asked if not re.search(r"opented_\w+|\bup\{job=\"opented\"", text)]


def monitoring_takes_rates_of_what_counts() -> list[str]:
    """A rate of a gauge is nonsense, and a counter's own value says nothing but how long tedd runs."""
    kinds = dict(re.findall(r"^\| `(opented_\w+)` \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.M))
    wrong = []
    for where, text in _expressions():
        rated = set(re.findall(r"(?:rate|increase)\((opented_\w+)", text))
        named = set(re.findall(r"opented_\w+", text))
        wrong += [f"{where}: a rate of the gauge {name}" for name in rated if kinds.get(name) == "gauge"]
        wrong += [f"{where}: the counter {name} without a rate" for name in named - rated if kinds.get(name) == "counter"]
    return wrong


def dashboard_is_whole() -> list[str]:
    panels = json.loads((PACKAGING / "monitoring/opented-dashboard.json").read_text())["panels"]
    wrong = ["two panels have one id"] if len({panel["id"] for panel in panels}) != len(panels) else []
    cells: dict[tuple[int, int], str] = {}
    for panel in panels:
        at = panel["gridPos"]
        wrong += [f"{panel['title']}: no description"] if not panel["description"] else []
        wrong += [f"{panel['title']}: beyond the 24 columns"] if at["x"] + at["w"] > 24 else []
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            wrong += [f"{panel['title']} lies on {cells[cell]}"] if cell in cells else []
            cells[cell] = panel["title"]
    return wrong


def _datasources(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from [value["datasource"]] if "datasource" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _datasources(one)


# Of the dashboard that schemaVersion 36 stands for, Grafana 9.0: what Grafana mends silently on import, or shows as an empty panel.
_TOP = {"title": str, "uid": str, "tags": list, "panels": list, "time": dict, "timepicker": dict, "templating": dict, "annotations": dict, "refresh": str,
        "editable": bool, "links": list, "version": int, "timezone": str}
_PANEL = {"id": int, "type": str, "title": str, "datasource": dict, "gridPos": dict, "fieldConfig": dict, "targets": list, "options": dict}


def dashboard_is_of_its_schema() -> list[str]:
    board = json.loads((PACKAGING / "monitoring/opented-dashboard.json").read_text())
    wrong = [f"schemaVersion {board['schemaVersion']}: this test knows 36"] if board["schemaVersion"] != 36 else []
    wrong += [f"{key} is no {kind.__name__}" for key, kind in _TOP.items() if not isinstance(board.get(key), kind)]
    wrong += ["id is a server's, null before"] if board["id"] is not None else []
    wrong += ["uid has 8 to 40 characters"] if not 8 <= len(board["uid"]) <= 40 else []
    wrong += ["graphTooltip is 0, 1 or 2"] if board["graphTooltip"] not in (0, 1, 2) else []
    variables = {one["name"] for one in board["templating"]["list"]}
    built_in = {"type": "grafana", "uid": "-- Grafana --"}
    wrong += [f"no data source: {one}" for one in _datasources(board) if one not in (built_in, {"type": "prometheus", "uid": "${datasource}"})]
    for name in set(re.findall(r"\$\{?(\w+)", json.dumps([board["panels"], board["templating"]]))) - variables:
        wrong += [f"${name} is no variable"] if not name.startswith("__") else []
    required = {one["id"] for one in board["__requires"] if one["type"] == "panel"}
    for panel in board["panels"]:
        wrong += [f"{panel.get('title')}: {key} is no {kind.__name__}" for key, kind in _PANEL.items() if not isinstance(panel.get(key), kind)]
        wrong += [f"{panel['title']}: __requires has no panel {panel['type']}"] if panel["type"] not in required else []
        wrong += [f"{panel['title']}: its queries share a refId"] if len({one["refId"] for one in panel["targets"]}) != len(panel["targets"]) else []
        wrong += [f"{panel['title']}: gridPos"] if set(panel["gridPos"]) != {"x", "y", "w", "h"} or min(panel["gridPos"].values()) < 0 else []
        steps = panel["fieldConfig"]["defaults"].get("thresholds", {"steps": [{"value": None}]})["steps"]
        wrong += [f"{panel['title']}: the first threshold is -infinity, null"] if steps[0]["value"] is not None else []
    return wrong


def alerts_fire_and_keep_silent() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PACKAGING / "monitoring/opented-alerts.yml", folder)
        shutil.copy(ROOT / "tests/packaging/alerts_test.yml", folder)
        done = [_run("promtool", "check", "rules", Path(folder) / "opented-alerts.yml"), _run("promtool", "test", "rules", Path(folder) / "alerts_test.yml")]
    tested = (ROOT / "tests/packaging/alerts_test.yml").read_text()
    wrong = [f"{where}: no test fires it" for where, _ in _expressions() if where.startswith("OpenTED") and f'"{where}"' not in tested]
    return wrong + [one.stdout + one.stderr for one in done if one.returncode]


TESTS: Tests = (
    (manual_pages_are_well_formed, "mandoc"), (manual_names_every_command_and_option, ""), (manual_names_every_key, ""),
    (completions_know_every_command_and_option, ""), (bash_completes, "bash"), (zsh_completes, "zsh"), (fish_completes, "fish"),
    (installed_configuration_says_what_to_fill_in, ""),
    (unit_is_valid, "systemd-analyze"), (profile_is_valid, "apparmor_parser"),
    (monitoring_names_what_is_exported, ""), (monitoring_takes_rates_of_what_counts, ""), (dashboard_is_whole, ""), (dashboard_is_of_its_schema, ""), (alerts_fire_and_keep_silent, "promtool"))


if __name__ == "__main__":
    sys.exit(run_tests(TESTS))

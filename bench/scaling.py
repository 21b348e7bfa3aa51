#!/usr/bin/python3
"""What one flow costs in tedsim as the mesh grows, measured and drawn.

Worlds of up to 300 gateways are run seven times, and the run with the median of processor time counts.

python3 bench/scaling.py run [GATEWAYS…] > docs/scaling.jsonl     runs out/release/bin/tedsim at each size, one JSON object a line
python3 bench/scaling.py draw < docs/scaling.jsonl > docs/scaling.svg
"""
import json
import math
import re
import subprocess
import sys

SIZES = [100, 300, 1000, 3000, 10000]
SMALL, REPEATS = 300, 7
TEDSIM = "out/release/bin/tedsim"
TEDBENCH = "out/release/bin/tedbench"
# Gray is read on white and on black; the colours are told apart on either, and by those who see no red.
STYLE = """text { font: 13px sans-serif; fill: #777 } .title { font-size: 14px; font-weight: bold }
.grid { stroke: #8884; fill: none } .goal { stroke: #c60; stroke-dasharray: 6 4; fill: none } .goal-text { fill: #c60 }
.line { stroke: #38d; stroke-width: 2; fill: none } .dot { fill: #38d }"""
WIDTH, HEIGHT, LEFT, TOP, PANEL = 960, 300, 55, 50, 240


def run_once(gateways):
    """One world, as docs/performance.md says."""
    command = [TEDSIM, "--gateways", str(gateways), "--hosts", str(100 * gateways), "--flows", str(100 * gateways),
               "--within", "20", "--time", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = re.search(r"([\d.]+) s of processor time \(([\d.]+) s passed\), (\d+) MiB at most", done.stderr)
    report = json.loads(done.stdout)
    return {"gateways": gateways, "flows": 100 * gateways, "processor_s": float(said[1]), "passed_s": float(said[2]),
            "mib": int(said[3]), "engine_events": report["engine_events"], "tunnels": report["tunnels_standing"]}


def measure(gateways):
    """The world at that size; and what one load takes out of as much memory as it needs."""
    runs = [run_once(gateways) for _ in range(REPEATS if gateways <= SMALL else 1)]
    median = sorted(runs, key=lambda run: run["processor_s"])[len(runs) // 2]
    load = subprocess.run([TEDBENCH, "chase", str(median["mib"])], capture_output=True, text=True, check=True).stdout
    return median | {"load_ns": float(load)}


def nice_top(value):
    """The next round number that is not below it."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def panel(left, title, points, goal=None):
    """Points over gateways, on a logarithmic axis."""
    xs = [math.log10(x) for x, _ in points]
    top = nice_top(max([y for _, y in points] + ([goal[0]] if goal else [])))

    def place(x, y):
        return left + (math.log10(x) - xs[0]) / (xs[-1] - xs[0]) * PANEL, TOP + PANEL * 0.8 * (1 - y / top)

    out = [f'<text class="title" x="{left}" y="{TOP - 18}">{title}</text>']
    for part in range(5):
        x, y = place(points[0][0], top * part / 4)
        out.append(f'<path class="grid" d="M{x:.1f} {y:.1f}h{PANEL}"/>')
        out.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{top * part / 4:g}</text>')
    for gateways, _ in points:
        x, y = place(gateways, 0)
        out.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{gateways}</text>')
    if goal:
        x, y = place(points[0][0], goal[0])
        out.append(f'<path class="goal" d="M{x:.1f} {y:.1f}h{PANEL}"/>')
        out.append(f'<text class="goal-text" x="{x + PANEL:.1f}" y="{y + 16:.1f}" text-anchor="end">{goal[1]}</text>')
    path = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(place(*p) for p in points))
    out.append(f'<path class="line" d="{path}"/>')
    out += [f'<circle class="dot" cx="{place(*p)[0]:.1f}" cy="{place(*p)[1]:.1f}" r="3.5"/>' for p in points]
    return "\n".join(out)


def draw(rows):
    """The three curves side by side."""
    def over(value):
        return [(row["gateways"], value(row)) for row in rows]

    def per_flow(row):
        return row["processor_s"] / row["flows"] * 1e6

    panels = [("µs of processor time a flow", over(per_flow), (2 * per_flow(rows[0]), "twice that at the left")),
              ("thousand engine events a second", over(lambda row: row["engine_events"] / row["processor_s"] / 1e3),
               (500, "goal")),
              ("MiB at most", over(lambda row: row["mib"]), (4096, "goal"))]
    drawn = [panel(LEFT + i * (PANEL + 70), *one) for i, one in enumerate(panels)]
    caption = f'<text x="{LEFT}" y="{HEIGHT - 8}">gateways; 100 hosts and 100 flows each</text>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n<title>tedsim as the mesh '
            f'grows</title>\n<style>{STYLE}</style>\n' + "\n".join(drawn) + f"\n{caption}\n</svg>\n")


def main(words):
    if words[:1] == ["run"]:
        for gateways in [int(word) for word in words[1:]] or SIZES:
            print(json.dumps(measure(gateways)), flush=True)
    elif words == ["draw"]:
        sys.stdout.write(draw([json.loads(line) for line in sys.stdin]))
    else:
        sys.stderr.write(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

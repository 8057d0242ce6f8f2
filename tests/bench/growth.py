#!/usr/bin/env python3
"""How long a row takes as inputs grow beyond memory, drawn as a picture: no cliff is to be where memory ends.

  tests/bench/growth.py [--rows 1000000,10000000] [--limits 80MiB,256MiB,1GiB,none] [--only groups,sort,distinct]
  [--rounds 2] [--folder DIR] [--picture tests/bench/growth.svg]

The jobs are those of scripts/spill, and their results are checked as there. The best of the rounds counts. A picture
has a field for each job: rows to the right, microseconds a row upwards, both by powers, and a line for each limit. What
a picture shows is printed as a table, too.
"""
import argparse
import importlib.machinery
import importlib.util
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COLOURS = ("#c0392b", "#d68910", "#2471a3", "#1e8449", "#7d3c98", "#566573")
# Of a field, in pixels.
WIDTH, HEIGHT, MARGIN = 300, 240, 50


def load_spill():
    loader = importlib.machinery.SourceFileLoader("spill", str(ROOT / "scripts" / "spill"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("spill", loader))
    loader.exec_module(module)
    return module


def measure(options, spill):
    """(job, limit) → [(rows, microseconds a row)]."""
    found = {}
    for rows in options.rows:
        options.spill.rows = rows
        path = spill.set_up(options.spill)
        given = spill.look(path)[1]
        for name in options.only:
            for limit in options.limits:
                best = math.inf
                for _ in range(options.rounds):
                    result, output, _ = spill.run(options.spill, name, path, "threads",
                                                  None if limit == "none" else limit)
                    wrong = result.said if result.code else spill.check(name, output, rows, given)
                    if wrong:
                        sys.exit(f"{name}, {limit}, {rows} rows: {wrong}")
                    best = min(best, result.seconds)
                micros = best / rows * 1e6
                found.setdefault((name, limit), []).append((rows, micros))
                print(f"{name:9} {limit:>8} {rows:>12} {micros:9.3f}", flush=True)
    return found


class Field:
    """One job's part of the picture."""

    def __init__(self, left, points):
        self.left = left
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self.x = (math.log10(min(xs)), max(math.log10(max(xs)), math.log10(min(xs)) + 1e-9))
        self.y = (math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)) + 1e-9))

    def place(self, x, y):
        across = (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0])
        up = (math.log10(y) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * WIDTH, MARGIN + HEIGHT - up * HEIGHT

    def axes(self, name, rows):
        yield (f'<rect x="{self.left}" y="{MARGIN}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#888"/>'
               f'<text x="{self.left}" y="{MARGIN - 10}">{name}</text>')
        for x in rows:
            at = self.place(x, 10 ** self.y[0])[0]
            yield f'<text x="{at:.0f}" y="{MARGIN + HEIGHT + 18}" text-anchor="middle">{x:.0e}</text>'
        for power in range(self.y[0], self.y[1] + 1):
            up = self.place(10 ** self.x[0], 10 ** power)[1]
            yield (f'<line x1="{self.left}" x2="{self.left + WIDTH}" y1="{up:.0f}" y2="{up:.0f}" stroke="#ddd"/>'
                   f'<text x="{self.left - 6}" y="{up + 4:.0f}" text-anchor="end">{10 ** power:g}</text>')

    def line(self, points, colour):
        places = [self.place(x, y) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def draw(found, names, limits, rows):
    """The picture, as SVG."""
    parts = []
    for index, name in enumerate(names):
        points = [point for limit in limits for point in found[name, limit]]
        field = Field(MARGIN + 20 + index * (WIDTH + MARGIN + 20), points)
        parts += field.axes(name, rows)
        for limit, colour in zip(limits, COLOURS):
            parts += field.line(found[name, limit], colour)
    below = MARGIN + HEIGHT + 45
    for index, (limit, colour) in enumerate(zip(limits, COLOURS)):
        left = MARGIN + 20 + index * 130
        parts.append(f'<line x1="{left}" x2="{left + 20}" y1="{below - 4}" y2="{below - 4}" stroke="{colour}" '
                     f'stroke-width="2"/><text x="{left + 26}" y="{below}">{limit}</text>')
    parts.append(f'<text x="{MARGIN + 20}" y="20">microseconds a row, by rows and memory-limit</text>')
    width = MARGIN + 20 + len(names) * (WIDTH + MARGIN + 20)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{below + 20}" font-family="sans-serif" '
            f'font-size="12"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1000000,10000000")
    parser.add_argument("--limits", default="80MiB,256MiB,1GiB,none")
    parser.add_argument("--only", default="groups,sort,distinct")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "spill")
    parser.add_argument("--picture", type=pathlib.Path, default=ROOT / "tests" / "bench" / "growth.svg")
    options = parser.parse_args()
    spill = load_spill()
    options.rows = [int(rows) for rows in options.rows.split(",")]
    options.limits, options.only = options.limits.split(","), options.only.split(",")
    options.spill = argparse.Namespace(folder=options.folder.resolve(), workers=options.workers, has_groups=False)
    found = measure(options, spill)
    options.picture.write_text(draw(found, options.only, options.limits, options.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Chains of stages that go by the order of rows (tail, row-number) on random tables, compared with pandas, byte by
byte.

  frames.py PIPELINE [--jobs N] [--seed S] [--only N]

Each job runs in every mode and at odd block sizes. The seed gives the jobs. Ends with `N passed, N failed`.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

import pandas

SIZES = ["1", "13", "101", "4099", None]
TYPES = {"k": "string", "c": "string", "i": "int", "x": "float"}


def random_frame(rng):
    """Texts, whole numbers and quarters, with nulls; columns of objects, so that pandas leaves them as they are."""
    def maybe(value):
        return None if rng.random() < 0.2 else value
    n = rng.choice([0, 1, 2, 5, 40, 300, 2500])
    rows = [(maybe(rng.choice("abc")), rng.choice(["x, y", "z", 'say "so"', "two\nlines"]), maybe(rng.randint(-3, 3)),
             maybe(rng.randint(-8, 8) / 4))
            for _ in range(n)]
    return pandas.DataFrame(rows, columns=list(TYPES), dtype=object)


class Chain:
    """The job's stages, and the frame as they leave it."""

    def __init__(self, rng, frame):
        self.rng, self.frame, self.lines, self.number = rng, frame, [], 0
        for _ in range(rng.randint(1, 4)):
            rng.choice([self.tail, self.row_number, self.row_number, self.sort, self.filter])()

    def add(self, kind, *keys):
        self.number += 1
        self.lines += [f"[{kind} s{self.number}]", *keys]

    def tail(self):
        n = self.rng.choice([0, 1, 3, 50, 2000, 10**6])
        self.add("tail", f"rows = {n}")
        self.frame = self.frame.tail(n)

    def row_number(self):
        name, start = f"n{self.number}", self.rng.choice([1, 1, 0, -3, 10**15])
        by = self.rng.sample(list(self.frame.columns), self.rng.randint(0, 2))
        self.add("row-number", f"as = {name}", *([f"start = {start}"] if start != 1 else []),
                 *([f"by = {'; '.join(by)}"] if by else []))
        count = (self.frame.groupby(by, dropna=False).cumcount() if by
                 else pandas.Series(range(len(self.frame)), index=self.frame.index, dtype=object))
        self.frame = self.frame.assign(**{name: [start + int(n) for n in count]}).astype({name: object})

    def sort(self):
        self.add("sort", "by = c")
        self.frame = self.frame.sort_values("c", kind="stable", key=lambda texts: texts.map(lambda text: text.encode()))

    def filter(self):
        self.add("filter", "where = i >= 0 or x < 0")
        i, x = (self.frame[name].astype(float) for name in "ix")
        self.frame = self.frame[(i >= 0) | (x < 0)]


def check(program, rng):
    frame = random_frame(rng)
    chain = Chain(rng, frame)
    types = "; ".join(f"{name}:{kind}" for name, kind in TYPES.items())
    job = "\n".join(["[source t]", "path = t.csv", f"types = {types}", *chain.lines, "[sink out]", "path = out.csv",
                     ""])
    wanted = chain.frame.to_csv(index=False, lineterminator="\n").encode()
    with tempfile.TemporaryDirectory(prefix="pipeline-frames-") as name:
        folder = pathlib.Path(name)
        frame.to_csv(folder / "t.csv", index=False, lineterminator="\n")
        (folder / "job.ini").write_text(job)
        n_bytes = (folder / "t.csv").stat().st_size
        sizes = [size for size in SIZES if size is None or n_bytes / int(size) < 1000]
        for mode, workers in (("serial", 1), ("threads", rng.randint(2, 5)), ("processes", rng.randint(1, 3))):
            size = rng.choice(sizes)
            command = ([program, "run", "job.ini", f"--mode={mode}",
                        f"-j{workers}"] + ([f"--set=run.block-size={size}"] if size else []))
            result = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
            got = (folder / "out.csv").read_bytes() if result.returncode == 0 else b""
            if result.returncode or result.stderr or got != wanted:
                return (f"{command[3:]}: exit {result.returncode} {result.stderr.decode()}\n{job}\n"
                        f"{got[:800].decode()}\npandas:\n{wanted[:800].decode()}")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one job")
    options = parser.parse_args()
    program, failed = str(options.program.resolve()), 0
    numbers = range(options.jobs) if options.only is None else [options.only]
    for number in numbers:
        wrong = check(program, random.Random(f"{options.seed}/{number}"))
        if wrong:
            failed += 1
            print(f"job {number} of seed {options.seed}: {wrong}", flush=True)
    print(f"{len(numbers) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

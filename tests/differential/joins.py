#!/usr/bin/python3
"""Joins of random tables, compared with sqlite3, byte by byte.

  joins.py PIPELINE [--jobs N] [--seed S] [--only N]

sqlite says which rows of both tables belong together; the text of the output is put together here. Each job runs in
every mode and at odd block sizes. The seed gives the jobs. Ends with `N passed, N failed`.
"""
import argparse
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

SIZES = ["1", "13", "101", "4099", None]
ROWS = [0, 1, 2, 7, 40, 300, 3000]
POOLS = {
    "int": ["1", "2", "3", "-4", "70000", "9007199254740993", "9007199254740992", "-9223372036854775808"],
    "float": ["1.0", "2", "2.5", "-4.00", "9007199254740992.0", "1e3", "-0.0", "0"],
    "string": ["a", "b", "ab", "", "x, y", 'say "so"', "a" * 31, "a" * 32, "b" * 70, "é"],
}
HOWS = ["inner", "left", "right", "full", "semi", "anti"]


def quoted(text):
    if text is None:
        return ""
    return '"' + text.replace('"', '""') + '"' if text == "" or any(c in text for c in ',"\n') else text


def value(text, kind):
    return text if text is None or kind == "string" else int(text) if kind == "int" else float(text)


class Table:
    """Columns k0 … of keys and a number of each row, as texts."""

    def __init__(self, rng, name, kinds, n, wide):
        self.name, self.kinds = name, kinds
        pools = [[str(rng.randint(-9, 9)) if kind == "int" else text for text in POOLS[kind]] if rng.random() < 0.3
                 else POOLS[kind] for kind in kinds]
        if wide:
            pools = [[str(i) for i in range(n)] if kind == "int" else pool for kind, pool in zip(kinds, pools)]
        self.rows = [[None if rng.random() < 0.1 else rng.choice(pool) for pool in pools] + [str(i)]
                     for i in range(n)]
        self.columns = [f"k{i}" for i in range(len(kinds))] + [f"{name}row"]

    def write(self, path):
        lines = [",".join(self.columns)] + [",".join(map(quoted, row)) for row in self.rows]
        path.write_text("\n".join(lines) + "\n")

    def load(self, database):
        database.execute(f"create table {self.name} ({', '.join(self.columns)})")
        marks = ", ".join("?" * len(self.columns))
        database.executemany(f"insert into {self.name} values ({marks})",
                             [[value(text, kind) for text, kind in zip(row, self.kinds + ["int"])]
                              for row in self.rows])


def pairs(left, right, how, n_keys, matches_nulls):
    """The rows that belong together, as numbers of both; None where there is none."""
    database = sqlite3.connect(":memory:")
    left.load(database)
    right.load(database)
    same = "is" if matches_nulls else "="
    on = " and ".join(f"l.k{i} {same} r.k{i}" for i in range(n_keys))
    if how in ("semi", "anti"):
        word = "exists" if how == "semi" else "not exists"
        rows = database.execute(f"select lrow, null from l where {word} (select 1 from r where {on})")
    else:
        rows = database.execute(f"select lrow, rrow from l {how} join r on {on}")
    last = len(left.rows)
    return sorted(rows, key=lambda pair: (last if pair[0] is None else pair[0], -1 if pair[1] is None else pair[1]))


def expected(left, right, how, n_keys, matches_nulls):
    taken = [] if how in ("semi", "anti") else list(range(n_keys, len(right.columns)))
    names = left.columns + [right.columns[i] + ("_right" if right.columns[i] in left.columns else "") for i in taken]
    lines = [",".join(names)]
    for l, r in pairs(left, right, how, n_keys, matches_nulls):
        mine = left.rows[l] if l is not None else right.rows[r][:n_keys] + [None] * (len(left.columns) - n_keys)
        other = [right.rows[r][i] if r is not None else None for i in taken]
        lines.append(",".join(map(quoted, mine + other)))
    return ("\n".join(lines) + "\n").encode()


def other_kind(rng, kind):
    return rng.choice(["int", "float"]) if kind != "string" else kind


def source(table, name):
    types = "; ".join(f"{column}:{kind}" for column, kind in zip(table.columns, table.kinds + ["int"]))
    return [f"[source {name}]", f"path = {name}.csv", f"types = {types}"]


def make(rng):
    kinds = [rng.choice(list(POOLS)) for _ in range(rng.randint(1, 3))]
    n_keys = rng.randint(1, len(kinds))
    left = Table(rng, "l", kinds, rng.choice(ROWS), rng.random() < 0.4)
    right = Table(rng, "r", [other_kind(rng, kind) for kind in kinds], rng.choice(ROWS), rng.random() < 0.6)
    while len(left.rows) * len(right.rows) > 200_000:
        right.rows = right.rows[:len(right.rows) // 4]
    how = rng.choice(HOWS)
    matches_nulls = rng.random() < 0.3
    sources = [source(left, "l"), source(right, "r")]
    rng.shuffle(sources)
    middle = {"plain": [], "filter": ["[filter f]", "input = r", "where = rrow >= 0"],
              "sort": ["[sort f]", "input = r", "by = rrow"],
              "tail": ["[tail f]", "input = r", "rows = 100000"]}[rng.choice(["plain", "filter", "sort", "tail"])]
    on = "; ".join(rng.choice([f"k{i}", f"k{i} = k{i}"]) for i in range(n_keys))
    job = [line for lines in sources for line in lines] + middle
    job += ["[join j]", "input = l", f"right = {'f' if middle else 'r'}", f"on = {on}", f"how = {how}"]
    job += ["null-keys = match"] if matches_nulls else []
    wanted = expected(left, right, how, n_keys, matches_nulls)
    job += rng.choice([[], ["[filter g]", "where = true"], ["[tail t]", "rows = 1000000"]])
    return left, right, "\n".join(job + ["[sink out]", "path = out.csv", ""]), wanted


def difference(wanted, got):
    a, b = wanted.splitlines(), got.splitlines()
    at = next((i for i, lines in enumerate(zip(a, b)) if lines[0] != lines[1]), min(len(a), len(b)))
    return f"line {at + 1}: wanted {a[at:at + 2]!r} ({len(a)} lines), got {b[at:at + 2]!r} ({len(b)} lines)"


def check(program, rng):
    left, right, job, wanted = make(rng)
    with tempfile.TemporaryDirectory(prefix="pipeline-joins-") as name:
        folder = pathlib.Path(name)
        left.write(folder / "l.csv")
        right.write(folder / "r.csv")
        (folder / "job.ini").write_text(job)
        for mode in ["serial", "threads", "processes"]:
            size = rng.choice(SIZES if len(left.rows) < 1000 else SIZES[2:])
            settings = [f"run.mode={mode}", f"run.workers={rng.randint(1, 3)}"]
            settings += [f"run.block-size={size}"] if size else []
            run = subprocess.run([program, "run", "job.ini", *[word for s in settings for word in ("--set", s)]],
                                 cwd=folder, capture_output=True, timeout=300)
            got = (folder / "out.csv").read_bytes() if run.returncode == 0 else run.stderr
            if got != wanted:
                return f"{' '.join(settings)}:\n{job}\n{difference(wanted, got)}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    passed = failed = 0
    for number in range(options.jobs) if options.only is None else [options.only]:
        fault = check(program, random.Random(f"{options.seed} {number}"))
        passed, failed = passed + (fault is None), failed + (fault is not None)
        if fault is not None:
            print(f"job {number} of seed {options.seed}: {fault}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()

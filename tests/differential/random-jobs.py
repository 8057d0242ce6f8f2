#!/usr/bin/env python3
"""Runs random jobs on random CSV and compares every result with SQLite's, and its bytes over modes, workers and block sizes.

  random-jobs.py PIPELINE [--seed N] [--jobs N] [--keep FOLDER]

Each job is a chain of filter, derive, group-by, sort, distinct, top-k and limit over one table of texts (some quoted, with
delimiters and line ends), small ints with nulls and duplicates, and decimals that are exact in binary, so that sums are the same
in SQLite. The seed gives the jobs: a failure names its number and is found again with --seed and --only. Ends with
`N passed, N failed`.
"""
import argparse
import csv
import io
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

TEXTS = ["a", "b", "B", "ab", "x,y", 'say "hi"', "two\nlines", "Zürich", "10", "zz top", "-", " pad "]
DATES = ["2001-01-31", "1999-12-31", "2024-02-29", "2024-03-01"]
MODES = [("serial", 1, None), ("threads", 3, "1"), ("threads", 2, "64"), ("processes", 2, "37")]


def random_rows(rng):
    """Columns k (text), d (date), n (int), m (int, no nulls), x (quarters); position is SQLite's rowid."""
    def maybe(value):
        return None if rng.random() < 0.15 else value
    return [(maybe(rng.choice(TEXTS)), maybe(rng.choice(DATES)), maybe(rng.randint(-9, 9)), rng.randint(-1000, 1000),
             maybe(rng.randint(-40, 40) / 4)) for _ in range(rng.choice([0, 1, 2, 5, 40, 200, 1000]))]


def write_csv(path, rows, rng):
    def field(value):
        if value is None:
            return ""
        text = str(value)
        if any(c in text for c in ',"\n') or rng.random() < 0.1 and isinstance(value, str):
            return '"' + text.replace('"', '""') + '"'
        return text
    path.write_text("".join(",".join(map(field, row)) + rng.choice(["\n", "\n", "\r\n"]) for row in [("k", "d", "n", "m", "x")] + rows),
                    newline="")


class Chain:
    """A job and the SQL that says the same. `columns` maps a name to text, date, int or float; the SQL keeps `pos`, the row's place."""

    def __init__(self, rng):
        self.rng, self.groups, self.number = rng, [], 0
        self.columns = {"k": "text", "d": "date", "n": "int", "m": "int", "x": "float"}
        self.sql = "select rowid as pos, k, d, n, m, x from t"

    def pick(self, *kinds):
        found = [name for name, kind in self.columns.items() if kind in kinds]
        return self.rng.choice(found) if found else None

    def add(self, kind, lines):
        self.number += 1
        self.groups.append(f"[{kind} s{self.number}]\n" + "\n".join(lines) + "\n")

    def names(self):
        return ", ".join(self.columns)

    def condition(self, depth=0):
        rng = self.rng
        if depth < 2 and rng.random() < 0.4:
            return f"({self.condition(depth + 1)} {rng.choice(['and', 'or'])} {self.condition(depth + 1)})"
        if rng.random() < 0.15:
            return f"not ({self.condition(depth + 1)})"
        name = self.pick("text", "date", "int", "float")
        kind = self.columns[name]
        if rng.random() < 0.25:
            return f"{name} is {rng.choice(['', 'not '])}null"
        operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        if kind == "text":
            if rng.random() < 0.3:
                return f"{name} in ('a', 'ab', 'x,y')"
            return f"{name} {operator} '{rng.choice(['a', 'B', 'zz top', '10', ''])}'"
        if kind == "date":
            return f"{name} {operator} '{rng.choice(DATES)}'"
        other = self.pick("int", "float")
        if rng.random() < 0.3:
            return f"{name} between {rng.randint(-9, 0)} and {rng.randint(0, 9)}"
        return f"{name} {operator} {rng.choice([other, str(rng.randint(-9, 9)), '0.25'])}"

    def filter(self):
        where = self.condition()
        self.add("filter", [f"where = {where}"])
        self.sql = f"select * from ({self.sql}) where {where}"

    def derive(self):
        rng, name = self.rng, f"c{self.number}"
        number, text = self.pick("int"), self.pick("text")
        choices = []
        if number:
            choices += [(f"{number} * 2 - 3", "int"), (f"abs({number})", "int"), (f"coalesce({number}, 0)", "int"),
                        (f"case when {self.condition()} then {number} else 7 end", "int")]
        if text:
            choices += [(f"{text} || '!'", "text"), (f"length({text})", "int"), (f"coalesce({text}, 'none')", "text")]
        if not choices:
            return
        expression, kind = rng.choice(choices)
        self.add("derive", [f"{name} = {expression}"])
        self.sql = f"select *, {expression} as {name} from ({self.sql})"
        self.columns[name] = kind

    def order(self):
        names = self.rng.sample(sorted(self.columns), min(len(self.columns), self.rng.randint(1, 2)))
        terms = [(name, self.rng.choice(["", " desc"])) for name in names]
        return "; ".join(a + b for a, b in terms), ", ".join(f"{a}{b} nulls last" for a, b in terms)

    def renumber(self, order):
        self.sql = f"select row_number() over (order by {order}) as pos, {self.names()} from ({self.sql})"

    def sort(self):
        ours, theirs = self.order()
        self.add("sort", [f"by = {ours}"])
        self.renumber(f"{theirs}, pos")

    def distinct(self):
        by = self.rng.sample(sorted(self.columns), min(len(self.columns), self.rng.randint(1, 3)))
        keep = self.rng.choice(["first", "last"])
        self.add("distinct", [f"by = {'; '.join(by)}", f"keep = {keep}"])
        pick = "min" if keep == "first" else "max"
        self.sql = f"with q as ({self.sql}) select * from q where pos in (select {pick}(pos) from q group by {', '.join(by)})"

    def top_k(self):
        ours, theirs = self.order()
        k, by = self.rng.randint(1, 4), self.pick("text", "date", "int")
        lines = [f"sort = {ours}", f"k = {k}"]
        group = ""
        if by and self.rng.random() < 0.7:
            lines.append(f"by = {by}")
            group = by
        self.add("top-k", lines)
        partition = f"partition by {group} " if group else ""
        self.sql = (f"select * from (select *, row_number() over ({partition}order by {theirs}, pos) as rank_ from ({self.sql})) "
                    f"where rank_ <= {k}")
        self.renumber(f"{group + ' nulls last, ' if group else ''}rank_")

    def limit(self):
        rows, offset = self.rng.randint(0, 50), self.rng.choice([0, 0, 3])
        self.add("limit", [f"rows = {rows}", f"offset = {offset}"])
        self.sql = f"select * from ({self.sql}) order by pos limit {rows} offset {offset}"

    def group_by(self):
        rng = self.rng
        by = rng.sample(sorted(self.columns), rng.randint(0, min(2, len(self.columns))))
        order = rng.choice(["key", "appearance"])
        lines = ([f"by = {'; '.join(by)}"] if by else []) + [f"order = {order}"]
        made = {}
        for index in range(rng.randint(1, 4)):
            what = rng.choice(["count()", "count", "sum", "min", "max", "mean", "nunique", "first"])
            name, kinds = f"g{self.number}_{index}", ["int", "float"]
            if what in ("count", "min", "max", "nunique", "first"):
                kinds += ["text", "date"]
            column = self.pick(*kinds)
            if what == "count()" or column is None:
                made[name] = ("count()", "count(*)", "int")
            elif what == "mean":
                made[name] = (f"mean({column})", f"avg({column})", "float")
            elif what == "nunique":
                made[name] = (f"nunique({column})", f"count(distinct {column})", "int")
            elif what == "first":
                made[name] = (f"first({column})", f"first_({column}, pos)", self.columns[column])
            else:
                made[name] = (f"{what}({column})",) * 2 + ("int" if what == "count" else self.columns[column],)
        lines += [f"{name} = {ours}" for name, (ours, _, _) in made.items()]
        self.add("group-by", lines)
        sums = ", ".join(f"{theirs} as {name}" for name, (_, theirs, _) in made.items())
        keys = "".join(f"{name}, " for name in by)
        self.sql = f"select min(pos) as pos_, {keys}{sums} from ({self.sql})" + (f" group by {', '.join(by)}" if by else "")
        self.columns = {**{name: self.columns[name] for name in by}, **{name: kind for name, (_, _, kind) in made.items()}}
        self.renumber("pos_" if order == "appearance" or not by else ", ".join(f"{name} nulls last" for name in by))

    def grow(self):
        steps = [self.filter, self.filter, self.derive, self.derive, self.sort, self.distinct, self.top_k, self.limit, self.group_by]
        for _ in range(self.rng.randint(1, 5)):
            self.rng.choice(steps)()


class First:
    """SQLite has no aggregate `first`: the value that is not null with the smallest position."""

    def __init__(self):
        self.best = None

    def step(self, value, position):
        if value is not None and (self.best is None or position < self.best[0]):
            self.best = (position, value)

    def finalize(self):
        return self.best and self.best[1]


def printed(value, kind):
    if value is None:
        return ""
    return repr(float(value)) if kind == "float" else str(value)


def expected(rows, chain):
    base = sqlite3.connect(":memory:")
    base.create_aggregate("first_", 2, First)
    base.execute("create table t (k text, d text, n integer, m integer, x real)")
    base.executemany("insert into t values (?, ?, ?, ?, ?)", rows)
    cursor = base.execute(f"select {chain.names()} from ({chain.sql}) order by pos")
    return [list(chain.columns)] + [[printed(v, kind) for v, kind in zip(row, chain.columns.values())] for row in cursor]


def run(program, folder, mode, workers, size):
    command = [program, "run", "job.ini", f"--mode={mode}", f"-j{workers}"]
    if size is not None:
        command.append(f"--set=run.block-size={size}")
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60)


def check(program, folder, rows, chain, rng):
    """What is wrong with this job's results, or None."""
    results = [run(program, folder, *MODES[0]), run(program, folder, *rng.choice(MODES[1:]))]
    if results[0].returncode != 0:
        return f"exit code {results[0].returncode}: {results[0].stderr.decode(errors='replace')}"
    if results[0].stdout != results[1].stdout or results[1].returncode != 0:
        return "bytes depend on how the job is run: " + results[1].stderr.decode(errors="replace")
    got = list(csv.reader(io.StringIO(results[0].stdout.decode(), newline="")))
    wanted = expected(rows, chain)
    # A row of one null is an empty line.
    got, wanted = [row or [""] for row in got], [row or [""] for row in wanted]
    if got == wanted:
        return None
    for line, (ours, theirs) in enumerate(zip(got, wanted)):
        if ours != theirs:
            return f"row {line}: {ours}\n  SQLite: {theirs}\n  {chain.sql}"
    return f"{len(got)} rows, SQLite has {len(wanted)}\n  {chain.sql}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--only", type=int, help="the number of one job")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the job and the data of the last failure")
    options = parser.parse_args()
    program, failed = str(options.program.resolve()), 0
    numbers = range(options.jobs) if options.only is None else [options.only]
    for number in numbers:
        rng = random.Random(f"{options.seed}/{number}")
        chain, rows = Chain(rng), random_rows(rng)
        chain.grow()
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            # Types are given: tables too small or too null to tell are compared as well.
            job = "[source t]\npath = t.csv\ntypes = k:string; d:date; n:int; m:int; x:float\n\n" + "\n".join(chain.groups)
            write_csv(folder / "t.csv", rows, rng)
            (folder / "job.ini").write_text(job)
            wrong = check(program, folder, rows, chain, rng)
            if wrong is not None and options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                for name in ("t.csv", "job.ini"):
                    (options.keep / name).write_bytes((folder / name).read_bytes())
        if wrong is not None:
            failed += 1
            print(f"job {number} of seed {options.seed} ({len(rows)} rows): {wrong}\n{job}", flush=True)
    print(f"{len(numbers) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

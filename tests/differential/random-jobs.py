#!/usr/bin/env python3
"""Runs random jobs on random CSV, each in every mode, at odd worker counts and block sizes, and compares all that each
leaves.

  random-jobs.py PIPELINE [--seed N] [--jobs N] [--first N] [--only N] [--keep FOLDER] [--undrawn]

Every second job is a chain whose result SQLite knows (reference.py); the others are graphs of everything the manual
describes (grammar.py). Of each, bytes of every output, exit code and messages must be those of the serial run; with
PIPELINE_DEBUG_SPILL set, those of a serial run without it. What the program documents and the grammar does not draw is
a failure too (documented.py); --undrawn only lists it. The seed gives the jobs: a failure names its number and is found
again with --seed and --only. A job that is refused is a mistake of the grammar, and an exit code that stands for a
mistake of ours, or a sanitizer's report, is one of the program: both are failures. Ends with `N passed, N failed`.
"""
import argparse
import collections
import csv
import io
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

import documented
from grammar import Job
from reference import Chain, Files, expected, random_rows

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = ["1", "7", "13", "37", "64", "101", "1021", "4099", None]
# Memory is low from the first byte on, and what can go to disk does.
SPILL = "PIPELINE_DEBUG_SPILL"
# What a job may end with: well, or for what its data is.
EXIT_CODES = {0, 65}
# How many jobs are written down to see what the grammar can draw.
WRITTEN = 4000


def ways(rng, n_bytes):
    """Serial, threads and processes: mode, workers, block size. The smallest blocks are for small inputs: a block costs
    a message, or two. Where there are several workers they have the smallest memory-limit there can be."""
    sizes = [size for size in SIZES if size is None or n_bytes / int(size) < 2000]
    return [("serial", 1, rng.choice(sizes)), ("threads", rng.randint(1, 5), rng.choice(sizes)),
            ("processes", rng.randint(1, 3), rng.choice(sizes))]


def all_ways(rng, n_bytes):
    """The same; where memory is low from the first byte on, all of it is to be as in a run that has enough."""
    return ([("serial", 1, None, "all in memory")] if SPILL in os.environ else []) + ways(rng, n_bytes)


def run(program, folder, way, stdin=b""):
    """Exit code, stdout, stderr, and every file as it is afterwards."""
    mode, workers, size = way[:3]
    command = [program, "run", "job.ini", f"--mode={mode}", f"-j{workers}"]
    if size is not None:
        command.append(f"--set=run.block-size={size}")
    if mode != "serial":
        command.append(f"--set=run.memory-limit={64 + 8 * workers}MiB")
    environment = {key: text for key, text in os.environ.items()
                   if not key.startswith("PIPELINE_") or (key == SPILL and len(way) == 3)}
    environment.update(PIPELINE_LOG="plain", TZ="UTC", LC_ALL="C")
    try:
        result = subprocess.run(command, cwd=folder, env=environment, input=stdin, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired as hang:
        return {"exit code": "no end after 120 s", "stderr": hang.stderr or b""}
    left = {"exit code": result.returncode, "stdout": result.stdout, "stderr": result.stderr}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            left[path.name] = path.read_bytes()
    return left


def shown(data):
    return data[:1500].decode(errors="replace") if isinstance(data, bytes) else str(data)


def differences(program, write, rng, stdin=b""):
    """Runs a job that write(folder) puts down. Returns: what is wrong with it or None, and what its serial run left."""
    first = None
    with tempfile.TemporaryDirectory() as name:
        write(pathlib.Path(name))
        n_bytes = len(stdin) + sum(path.stat().st_size for path in pathlib.Path(name).glob("t*.csv"))
    for way in all_ways(rng, n_bytes):
        with tempfile.TemporaryDirectory() as name:
            write(pathlib.Path(name))
            left = run(program, pathlib.Path(name), way, stdin)
        if left["exit code"] not in EXIT_CODES:
            return f"{way}: exit code {left['exit code']}: {shown(left['stderr'])}", left
        if first is None:
            first = (way, left)
            continue
        for what in sorted(first[1].keys() | left.keys(), key=lambda what: what != "exit code"):
            a, b = first[1].get(what), left.get(what)
            if a != b:
                return (f"{what} depends on how the job is run\n  {first[0]}: {shown(a)}\n  {way}: {shown(b)}\n"
                        f"  stderr: {shown(left['stderr'])}", first[1])
    return None, first[1]


def check_chain(program, rng):
    rows = random_rows(rng)
    files = Files(rng, rows)
    chain = Chain(rng, files.columns)
    chain.grow()
    job, seed = files.source() + "\n" + "\n".join(chain.groups), rng.random()

    def write(folder):
        files.write(folder, random.Random(seed))
        (folder / "job.ini").write_text(job)
    wrong, left = differences(program, write, rng)
    if wrong is None and left["exit code"] != 0:
        wrong = f"exit code {left['exit code']}: {shown(left['stderr'])}"
    return wrong or unlike_sqlite(left, files, chain), left["exit code"], job, write


def unlike_sqlite(left, files, chain):
    got = list(csv.reader(io.StringIO(left["stdout"].decode(), newline="")))
    wanted = expected(files.rows, chain)
    # A row of one null is an empty line.
    got, wanted = [row or [""] for row in got], [row or [""] for row in wanted]
    if got == wanted:
        return None
    for line, (ours, theirs) in enumerate(zip(got, wanted)):
        if ours != theirs:
            return f"row {line}: {ours}\n  SQLite: {theirs}\n  {chain.sql}"
    return f"{len(got)} rows, SQLite has {len(wanted)}\n  {chain.sql}"


def check_graph(program, rng, plugin):
    job = Job(rng, plugin)
    wrong, left = differences(program, job.write, rng, job.stdin)
    return wrong, left["exit code"], job.text, job.write


def build_plugin(folder):
    """configs/score.c as a shared object."""
    plugin = pathlib.Path(folder) / "score.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", f"-I{ROOT}", "-o", plugin, ROOT / "configs/score.c", "-lm"],
                   check=True)
    return plugin


def check_grammar(program, seed):
    """How many of two things hold: nothing documented is left undrawn, and nothing drawn is listed as left out."""
    jobs = [Job(random.Random(f"{seed}/{number}"), "score.so", empty=True).text for number in range(WRITTEN)]
    missing, needless = documented.undrawn(program, jobs)
    for where, what in missing:
        print(f"not drawn: {where}: {what}")
    for where, what in needless:
        print(f"left out in documented.py, but drawn or not documented: {where}: {what}")
    return (not missing) + (not needless)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the number of the first job")
    parser.add_argument("--only", type=int, help="the number of one job")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the job and the data of failures")
    parser.add_argument("--undrawn", action="store_true", help="only list what is documented and not drawn")
    options = parser.parse_args()
    program = str(options.program.resolve())
    passed = check_grammar(program, options.seed) if options.only is None else 2
    failed, codes = 2 - passed, collections.Counter()
    numbers = range(options.first, options.first + options.jobs) if options.only is None else [options.only]
    with tempfile.TemporaryDirectory() as folder:
        plugin = build_plugin(folder)
        for number in [] if options.undrawn else numbers:
            rng = random.Random(f"{options.seed}/{number}")
            wrong, code, job, write = check_chain(program, rng) if number % 2 else check_graph(program, rng, plugin)
            codes[code] += 1
            if wrong is None:
                passed += 1
                continue
            failed += 1
            print(f"job {number} of seed {options.seed}: {wrong}\n{job}", flush=True)
            if options.keep is not None:
                kept = options.keep / f"{options.seed}-{number}"
                kept.mkdir(parents=True, exist_ok=True)
                write(kept)
    print("exit codes: " + ", ".join(f"{code}: {n}" for code, n in codes.most_common()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

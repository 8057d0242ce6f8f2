#!/usr/bin/env python3
"""Runs other projects' CSV and verb cases: each becomes a tiny job, and its result is compared cell by cell.

  run.py PROGRAM [--filter TEXT] [--jobs N] [--show ID] [--unlisted]

Every case runs at several worker counts, modes and block sizes. Numbers are compared numerically (relative 1e-9),
everything else exactly. A case that has no counterpart, or whose rule differs from ours, stands in not-applicable.txt
with the reason (id, TAB, reason); a case that can neither be run nor is listed is a failure. --show prints the job of
one case; --unlisted prints lines for not-applicable.txt where a translator gave a case up.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

import from_duckdb
import from_miller
import from_spectrum
from jobs import Unmapped, section

FOLDER = pathlib.Path(__file__).resolve().parent
MATRIX = [("serial", 1, None), ("threads", 2, 1), ("threads", 3, 7), ("processes", 2, 64)]
# Tiny blocks make a block of every record: on files beyond this they are made larger in proportion.
LARGE = 64 * 1024
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
FAILURES = (64, 65, 66, 74, 78)


def all_cases():
    for translator in (from_spectrum, from_duckdb, from_miller):
        yield from translator.cases(FOLDER)


def not_applicable():
    listed = {}
    for line in (FOLDER / "not-applicable.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition("\t")
            listed[name] = reason
    return listed


def job_text(case, mode, workers, block):
    if block is not None and case.bytes > LARGE:
        block *= case.bytes // 256
    run = [("mode", mode), ("workers", workers)] + ([("block-size", block)] if block is not None else [])
    return "\n".join(case.sections + [section("sink", "out", [("path", "-"), ("format", "jsonl")]),
                                      section("run", "", run)]).replace(
        "[run ]", "[run]")


def same_cell(got, wanted, case):
    if case.null_is_empty:
        got, wanted = got or None, wanted or None
    if got is None or wanted is None or got == wanted:
        return got == wanted
    if NUMBER.match(got) and NUMBER.match(wanted):
        a, b = float(got), float(wanted)
        return abs(a - b) <= max(case.tolerance if case.tolerance > 1e-9 else 0, 1e-9 * max(abs(a), abs(b)))
    return False


def same_row(got, wanted, case):
    return len(got) == len(wanted) and all(same_cell(a, b, case) for a, b in zip(got, wanted))


def parse(stdout):
    """JSON lines → names and rows, every value as text."""
    names, rows = None, []
    for line in stdout.decode("utf-8", "surrogateescape").splitlines():
        pairs = json.loads(line, object_pairs_hook=list, parse_int=str, parse_float=str)
        names = [name for name, _ in pairs]
        rows.append([str(value).lower() if isinstance(value, bool) else value for _, value in pairs])
    return names, rows


def compare_rows(case, stdout):
    # str.splitlines() breaks at more than LF; JSON escapes those only below U+0020.
    names, rows = parse(re.sub(rb"\xe2\x80[\xa8\xa9]|\xc2\x85", lambda m: m[0].decode().encode("unicode_escape")
                               .replace(b"\\x", b"\\u00"), stdout))
    if case.kind == "count":
        return None if len(rows) == case.count else f"{len(rows)} rows, expected {case.count}"
    if case.columns is not None and rows:
        missing = [name for name in case.columns if name not in names]
        if missing or [name for name in names if name in case.columns] != case.columns:
            return f"columns {names}, expected {case.columns}"
        picked = [names.index(name) for name in case.columns]
        rows = [[row[i] for i in picked] for row in rows]
    wanted = case.rows
    if not case.ordered:
        key = lambda row: [value or "" for value in row]
        rows, wanted = sorted(rows, key=key), sorted(wanted, key=key)
    for i, (a, b) in enumerate(zip(rows, wanted)):
        if not same_row(a, b, case):
            return f"row {i + 1} is {a}\n    expected {b}"
    return None if len(rows) == len(wanted) else f"{len(rows)} rows, expected {len(wanted)}"


def check(case, result):
    """None, or what is wrong."""
    code, message = result.returncode, result.stderr.decode("utf-8", "replace").strip()
    if code < 0 or code in (70, 134, 139) or b"Sanitizer" in result.stderr:
        return f"died with {code}: {message[-2000:]}"
    if case.kind == "alive":
        return None
    if case.kind == "error":
        return None if code in FAILURES and message else f"exit code {code}, expected a failure with a message"
    if code != 0:
        return f"exit code {code}: {message}"
    return None if case.kind == "success" else compare_rows(case, result.stdout)


def run_case(program, case):
    """Descriptions of what failed, one a way of running."""
    failures, environment = [], {k: v for k, v in os.environ.items() if not k.startswith("PIPELINE_")}
    environment.update(LC_ALL="C", TZ="UTC")
    with tempfile.TemporaryDirectory(prefix="pipeline-conformance-") as folder:
        for mode, workers, block in MATRIX:
            job = pathlib.Path(folder) / "job.ini"
            job.write_text(job_text(case, mode, workers, block), "utf-8")
            try:
                result = subprocess.run([program, "run", str(job)], stdin=subprocess.DEVNULL, capture_output=True,
                                        timeout=120,
                                        env=environment, check=False)
                wrong = check(case, result)
            except subprocess.TimeoutExpired:
                wrong = "still running after 120 s"
            if wrong is not None:
                failures.append(f"  {mode}, {workers} workers, block size {block or 'default'}: {wrong}")
    return failures


def translate(wanted):
    """Cases to run, what could not be translated, and how many are listed as not applicable."""
    listed, runnable, problems, skipped, seen = not_applicable(), [], [], 0, set()
    for name, make in all_cases():
        seen.add(name)
        if wanted not in name:
            continue
        if name in listed:
            skipped += 1
            continue
        try:
            runnable.append(make())
        except Unmapped as reason:
            problems.append((name, str(reason)))
    problems += [(name, "is listed in not-applicable.txt, but there is no such case")
                 for name in listed if name not in seen]
    return runnable, problems, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the pipeline program")
    parser.add_argument("--filter", default="", help="only cases whose id holds this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at once")
    parser.add_argument("--show", metavar="ID", help="print the job of one case and what it must give")
    parser.add_argument("--unlisted", action="store_true",
                        help="print the cases no translator knows, as lines for not-applicable.txt")
    options = parser.parse_args()
    runnable, problems, skipped = translate(options.show or options.filter)
    if options.show:
        for case in runnable:
            print(f"# {case.id}: {case.kind} {case.count if case.kind == 'count' else case.rows}\n"
                  f"{job_text(case, *MATRIX[0])}")
        return 0
    if options.unlisted:
        for name, reason in problems:
            print(f"{name}\t{reason}")
        return 0

    failed = len(problems)
    for name, reason in problems:
        print(f"FAILED {name}\n  neither run nor listed in not-applicable.txt: {reason}")
    program = os.path.abspath(options.program)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, failures in zip(runnable, pool.map(lambda case: run_case(program, case), runnable)):
            failed += bool(failures)
            if failures:
                print("\n".join([f"FAILED {case.id}"] + failures), flush=True)
    print(f"{len(runnable) + len(problems) - failed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

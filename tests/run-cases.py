#!/usr/bin/env python3
"""Runs the cases under tests/cases: each folder is a job, its input, and everything the run must leave behind.

  tests/cases/SUBJECT/NAME/    (a case of a stage: stage/STAGE/NAME)
    job.ini            the job; its first line says where the expected bytes come from ("# Expected: by hand.")
    cmd                (optional) a bash script that uses $PIPELINE, for anything but `pipeline run job.ini`
    *.csv …            its input
    setup              (optional) a bash script run before, in a copy of the folder; $TESTS is the folder tests/
    once               (optional) the case depends on how it is run: it is run once, as it stands
    expected/stdout    (default empty)      expected/stderr  (default empty)      expected/exit  (default 0)
    expected/FILE      every file the run must create or change, byte for byte

Every case runs in every mode, in each of them at every worker count and every block size, and must give the same bytes
each time; which count meets which size goes by the case's name, so that all of them meet in one case or another, and
with --matrix full in every case. A file that is left over (a temporary, say) is a failure. --filter TEXT takes the
cases with TEXT in SUBJECT/NAME.
--update rewrites `expected` from the first run, for review with git diff.
"""
import argparse
import concurrent.futures
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zlib

import leash  # noqa: F401: what is started here ends with us

CASES = pathlib.Path(__file__).resolve().parent / "cases"
CONTROL = {"expected", "setup", "once", "cmd", "README"}

SIZES = ("1", "7", "64", None)
WORKERS = (1, 2, 3, 8)
MODES = ("threads", "processes")


def covering(name):
    """Seven runs: a Latin square of worker counts and block sizes has four rows, and the case's name says which of them
    each mode gets, and which worker count it does without."""
    key = zlib.crc32(name.encode())
    runs = [("serial", 1, SIZES[key % 4])]
    for place, mode in enumerate(MODES):
        row, without = key >> (8 + 2 * place), (key >> (16 + 2 * place)) % 4
        runs += [(mode, workers, SIZES[(row + column) % 4]) for column, workers in enumerate(WORKERS)
                 if column != without]
    return runs


SMALL = [("serial", 1, None), ("threads", 2, "7"), ("threads", 3, "1"), ("processes", 2, "64")]


def pair(name):
    """Two of the four: a run in our process, and one with worker processes or other threads."""
    key = zlib.crc32(name.encode())
    return [SMALL[key % 2], SMALL[2 + (key >> 1) % 2]]


# What each case is run with.
MATRICES = {
    "covering": covering,
    "full": lambda name: [("serial", 1, size) for size in SIZES] + list(itertools.product(MODES, WORKERS, SIZES)),
    "small": lambda name: SMALL,
    "pair": pair,
    "parallel": lambda name: [SMALL[1 + zlib.crc32(name.encode()) % 2], SMALL[3]],
    "one": lambda name: [("threads", 2, None)],
}


# An input this large is 10^5 blocks of one byte: where there are workers it meets small blocks once a mode, and larger
# ones in their place.
LARGE = 32 << 10


def thin(matrix, before):
    """The matrix for a case, without most runs of the smallest blocks where its input is large."""
    if max(map(len, before.values()), default=0) < LARGE:
        return matrix
    runs = [run if run[0] == "serial" else (*run[:2], {"1": "64", "7": None}.get(run[2], run[2])) for run in matrix]
    if len(matrix) > len(SMALL):
        runs += [(mode, 3, "7") for mode in MODES]
    return list(dict.fromkeys(runs))


def find():
    """The folders with a job or a cmd, at any depth; what lies below a case belongs to it."""
    for folder, below, names in os.walk(CASES):
        if "job.ini" in names or "cmd" in names:
            below.clear()
            yield str(pathlib.Path(folder).relative_to(CASES))


def snapshot(folder):
    """Every file below folder, as relative path → bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path.relative_to(folder))] = b"-> " + os.readlink(path).encode()
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def expectation(case):
    folder = case / "expected"
    files = snapshot(folder) if folder.is_dir() else {}
    exit_code = int(files.pop("exit", b"0"))
    return exit_code, files.pop("stdout", b""), files.pop("stderr", b""), files


def execute(program, case, work, mode, workers, size, patience, least_memory):
    environment = {k: v for k, v in os.environ.items()
                   if not k.startswith("PIPELINE_") or k == "PIPELINE_DEBUG_SPILL"}
    environment.update(PIPELINE=program, TESTS=str(CASES.parent), PIPELINE_LOG="plain", TZ="UTC", LC_ALL="C",
                       NO_COLOR="1")
    if mode is not None:
        environment.update(PIPELINE_RUN_MODE=mode, PIPELINE_RUN_WORKERS=str(workers))
        if size is not None:
            environment["PIPELINE_RUN_BLOCK_SIZE"] = size
        if least_memory:
            environment["PIPELINE_RUN_MEMORY_LIMIT"] = f"{64 + 8 * workers}MiB"
    command = ["bash", str(case / "cmd")] if (case / "cmd").exists() else [program, "run", "job.ini"]
    try:
        return subprocess.run(command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=patience)
    except subprocess.TimeoutExpired as hang:
        return subprocess.CompletedProcess(command, -1, hang.stdout or b"",
                                           b"no end after %g s\n" % patience + (hang.stderr or b""))


def differences(before, after, result, expected):
    exit_code, stdout, stderr, files = expected
    changed = {name: data for name, data in after.items() if before.get(name) != data}
    wrong = []
    if result.returncode != exit_code:
        wrong.append(f"exit code {result.returncode}, expected {exit_code}")
    if result.stdout != stdout:
        wrong.append(f"stdout:\n{result.stdout.decode(errors='replace')[:2000]}\n  expected:\n"
                     f"{stdout.decode(errors='replace')[:2000]}")
    if result.stderr != stderr:
        wrong.append(f"stderr:\n{result.stderr.decode(errors='replace')[:2000]}\n  expected:\n"
                     f"{stderr.decode(errors='replace')[:2000]}")
    for name in sorted(set(files) | set(changed)):
        if name not in changed:
            wrong.append(f"{name}: not written")
        elif name not in files:
            wrong.append(f"{name}: left behind")
        elif files[name] != changed[name]:
            wrong.append(f"{name}:\n{changed[name].decode(errors='replace')[:2000]}\n  expected:\n"
                         f"{files[name].decode(errors='replace')[:2000]}")
    wrong += [f"{name}: removed" for name in before if name not in after]
    return wrong


def restore(work, before, after):
    for name in after:
        if before.get(name) != after[name]:
            (work / name).unlink()
            if name in before:
                (work / name).write_bytes(before[name])
    for folder in sorted((p for p in work.rglob("*") if p.is_dir() and not p.is_symlink()), reverse=True):
        if not any(folder.iterdir()) and not any(n.startswith(str(folder.relative_to(work)) + "/") for n in before):
            folder.rmdir()


def update(case, before, after, result):
    folder = case / "expected"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in (("stdout", result.stdout), ("stderr", result.stderr)):
        if data:
            (folder / name).write_bytes(data)
    if result.returncode:
        (folder / "exit").write_text(f"{result.returncode}\n")
    for name, data in after.items():
        if before.get(name) != data:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    if not any(folder.iterdir()):
        folder.rmdir()


def run_case(program, case, matrix, rewrite, patience, most_failures, least_memory):
    """Returns (runs that passed, list of failures)."""
    if (case / "once").exists():
        matrix = [(None, None, None)]
    else:
        matrix = matrix(str(case.relative_to(CASES)))
    passed, failures = 0, []
    with tempfile.TemporaryDirectory(prefix="pipeline-case-") as temporary:
        work = pathlib.Path(temporary) / "work"
        shutil.copytree(case, work, symlinks=True,
                        ignore=lambda folder, names: [n for n in names if pathlib.Path(folder) == case
                                                      and n in CONTROL])
        if (case / "setup").exists():
            subprocess.run(["bash", str(case / "setup")], cwd=work, check=True,
                           env=dict(os.environ, PIPELINE=program, TESTS=str(CASES.parent)))
        before = snapshot(work)
        expected = expectation(case)
        for mode, workers, size in thin(matrix, before):
            result = execute(program, case, work, mode, workers, size, patience, least_memory)
            after = snapshot(work)
            if rewrite:
                update(case, before, after, result)
                return 1, []
            wrong = differences(before, after, result, expected)
            restore(work, before, after)
            if wrong:
                failures.append(f"{case.relative_to(CASES)} [mode={mode} workers={workers} block-size={size}]: "
                                + "\n  ".join(wrong))
                if len(failures) >= most_failures:
                    break
            else:
                passed += 1
    return passed, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--matrix", choices=MATRICES, default="covering")
    parser.add_argument("--filter", default="")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these cases, in this order")
    parser.add_argument("--least-memory", action="store_true", help="with the smallest memory-limit there can be")
    parser.add_argument("--list", action="store_true", help="print their names, and run none")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="what a run may take")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    cases = [CASES / name for name in options.only or sorted(find()) if options.filter in name]
    if options.list:
        print(*(case.relative_to(CASES) for case in cases), sep="\n")
        return 0
    passed, failures = 0, []

    def one(case):
        if options.fail_fast and failures:
            return 0, []
        return run_case(program, case, MATRICES[options.matrix], options.update, options.timeout,
                        1 if options.fail_fast else 3, options.least_memory)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for count, wrong in pool.map(one, cases):
            passed += count
            failures += wrong
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

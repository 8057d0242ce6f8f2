#!/usr/bin/python3
"""How many instructions three small jobs take: a check on speed that does not ask the clock.

  tests/bench/instructions.py PROGRAM GENERATOR [--update]

Each job runs once in serial mode under valgrind's callgrind, which always takes the AVX2 paths and counts the same on
every x86-64 machine with the same compiler. A job that takes over 4 % more than instructions.json says has become
slower by accident; one that takes over 4 % less has become faster, and --update keeps it so. The numbers are those of
gcc 12 at -O3; elsewhere the check is skipped.
"""
import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "instructions.json"
TOLERANCE = 0.04

JOBS = {
    "group by a text": ("g1", 50_000, "[group-by g]\nby = id1\norder = any\ns = sum(v1)\nm = mean(v3)\n"),
    "extremes of a decimal": ("brc", 100_000, "[group-by g]\nby = station\norder = any\nlo = min(temp)\n"
                                              "mean = mean(temp)\nhi = max(temp)\n"),
    "filter, derive and write": ("g1", 50_000, "[filter f]\nwhere = v1 > 2\n[derive d]\nx = v1 * v3 + v2\n"),
}


def instructions(program, generator, shape, rows, stages):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with open(folder / "in.csv", "wb") as out:
            subprocess.run([generator, shape, str(rows), str(HERE.parent.parent / "datasets/airports.csv")], stdout=out,
                           check=True)
        (folder / "job.ini").write_text(f"[source s]\npath = in.csv\n{stages}[sink o]\npath = out.csv\n[run]\n"
                                        "mode = serial\n")
        result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "run",
                                 "job.ini"], cwd=folder,
                                capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
        found = re.search(r"Collected : (\d+)", result.stderr)
        if result.returncode or not found:
            sys.exit(f"the job failed under valgrind:\n{result.stderr}")
        return int(found.group(1))


def main():
    update = "--update" in sys.argv
    program, generator = [str(pathlib.Path(a).resolve()) for a in sys.argv[1:] if not a.startswith("--")][:2]
    compiler = subprocess.run(["readelf", "-p", ".comment", program], capture_output=True, text=True).stdout
    if platform.machine() != "x86_64" or "GCC: (Debian 12." not in compiler:
        print("instructions: skipped, they are known for gcc 12 on x86-64 only\n"
              f"0 passed, 0 failed, {len(JOBS)} skipped")
        return 0
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    counted, failed = {}, 0
    for name, job in JOBS.items():
        counted[name] = n = instructions(program, generator, *job)
        change = n / expected[name] - 1 if name in expected else 0
        print(f"{name}: {n / job[1]:.1f} instructions a row, {change:+.1%}")
        if abs(change) > TOLERANCE and not update:
            failed += 1
            print(f"  {n:,} instead of {expected[name]:,}: "
                  + ("find out why" if change > 0 else "faster; keep it with --update"))
    if update:
        EXPECTED.write_text(json.dumps(counted, indent=2) + "\n")
    print(f"{len(JOBS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""More data than memory: jobs with a memory-limit that is a part of what they take without one.

The same bytes as without, in every mode, and no more memory than the limit and 32 MiB: of one process as the system
saw it (VmHWM), of several their shares (PSS) added up while they run. What cannot be measured here is skipped.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import leash  # noqa: F401: what is started here ends with us

MIB = 1 << 20
LIMIT = 80
SLACK = 32

OTHER = "[source u]\npath = in.csv\n\n"
SUMS = "\n[group-by g]\nby = id3\nn = count()\ns = sum(v3_right)\nf = first(id3_right)\nl = last(id6_right)\n"

JOBS = {
    "sort by texts": "[sort s]\nby = id3; v3 desc\n",
    "sort by a number": "[sort s]\nby = v3\n",
    "sort of few columns": "[select c]\ncolumns = v1; id6\n\n[sort s]\nby = v1\n",
    "groups": "[group-by g]\nby = id1; id2; id3; id4; id5; id6\ns = sum(v3)\nn = count()\n",
    "groups of texts": "[group-by g]\nby = id3 || '-of-a-long-key-that-is-pointed-to' as k; id6\nm = mean(v3)\n",
    "groups by first row": "[group-by g]\nby = id1; id2; id3; id4; id5; id6\norder = appearance\n"
                           "s = sum(v3)\nn = count()\n",
    "groups in any order": "[group-by g]\nby = id6; id3\norder = any\nm = median(v3)\nhaving = m > 10\n",
    "distinct rows": "[distinct d]\n",
    "last rows of each key": "[distinct d]\nby = id3; id4\nkeep = last\n",
    "the first rows": "[limit l]\nrows = 1500000\noffset = 1000\n",
    "the last rows": "[tail l]\nrows = 1500000\n",
    "numbers": "[row-number r]\n",
    "numbers within groups": "[row-number r]\nby = id3; id6\n",
    "the best of each group": "[top-k b]\nby = id3; id6\nsort = v3 desc\nk = 3\n",
    "the best of all": "[top-k b]\nsort = v3 desc; id3\nk = 1000000\n",
    "medians and lists": "[group-by g]\nby = id6\nm = median(v3)\nd = nunique(id3)\nl = list(v1)\n",
    "one group": "[group-by g]\nm = median(id6 * 1000 + v3)\nq = quantile(v3, 0.9)\nk = kurtosis(v3)\n"
                 "d = nunique(id3 || '-' || id6)\nt = mode(id6 || id3)\nl = list(v1)\n",
    "few groups": "[group-by g]\nby = id4\norder = any\nm = median(v3)\nd = nunique(id6 * 100 + id5)\n"
                  "p = product(v3)\n",
    "groups that meet a condition": "[group-by g]\nby = id6; id3\ns = sum(v2)\nhaving = s > 20\n\n"
                                    "[sort s]\nby = s desc\n",
    "left join": OTHER + "[join j]\ninput = t\nright = u\non = v3; id6\nhow = left\ntake = id3 as r3; v2 as r2\n",
    "full join": "[filter a]\nwhere = id4 <= 60\n\n" + OTHER + "[filter b]\nwhere = id4 > 40\n\n"
                 "[join j]\ninput = a\nright = b\non = v3; id6\nhow = full\n",
    "anti join": OTHER + "[filter b]\nwhere = id4 > 20\n\n[join j]\ninput = t\nright = b\non = v3; id3; id6\n"
                 "how = anti\n",
    "cross join": "[limit few]\nrows = 3\n\n" + OTHER + "[join j]\ninput = few\nright = u\nhow = cross\n" + SUMS,
    "join with many rows of a key": "[limit few]\nrows = 5\n\n" + OTHER + "[join j]\ninput = few\nright = u\n"
                                    "on = id4 * 0 = id5 * 0\n" + SUMS,
    "keys of the left input that are there once": OTHER + "[filter b]\nwhere = id6 <= 10\n\n[join j]\ninput = t\n"
                                                  "right = b\non = v3; id6; id3; id2; id1\nvalidate = 1:m\n"
                                                  "how = left\n",
}


def family(pid):
    """A process and what it has started."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def share(pid):
    """What a process has in memory: of pages that it shares its part. Bytes."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def run(command, folder):
    """Returns: exit code, stderr, the most it had in memory."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, env=dict(os.environ, PIPELINE_LOG="plain"))
    most = 0
    while process.poll() is None:
        try:
            most = max(most, sum(share(pid) for pid in family(process.pid)))
        except OSError:
            pass
        time.sleep(0.01)
    return process.returncode, process.stderr.read(), most


def try_job(program, folder, name, report):
    (folder / "job.ini").write_text("[source t]\npath = in.csv\n\n" + JOBS[name] + "\n[sink out]\npath = out.csv\n")
    command = [program, "run", "job.ini", "-q", "-j", "2"]
    code, said, free = run(command + ["--set", "run.memory-limit=none"], folder)
    wanted = (folder / "out.csv").read_bytes() if code == 0 else b""
    report(f"{name}: without a limit", f"exit code {code}: {said}" if code else None)
    for mode in ("threads", "serial", "processes"):
        (folder / "out.csv").unlink(missing_ok=True)
        (folder / "report.json").unlink(missing_ok=True)
        code, said, most = run(command + ["--mode", mode, "--set", f"run.memory-limit={LIMIT}MiB", "--report",
                                          "report.json"], folder)
        # Worker processes have blocks of 1 MiB, and their messages, which are not made smaller yet.
        room = LIMIT + SLACK + (96 if mode == "processes" else 0)
        wrong = None
        if code:
            wrong = f"exit code {code}: {said}"
        elif (folder / "out.csv").read_bytes() != wanted:
            wrong = "other bytes than without a limit"
        elif json.loads((folder / "report.json").read_text())["memory"]["spilled"] < 10 * MIB:
            wrong = "hardly anything went to disk"
        elif most > room * MIB:
            wrong = f"took {most / MIB:.0f} MiB, {room} are allowed"
        report(f"{name}: {mode}", wrong and f"{wrong} (without a limit it takes {free / MIB:.0f} MiB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("generator")
    parser.add_argument("--rows", type=int, default=2000000)
    parser.add_argument("--filter", default="", help="only jobs with this in their names")
    options = parser.parse_args()
    counts = {"passed": 0, "failed": 0}

    def report(name, wrong):
        counts["failed" if wrong else "passed"] += 1
        if wrong:
            print(f"{name}: {wrong}")

    if not pathlib.Path("/proc/self/smaps_rollup").exists():
        print("no smaps_rollup here")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory(prefix="pipeline-spill-") as folder:
        folder = pathlib.Path(folder)
        with open(folder / "in.csv", "wb") as out:
            subprocess.run([options.generator, "g1", str(options.rows)], stdout=out, check=True)
        for name in [name for name in JOBS if options.filter in name]:
            try_job(str(pathlib.Path(options.program).resolve()), folder, name, report)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

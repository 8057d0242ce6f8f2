#!/usr/bin/env python3
"""More data than memory: jobs with a memory-limit that is a part of what they take without one.

The same bytes as without, in every mode, and no more memory than the limit and 32 MiB: the shares (PSS) of all
processes added up while they run. Where cgroups can be made, each run is in one of the limit and 64 MiB, without swap,
so that a run which takes more is killed; and a run without a limit of its own takes three quarters of the cgroup's.
What cannot be measured here is skipped, with a word.
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import leash  # noqa: F401: what is started here ends with us
import limits
from limits import MIB

MODES = ("threads", "serial", "processes")
LIMIT = 80
SLACK = 32
GROUP_SLACK = 64
# A stage that writes rows through a program.
PROGRAM = "[exec e]\ncommand = awk -f prog.awk\nsend = v1\nappend = x:int\n"
AWK = 'BEGIN { FS = "," } { print NR == 1 ? "x" : $1; fflush() }\n'

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
# What hardly anything goes to disk of, but blocks, outboxes and messages may be many and large.
FLOWS = {
    "all rows": "[filter f]\nwhere = v1 > 0\n",
    "more rows": "[unpivot u]\nkeep = id1; id3\ncolumns = v1; v2; v3\nnames-to = n\nvalues-to = v\n",
    "rows through a program": PROGRAM,
    "sorted rows through a program": "[sort s]\nby = v3\n\n" + PROGRAM,
}
# What a job needs more than blocks are made smaller for, is said: one of these.
BLOCKS = ["--set", "run.block-size=4MiB", "--set", "run.queue-depth=40"]


class Suite:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.has_groups = limits.can_group()
        self.can_measure = limits.can_measure()

    def report(self, name, wrong):
        self.counts["failed" if wrong else "passed"] += 1
        if wrong:
            print(f"{name}: {wrong}")

    def run(self, options, group_mib=None):
        """Runs the job, in a cgroup where there are some."""
        for name in ("out.csv", "report.json"):
            (self.folder / name).unlink(missing_ok=True)
        command = [self.program, "run", "job.ini", "-q", "-j", "2", "--report", "report.json", *options]
        if group_mib is None or not self.has_groups:
            return limits.run(command, self.folder)
        with limits.Group(group_mib * MIB) as group:
            return limits.run(command, self.folder, group)

    def try_limited(self, name, mode, wanted, least_spilled, options=()):
        result = self.run(["--mode", mode, "--set", f"run.memory-limit={LIMIT}MiB", *options], LIMIT + GROUP_SLACK)
        wrong = None
        if result.code:
            wrong = f"exit code {result.code}: {result.said}"
        elif (self.folder / "out.csv").read_bytes() != wanted:
            wrong = "other bytes than without a limit"
        elif json.loads((self.folder / "report.json").read_text())["memory"]["spilled"] < least_spilled:
            wrong = "hardly anything went to disk"
        elif self.can_measure and result.peak > (LIMIT + SLACK) * MIB:
            wrong = f"took {result.peak / MIB:.0f} MiB, {LIMIT + SLACK} are allowed"
        self.report(f"{name}: {mode}", wrong)

    def try_job(self, name, source, stages, modes, least_spilled, options=()):
        (self.folder / "job.ini").write_text(f"[source t]\npath = {source}\n\n{stages}\n[sink out]\npath = out.csv\n")
        result = self.run(["--set", "run.memory-limit=none"])
        wanted = (self.folder / "out.csv").read_bytes() if result.code == 0 else b""
        self.report(f"{name}: without a limit", f"exit code {result.code}: {result.said}" if result.code else None)
        for mode in modes:
            self.try_limited(name, mode, wanted, least_spilled, options)

    def try_auto(self):
        """Three quarters of a cgroup are the limit where the job names none."""
        if not self.has_groups:
            return
        (self.folder / "job.ini").write_text("[source t]\npath = in.csv\n\n[sort s]\nby = id3\n\n"
                                             "[sink out]\npath = out.csv\n")
        wanted = self.run(["--set", "run.memory-limit=none"])
        for mode in MODES:
            result = self.run(["--mode", mode], 128)
            memory = json.loads((self.folder / "report.json").read_text())["memory"] if result.code == 0 else {}
            wrong = None
            if wanted.code or result.code:
                wrong = f"exit code {result.code}: {result.said}"
            elif memory["allowed"] != 96 * MIB or memory["spilled"] < 10 * MIB:
                wrong = f"the limit is {memory['allowed']}, and {memory['spilled']} bytes went to disk"
            self.report(f"a limit by the cgroup: {mode}", wrong)

    def try_folder_in_memory(self):
        """What goes to a folder that is memory has spared none: that is said, once."""
        if limits.kind_of("/dev/shm") != "tmpfs":
            print("/dev/shm is no tmpfs here: a folder that is memory is not tried")
            self.counts["skipped"] += 1
            return
        (self.folder / "job.ini").write_text("[source t]\npath = in.csv\n\n[sort s]\nby = id3\n\n"
                                             "[sink out]\npath = out.csv\n\n[run]\ntemp-directory = /dev/shm\n")
        result = self.run(["--set", f"run.memory-limit={LIMIT}MiB"])
        wanted = ("pipeline: what does not fit in memory goes to /dev/shm, which is itself kept in memory (tmpfs); "
                  "set temp-directory to a folder on a disk\n")
        self.report("a temporary folder that is memory",
                    None if (result.code, result.said) == (0, wanted) else f"exit code {result.code}: {result.said}")

    def all(self, words):
        # Without other workers every fourth job is enough.
        jobs = [(name, "in.csv", stages, MODES if i % 4 == 0 else ("threads", "processes"), 10 * MIB)
                for i, (name, stages) in enumerate(JOBS.items())]
        jobs += [(name, "in.csv.gz", stages, ("threads", "processes"), 0) for name, stages in FLOWS.items()]
        jobs += [("sorted rows of a gzip file", "in.csv.gz", JOBS["sort by texts"], ("processes",), 10 * MIB),
                 ("blocks that are large and many", "in.csv.gz", FLOWS["all rows"], ("threads", "processes"), 0,
                  BLOCKS)]
        for job in jobs:
            if words in job[0]:
                self.try_job(*job)
        if words == "":
            self.try_auto()
            self.try_folder_in_memory()
        if not self.has_groups:
            print("no cgroups can be made here: what a small one would kill is not known")
            self.counts["skipped"] += 1
        if not self.can_measure:
            print("no smaps_rollup here: what runs take is not known")
            self.counts["skipped"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("generator")
    parser.add_argument("--rows", type=int, default=1200000)
    parser.add_argument("--filter", default="", help="only jobs with this in their names")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pipeline-spill-") as folder:
        folder = pathlib.Path(folder)
        (folder / "prog.awk").write_text(AWK)
        with open(folder / "in.csv", "wb") as out:
            subprocess.run([options.generator, "g1", str(options.rows)], stdout=out, check=True)
        with open(folder / "in.csv", "rb") as file, gzip.open(folder / "in.csv.gz", "wb", 1) as out:
            while piece := file.read(MIB):
                out.write(piece)
        suite = Suite(str(pathlib.Path(options.program).resolve()), folder)
        suite.all(options.filter)
    skipped = f", {suite.counts['skipped']} skipped" if suite.counts["skipped"] else ""
    print(f"{suite.counts['passed']} passed, {suite.counts['failed']} failed{skipped}")
    return 1 if suite.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

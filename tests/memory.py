#!/usr/bin/env python3
"""What a run says of its memory (--report, memory) against what the system saw: they must agree within 15 % or 8 MiB,
for every job of configs/, for larger ones of each stage that keeps rows or groups, and for the jobs of the benchmarks
on a tenth of their rows or less, in each mode; and what it says the system saw, against this process's own look.

  tests/memory.py PROGRAM GENERATOR      GENERATOR: datasets/generate of the build
"""
import gzip
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import leash  # noqa: F401: what is started here ends with us

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM, GENERATOR = [str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3]]
MIB = 1 << 20
N_ROWS = 600000
MOST_ROWS = 1000000

STAGES = {
    "group-by": "[group-by g]\nby = k; word\nn = count()\ns = sum(x)",
    "group-by few": "[group-by g]\nby = y\nn = count()\nm = median(x)",
    "group-by values": "[group-by g]\nby = k\nm = median(x)\nl = list(y)\nu = nunique(word)\nw = min(word)",
    "group-by, by appearance": "[group-by g]\nby = word\norder = appearance\ns = sum(x)",
    "sort": "[sort g]\nby = x desc; word",
    "sort texts": "[sort g]\nby = word; k",
    "distinct": "[distinct g]\nby = k; word",
    "top-k": "[top-k g]\nby = word\nsort = x desc\nk = 2",
    "limit": "[limit g]\nrows = 200000",
    "filter": "[filter g]\nwhere = x > 500",
    "join": "[distinct d]\nby = k\n[join g]\ninput = s\nright = d\non = k\ntake = word as other\nhow = full",
    "join of texts": "[source r]\npath = in.csv\n[join g]\ninput = s\nright = r\non = word; y\nhow = semi",
}


def generate(path):
    chance = random.Random(7)
    with open(path, "w") as file:
        file.write("id,k,word,x,y\n")
        for i in range(N_ROWS):
            k, word = chance.randrange(N_ROWS // 2), chance.randrange(N_ROWS // 8)
            file.write(f"{i},{k},word {word},{chance.random() * 1000:.3f},{chance.randrange(500)}\n")


def benchmarks():
    """The table of scripts/bench-peers: name → (file, {"job": stages …}), and file → (shape, rows)."""
    loader = importlib.machinery.SourceFileLoader("bench_peers", str(ROOT / "scripts" / "bench-peers"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_peers", loader))
    loader.exec_module(module)
    return module.WORKLOADS, module.DATA


def data_of(folder, file, data):
    """The data of a benchmark, cut to what takes a second."""
    shape, rows = data[file.removesuffix(".gz")]
    path = folder / f"{shape}.csv"
    if not path.exists():
        with open(path, "wb") as out:
            subprocess.run([GENERATOR, shape, str(min(rows // 10, MOST_ROWS)), str(ROOT / "datasets" / "airports.csv")],
                           stdout=out, check=True)
    if file.endswith(".gz"):
        (folder / f"{shape}.csv.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        return f"{shape}.csv.gz"
    return path.name


def report_of(job, folder, *options):
    result = subprocess.run([PROGRAM, "run", job, "--report", "report.json", *options], cwd=folder,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if result.returncode:
        return None, f"exit {result.returncode}: {result.stderr}"
    return json.loads((folder / "report.json").read_text()), None


def judge(report):
    memory = report["memory"]
    seen, accounted = memory["seen"], memory["accounted"]
    if memory["unaccounted"] != seen - accounted or accounted != memory["base"] + memory["leased"] + memory["programs"]:
        return f"does not add up: {memory}"
    # The peaks of holders are not all at one time, but none is without the others.
    peaks = [holder["peak"] for holder in memory["holders"]]
    if not max(peaks) <= memory["leased"] <= sum(peaks) + MIB:
        return f"{memory['leased']} bytes were leased, by holders of {peaks}"
    if abs(seen - accounted) > max(0.15 * seen, 8 * MIB):
        return f"{seen / MIB:.1f} MiB were seen, {accounted / MIB:.1f} are accounted for: {memory}"
    return None


def look(job, folder):
    """Returns: what the run says was seen, and what the system says when it has ended."""
    process = subprocess.Popen([PROGRAM, "run", job, "--set", "run.mode=serial", "--report", "report.json"], cwd=folder)
    _, _, usage = os.wait4(process.pid, 0)
    return json.loads((folder / "report.json").read_text())["memory"]["seen"], usage.ru_maxrss * 1024


def main():
    n_passed = n_failed = 0

    def tell(name, wrong):
        nonlocal n_passed, n_failed
        n_passed, n_failed = n_passed + (not wrong), n_failed + bool(wrong)
        if wrong:
            print(f"{name}: {wrong}")

    with tempfile.TemporaryDirectory(prefix="pipeline-memory-") as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(ROOT / "configs", folder / "configs")
        (folder / "datasets").symlink_to(ROOT / "datasets")
        for plugin in sorted((folder / "configs").glob("*.c")):
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", f"-I{ROOT}", "-o", plugin.with_suffix(".so"), plugin,
                            "-lm"], check=True)
        for config in sorted((folder / "configs").glob("*.ini")):
            report, wrong = report_of(f"configs/{config.name}", folder)
            tell(f"configs/{config.name}", wrong or judge(report))
        generate(folder / "in.csv")
        for name, stage in STAGES.items():
            # Keys of texts are made in arenas, one a task, whose newest chunks of 4 MiB are leased whole: so many of
            # them want many rows.
            paths = "in.csv; in.csv; in.csv" if name == "sort texts" else "in.csv"
            (folder / "job.ini").write_text(f"[source s]\npath = {paths}\n\n{stage}\n\n[sink o]\npath = out.csv\n")
            for mode in ("serial", "threads", "processes"):
                report, wrong = report_of("job.ini", folder, "--set", f"run.mode={mode}", "--set", "run.workers=2")
                tell(f"{name}, {mode}", wrong or judge(report))
        workloads, data = benchmarks()
        for name, (file, workload) in workloads.items():
            path = data_of(folder, file, data)
            (folder / "job.ini").write_text(f"[source rows]\npath = {path}\n\n{workload['job']}\n"
                                            "[sink o]\npath = out.csv\n")
            for mode in ("threads", "processes"):
                report, wrong = report_of("job.ini", folder, "--set", f"run.mode={mode}", "--set", "run.workers=2")
                tell(f"benchmark {name}, {mode}", wrong or judge(report))
        # Types that the last row contradicts: the whole input is looked at once more, in blocks of its own.
        for name in ("in.csv", "in.csv.gz"):
            late = (folder / "in.csv").read_text() + "0,none,word,1,1\n"
            (folder / f"late-{name}").write_bytes(gzip.compress(late.encode(), 1) if name.endswith(".gz")
                                                  else late.encode())
            (folder / "job.ini").write_text(f"[source s]\npath = late-{name}\n\n[group-by g]\nby = y\nk = max(k)\n\n"
                                            "[sink o]\npath = out.csv\n\n[run]\nblock-size = 4MiB\nqueue-depth = 8\n")
            for mode in ("serial", "threads", "processes"):
                report, wrong = report_of("job.ini", folder, "--set", f"run.mode={mode}", "--set", "run.workers=2")
                tell(f"types contradicted late, {name}, {mode}", wrong or judge(report)
                     or (None if report["passes"] == 2 else f"{report['passes']} passes, not 2"))
        # Large, as the system counts what this process had before it became the program, too.
        (folder / "job.ini").write_text("[source s]\npath = in.csv; in.csv; in.csv; in.csv\n\n[sort g]\nby = word\n\n"
                                        "[sink o]\npath = out.csv\n")
        said, seen = look("job.ini", folder)
        tell("what was seen", None if abs(seen - said) < MIB else f"{said} bytes, it says, but {seen}")
    print(f"{n_passed} passed, {n_failed} failed")
    return n_failed > 0


sys.exit(main())

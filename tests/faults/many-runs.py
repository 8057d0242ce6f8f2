#!/usr/bin/env python3
"""Many runs: of one job at once, a thousand in a row, the same one in every way there is, each case under valgrind; and
the examples of what starts them in configs/.

None is in the way of another one, leaves anything behind for it, or gives other bytes.
"""
import hashlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from common import JOBS, Job, main, spread, with_parent

CONFIGS = pathlib.Path(__file__).resolve().parent.parent.parent / "configs"


def overlapping_runs(arguments, report):
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        folder = pathlib.Path(folder)
        os.mkfifo(folder / "pipe")
        (folder / "job.ini").write_text("[source t]\npath = pipe\ncolumns = a\nheader = false\n\n[sink s]\n"
                                        "path = out.csv\n\n[run]\nlock = fail\n")
        (folder / "other.ini").write_text("[source t]\npath = job.ini\ncolumns = a\nheader = false\n\n[sink s]\n"
                                          "path = other.csv\n\n[run]\nlock = fail\n")

        def run(*more, job="job.ini"):
            return subprocess.run([arguments.program, "run", job, *more], cwd=folder, capture_output=True, text=True,
                                  timeout=20, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, PIPELINE_LOG="plain"))

        def expect(name, result, code, pattern):
            report(f"overlap: {name}", None if result.returncode == code and re.fullmatch(pattern, result.stderr)
                   else f"{result.returncode}: {result.stderr}")

        begun = time.time()
        first = subprocess.Popen([arguments.program, "run", "job.ini"], cwd=folder, stderr=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, preexec_fn=with_parent)
        time.sleep(0.2)
        holder = rf"job\.ini is being run already by process {first.pid}, since (\S+)"
        result = run()
        expect("fail", result, 75, f"pipeline: {holder}\n")
        since = re.search("since (.*)Z", result.stderr)
        told = abs(time.mktime(time.strptime(since[1], "%Y-%m-%dT%H:%M:%S")) - time.timezone - begun) if since else 999
        report("overlap: since when", None if told < 5 else f"{told} s beside the truth")
        expect("skip", run("--set", "run.lock=skip"), 0, "")
        expect("skip, verbose", run("--set", "run.lock=skip", "-v"), 0, f"pipeline: {holder}; skipped\n")
        expect("another job", run(job="other.ini"), 0, "")
        expect("waiting ends with the timeout", run("--set", "run.lock=wait", "--set", "run.timeout=200ms"), 75,
               "pipeline: the run took longer than its timeout and was stopped\n")
        stopped = subprocess.Popen([arguments.program, "run", "job.ini", "--set", "run.lock=wait"], cwd=folder,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=with_parent)
        time.sleep(0.1)
        stopped.terminate()
        _, err = stopped.communicate(timeout=10)
        report("overlap: stopped while waiting", None if stopped.returncode == -signal.SIGTERM
               and b"stopped by SIGTERM" in err else f"{stopped.returncode}: {err}")
        waiting = subprocess.Popen([arguments.program, "run", "job.ini", "--set", "run.lock=wait"], cwd=folder,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=with_parent)
        time.sleep(0.2)
        report("overlap: wait", None if waiting.poll() is None else "did not wait")
        first.kill()
        first.communicate()
        with open(folder / "pipe", "w") as pipe:
            pipe.write("1\n2\n")
        _, err = waiting.communicate(timeout=10)
        good = waiting.returncode == 0 and (folder / "out.csv").read_text() == "a\n1\n2\n"
        report("overlap: a killed run frees the lock, and the one that waited goes on",
               None if good else f"{waiting.returncode}: {err}")
        report("overlap: no strays", None if sorted(p.name for p in folder.iterdir())
               == ["job.ini", "other.csv", "other.ini", "out.csv", "pipe"] else "strays")
        result = subprocess.run([arguments.program, "run", "-"], input=(folder / "other.ini").read_text(), cwd=folder,
                                capture_output=True, text=True, timeout=20)
        report("overlap: a job from stdin",
               None if result.returncode == 78 and "lock = fail needs a job file" in result.stderr else result.stderr)


def runs_in_a_row(arguments, report):
    """Run after run: no growth of memory or open files, no zombies, no strays. A process a run: what could grow is on
    the disk and in the run itself."""
    rounds = 1000 if arguments.full else 30
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        temporary = pathlib.Path(temporary)
        (temporary / "tmp").mkdir()
        shared = {p.name for p in pathlib.Path("/dev/shm").iterdir()}
        peaks, jobs = {}, [Job(arguments.program, name, temporary / name) for name in JOBS if name != "long"]
        for job in jobs:
            job.learn()
        for index in range(rounds):
            job = jobs[index % len(jobs)]
            job.make_old()
            process = job.start(TMPDIR=str(temporary / "tmp"))
            out, err = process.stdout.read(), process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stdout.close()
            process.stderr.close()
            peaks.setdefault(job.name, []).append(usage.ru_maxrss)
            report(f"run {index}", job.judge(process.returncode, out, err.decode()))
        report("runs in a row: strays", None if not os.listdir(temporary / "tmp")
               and {p.name for p in pathlib.Path("/dev/shm").iterdir()} <= shared else "some")
        for name, sizes in peaks.items():
            tenth = max(len(sizes) // 10, 3)
            early, late = sum(sizes[:tenth]) / tenth, sum(sizes[-tenth:]) / tenth
            report(f"runs in a row: memory of {name}",
                   None if late < early * 1.1 else f"{early:.0f} KiB at first, {late:.0f} in the end")


def one_hash(arguments, report):
    """Workers × block sizes × modes: the same bytes."""
    blocks = ("64", "777", "1KiB", "4KiB", "64KiB", "256KiB", "1MiB")
    grid = ([("serial", 1, b) for b in blocks] + list(itertools.product(("threads", "processes"), (1, 2, 3, 4, 5, 7, 8),
                                                                        blocks)))
    if not arguments.full:
        grid = grid[::11]
    while arguments.full and len(grid) < 200:
        grid += grid[:200 - len(grid)]

    def attempt(task, local):
        mode, workers, block = task
        job = Job(arguments.program, "threads", pathlib.Path(local.folder) / "grid")
        code, out, err = job.run("--mode", mode, "-j", str(workers), "--set", f"run.block-size={block}")
        digest = hashlib.sha256(b"".join(job.files()[t] or b"" for t in job.targets)).hexdigest()
        report(f"{mode} with {workers} workers and blocks of {block}", None if code == 0 else err)
        return digest

    digests = set(spread(grid, attempt))
    report(f"one hash of {len(grid)} runs", None if len(digests) == 1 else f"{len(digests)} hashes")


def examples(arguments, report):
    """configs/ has a crontab line and units that are right."""
    cron = (CONFIGS / "cron" / "pipeline.cron").read_text()
    lines = [line for line in cron.splitlines() if line and not line.startswith("#") and "=" not in line.split()[0]]
    fields = r"(\*|[0-9]+)(\s+(\*|[0-9,*/-]+)){4}"
    good = lines and all(re.match(fields + r"\s+/\S*pipeline run /", line) for line in lines)
    report("crontab", None if good else cron)
    units = sorted((CONFIGS / "systemd").iterdir())
    report("units", None if [u.name for u in units] == ["pipeline@.service", "pipeline@.timer"] else str(units))
    if shutil.which("systemd-analyze") is None:
        report.skip("systemd-analyze verify: not here")
        return
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        for unit in units:
            text = unit.read_text().replace("/usr/local/bin/pipeline", arguments.program)
            (pathlib.Path(temporary) / unit.name.replace("@", "@job")).write_text(text)
            (pathlib.Path(temporary) / unit.name).write_text(text)
        for unit in units:
            result = subprocess.run(["systemd-analyze", "verify", "--man=no",
                                     str(pathlib.Path(temporary) / unit.name.replace("@", "@job"))],
                                    capture_output=True, text=True)
            said = [line for line in (result.stdout + result.stderr).splitlines() if "pipeline@" in line]
            report(f"verify {unit.name}", "\n".join(said) or None)


def under_valgrind(arguments, report):
    """Leaks and stray reads: of each small job, and of a case of every stage, aggregate and function. Not part of a
    sample: it takes seconds a job. (Not of worker processes: they are started as /proc/self/exe, which is valgrind
    there.)"""
    if not arguments.full:
        return
    if shutil.which("valgrind") is None:
        report.skip("valgrind: not here")
        return

    def attempt(task, local):
        name, folder = task
        work = pathlib.Path(local.folder) / name
        if folder is None:
            job = Job(arguments.program, name, work)
        else:
            shutil.copytree(folder, work, ignore=shutil.ignore_patterns("expected"))
        mode = "serial" if name == "serial" else "threads"
        with open(work / "in.csv" if folder is None and job.piped else "/dev/null", "rb") as source:
            result = subprocess.run(["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
                                     "--errors-for-leak-kinds=definite", arguments.program, "run", "job.ini", "--mode",
                                     mode, "-j2"], cwd=work, stdin=source, capture_output=True, timeout=300,
                                    env=dict(os.environ, PIPELINE_LOG="plain", G_SLICE="always-malloc", TZ="UTC"))
        expected = (int((folder / "expected" / "exit").read_text()) if folder is not None
                    and (folder / "expected" / "exit").exists() else 0)
        report(f"valgrind: {name}", None if result.returncode == expected and b"==" not in result.stderr
               else result.stderr.decode(errors="replace")[:3000])

    cases = pathlib.Path(__file__).resolve().parent.parent / "cases"
    tasks = [(name, None) for name in ("threads", "serial")]
    for kind in ("stage", "aggregate", "function"):
        found = [path.parent for path in sorted((cases / kind).rglob("job.ini"))
                 if not any((path.parent / name).exists() for name in ("setup", "cmd", "once"))]
        tasks += [(str(folder.relative_to(cases)), folder) for folder in found]
    spread(tasks, attempt)


if __name__ == "__main__":
    main(__doc__, [overlapping_runs, runs_in_a_row, one_hash, examples, under_valgrind])

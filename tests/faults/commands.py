#!/usr/bin/env python3
"""Programs that sources read from: whatever ends a run ends them, and what they have started, and only their exit code
says that all rows have come."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from common import main, with_parent

# Enough rows for the run to begin, then silence.
SILENT = "sleep 300 & echo $! > grandchild; echo $$ > child; echo a; seq 40000; sleep 300\n"
JOB = "[source t]\ncommand = bash rows\n\n[sink s]\npath = out.csv\n\n[run]\nblock-size = 16KiB\nworkers = 2\n"


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class Place:
    def __init__(self, program, folder, rows):
        self.program, self.folder = program, pathlib.Path(folder)
        (self.folder / "job.ini").write_text(JOB)
        (self.folder / "rows").write_text(rows)

    def start(self, command="run", *more):
        for name in ("child", "grandchild"):
            (self.folder / name).unlink(missing_ok=True)
        return subprocess.Popen([self.program, command, "job.ini", *more], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=dict(os.environ, PIPELINE_LOG="plain"), preexec_fn=with_parent)

    def pid(self, name):
        path = self.folder / name
        return int(path.read_text()) if wait_for(lambda: path.exists() and path.read_text().endswith("\n")) else None

    def end(self, process):
        try:
            _, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, "a hang"
        return process.returncode, err.decode()

    def judge(self, process, names, expected):
        """What is wrong with the end of @process, whose program's processes @names must be gone."""
        pids = {name: self.pid(name) for name in names}
        found = self.end(process)
        if found != expected:
            return str(found)
        stayed = [name for name, pid in pids.items() if pid is None or not wait_for(lambda pid=pid: not is_running(pid),
                                                                                    2)]
        if expected[0] == -signal.SIGKILL:
            # The next run would.
            for temporary in self.folder.glob(".out.csv.pipeline-*.tmp"):
                temporary.unlink()
        left = {p.name for p in self.folder.iterdir()} - {"job.ini", "rows", "child", "grandchild"}
        return f"{stayed} stayed" if stayed else f"left behind: {left}" if left else None


def programs_end_with_the_run(arguments, report):
    stopped = {signal.SIGTERM: "pipeline: stopped by SIGTERM\n", signal.SIGINT: "pipeline: stopped by SIGINT\n",
               signal.SIGKILL: ""}
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        place = Place(arguments.program, folder, SILENT)
        for mode in ("threads", "processes", "serial") if arguments.full else ("threads", "serial"):
            for number, message in stopped.items():
                process = place.start("run", "--mode", mode)
                place.pid("child")
                time.sleep(0.05)
                process.send_signal(number)
                # Nobody is left to end what the program has started when the run is killed.
                names = ("child",) if number == signal.SIGKILL else ("child", "grandchild")
                report(f"{number.name}, {mode}", place.judge(process, names, (-number, message)))
                with_grandchild = place.pid("grandchild")
                if is_running(with_grandchild):
                    os.kill(with_grandchild, signal.SIGKILL)
            process = place.start("run", "--mode", mode)
            place.pid("child")
            process.send_signal(signal.SIGSEGV)
            expected = 70, "pipeline: internal error: signal 11; outputs that are not in place yet are discarded\n"
            report(f"crash, {mode}", place.judge(process, ("child", "grandchild"), expected))
            process = place.start("run", "--mode", mode, "--set", "run.timeout=500ms")
            expected = 75, "pipeline: the run took longer than its timeout and was stopped\n"
            report(f"timeout, {mode}", place.judge(process, ("child", "grandchild"), expected))


def programs_end_with_other_commands(arguments, report):
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        place = Place(arguments.program, folder, SILENT)
        for command, more in (("check", ("-q",)), ("plan", ()), ("run", ("--dry-run",))):
            report(f"{command} {' '.join(more)}",
                   place.judge(place.start(command, *more), ("child", "grandchild"), (0, "")))
        place = Place(arguments.program, folder, SILENT.replace("sleep 300\n", "yes\n"))
        (place.folder / "job.ini").write_text(JOB.replace("bash rows", "bash rows\nlimit = 3"))
        report("a job that needs no more", place.judge(place.start("head"), ("child", "grandchild"), (0, "")))
        (place.folder / "job.ini").write_text(JOB + "[source missing]\npath = nothing.csv\n[sink o]\npath = o.csv\n")
        expected = 66, "pipeline: job.ini:11:8: cannot find nothing.csv\n"
        report("a job with a mistake", place.judge(place.start(), ("child", "grandchild"), expected))


def failures_at_any_size(arguments, report):
    """However many rows came before: none is published. (The first rows are looked at before the run begins, others in
    the middle of it.)"""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        for rows in (0, 1, 1000, 20000, 200000):
            for how, fate in (("exit 3", "ended with exit code 3"), ("kill -ABRT $$", "was killed by signal 6")):
                for mode in ("threads", "processes", "serial"):
                    place = Place(arguments.program, folder, f"echo a; seq {rows}; echo why >&2; {how}\n")
                    expected = 74, f"pipeline: 'bash rows' of [source t] {fate}; its last words: why\n"
                    report(f"{how} behind {rows} rows, {mode}",
                           place.judge(place.start("run", "--mode", mode), (), expected))


if __name__ == "__main__":
    main(__doc__, [programs_end_with_the_run, programs_end_with_other_commands, failures_at_any_size])

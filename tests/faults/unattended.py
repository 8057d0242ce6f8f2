#!/usr/bin/env python3
"""Runs nobody watches: stopped by signals at any moment, killed, left by plugins, with nothing to stand on.

Whatever happens, the targets are all old or all new, no process and no file stays behind, and who looks at the log
later knows why.
"""
import itertools
import json
import os
import pathlib
import random
import re
import resource
import signal
import shutil
import subprocess
import tempfile
import time

from common import JOBS, Job, main, spread, with_parent

DATASETS = pathlib.Path(__file__).resolve().parent.parent.parent / "datasets"
LONG = f"""[source t]
path = {DATASETS / "flights-100k.csv"}

[group-by g]
by = origin
n = count()
s = sum(delay)

[sink groups]
path = groups.csv

[sink rows]
input = t
path = sub/rows.csv

[run]
workers = 2
block-size = 16KiB
mode = """
STOPS = {signal.SIGINT: "SIGINT", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
# Whatever else ends a process by default, and by what name the run is told to have been stopped.
OTHER_STOPS = {signal.SIGQUIT: "SIGQUIT", signal.SIGUSR1: "SIGUSR1", signal.SIGUSR2: "SIGUSR2",
               signal.SIGALRM: "SIGALRM", signal.SIGXCPU: "SIGXCPU", signal.SIGXFSZ: "SIGXFSZ",
               signal.SIGVTALRM: "SIGVTALRM", signal.SIGPROF: "SIGPROF", signal.SIGPOLL: "SIGPOLL",
               signal.SIGPWR: "SIGPWR", 16: "SIGSTKFLT", 34: "signal 34", 50: "signal 50", 64: "signal 64"}
ALL_STOPS = {**STOPS, **OTHER_STOPS}


class Long(Job):
    """A run that takes long enough to be interrupted."""

    def __init__(self, program, mode, local):
        JOBS["long"] = (LONG, ("groups.csv", "sub/rows.csv"), False)
        super().__init__(program, "long", pathlib.Path(local.folder) / mode)
        (self.folder / "job.ini").write_text(LONG + mode + "\n")
        self.learn()
        start = time.monotonic()
        self.run()
        self.seconds = time.monotonic() - start

    @staticmethod
    def of(program, mode, local):
        if not hasattr(local, "long"):
            local.long = {}
        if mode not in local.long:
            local.long[mode] = Long(program, mode, local)
        return local.long[mode]


def children(pid):
    try:
        return [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_running(pid):
    """A zombie has ended: whoever inherited it just has not looked yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pids, seconds=2):
    deadline = time.monotonic() + seconds
    while any(map(is_running, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def interrupt(job, number, moment, again=False):
    """Sends a signal after a while. What is wrong, the exit code."""
    job.make_old()
    process = job.start()
    time.sleep(moment)
    workers = children(process.pid)
    process.send_signal(number)
    start = time.monotonic()
    if again:
        time.sleep(random.uniform(0, 0.003))
        process.send_signal(number)
    try:
        _, err = process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "a hang", None
    err, code = err.decode(), process.returncode
    if number != signal.SIGKILL and time.monotonic() - start > 2:
        return f"it took {time.monotonic() - start:.1f} s", code
    if code not in (0, -number):
        return f"exit code {code}: {err}", code
    if code == -number and number in ALL_STOPS and err not in (f"pipeline: stopped by {ALL_STOPS[number]}\n", ""):
        return f"message: {err}", code
    if not gone(workers):
        return "a worker outlived its run by 2 s", code
    if number == signal.SIGKILL:
        bad = [t for t, data in job.files().items() if data not in (b"old\n", job.new[t])]
        return (f"{bad} neither old nor new" if bad else job.recover()), code
    if code == 0 and job.files() != job.new:
        return "exit code 0 and old files", code
    return (job.half() or (f"left behind: {job.leftovers()}" if job.leftovers() else None)
            or (job.recover() if code else None), code)


def signals_at_any_moment(arguments, report):
    def attempt(task, local):
        number, mode, index = task
        job = Long.of(arguments.program, mode, local)
        moment = random.Random(index).uniform(0.01, job.seconds * 1.1)
        wrong, code = interrupt(job, number, moment, again=index % 4 == 3)
        report(f"{ALL_STOPS[number]} {index} of {mode}", wrong)
        return code == -number

    rounds = {n: (150 if n == signal.SIGTERM else 50 if n in STOPS else 20) if arguments.full else 3 if n in STOPS
              else 1 for n in ALL_STOPS}
    stopped = spread([(n, m, i) for n in ALL_STOPS for m in ("threads", "processes") for i in range(rounds[n])],
                     attempt)
    report("signals: some runs were stopped", None if any(stopped) else "none was")
    if arguments.full:
        print(f"  {sum(2 * r for r in rounds.values())} signals, {2 * rounds[signal.SIGTERM]} of them SIGTERM; "
              f"{sum(stopped)} runs were stopped by them")


def kills_at_any_moment(arguments, report):
    def attempt(task, local):
        mode, index = task
        job = Long.of(arguments.program, mode, local)
        report(f"kill {index} of {mode}",
               interrupt(job, signal.SIGKILL, random.Random(index).uniform(0, job.seconds * 1.1))[0])

    spread([(m, i) for m in ("threads", "processes") for i in range(250 if arguments.full else 10)], attempt)


def stopped_while_waiting(arguments, report):
    """A run that waits for a pipe nobody writes into hears signals all the same; a timeout ends it by itself."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        folder = pathlib.Path(folder)
        os.mkfifo(folder / "pipe")
        (folder / "job.ini").write_text("[source t]\npath = pipe\ncolumns = a; b\nheader = false\n\n[sink s]\n"
                                        "path = out.csv\n")

        def start(*more):
            return subprocess.Popen([arguments.program, "run", "job.ini", *more], cwd=folder, stderr=subprocess.PIPE,
                                    stdin=subprocess.DEVNULL,
                                    env=dict(os.environ, PIPELINE_LOG="plain"), preexec_fn=with_parent)

        for opened, number, mode in itertools.product((False, True), STOPS, ("threads", "processes", "serial")):
            if not arguments.full and (opened, number) not in ((False, signal.SIGINT), (True, signal.SIGTERM)):
                continue
            process = start("--mode", mode)
            writer = None
            if opened:
                writer = os.open(folder / "pipe", os.O_WRONLY)
                os.write(writer, b"1,2\n" * 3)
            time.sleep(0.1)
            workers = children(process.pid)
            begin = time.monotonic()
            process.send_signal(number)
            _, err = process.communicate(timeout=10)
            took = time.monotonic() - begin
            if writer is not None:
                os.close(writer)
            wrong = None
            if process.returncode != -number or took > 2 or err.decode() != f"pipeline: stopped by {STOPS[number]}\n":
                wrong = f"exit code {process.returncode} after {took:.1f} s: {err.decode()}"
            elif not gone(workers):
                wrong = "a worker stayed"
            elif sorted(p.name for p in folder.iterdir()) != ["job.ini", "pipe"]:
                wrong = "something was left behind"
            report(f"{STOPS[number]} while {'reading' if opened else 'opening'} a pipe, {mode}", wrong)
        begin = time.monotonic()
        process = start("--set", "run.timeout=300ms")
        _, err = process.communicate(timeout=10)
        took = time.monotonic() - begin
        good = (process.returncode == 75 and err == b"pipeline: the run took longer than its timeout and was stopped\n"
                and 0.3 <= took < 2.3)
        report("timeout", None if good else f"exit code {process.returncode} after {took:.1f} s: {err.decode()}")


def ignored_signals_stay_ignored(arguments, report):
    def attempt(number, local):
        job = Long.of(arguments.program, "threads", local)
        job.make_old()
        process = subprocess.Popen([arguments.program, "run", "job.ini"], cwd=job.folder, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
        time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=10)
        report(f"{STOPS[number]} ignored",
               job.half() or (None if process.returncode == 0 and job.files() == job.new
                              else f"{process.returncode}: {err}"))

    spread((signal.SIGHUP, signal.SIGINT), attempt)


def crashes(arguments, report):
    """A crash of the main process, which is a mistake of ours: a message, exit code 70, and nothing stays behind."""
    def attempt(number, local):
        job = Long.of(arguments.program, "threads", local)
        job.make_old()
        process = job.start()
        time.sleep(job.seconds / 3)
        process.send_signal(number)
        _, err = process.communicate(timeout=10)
        left = job.leftovers()
        wrong = f"left behind: {left}" if left else job.recover()
        if (process.returncode != 0
                and (process.returncode != 70 or f"internal error: signal {number:02}; " not in err.decode())):
            wrong = f"exit code {process.returncode}: {err.decode()}"
        report(f"crash by signal {number}", wrong)

    spread((signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGTRAP), attempt)


def crashes_at_any_moment(arguments, report):
    """Signals that look like a crash, sent from outside at random moments beside a load: no temporary and no journal
    stays, not even in the middle of publishing."""
    crashing = (signal.SIGTRAP, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT,
                signal.SIGSYS)

    def attempt(index, local):
        job = Long.of(arguments.program, ("threads", "processes")[index % 2], local)
        generator, number = random.Random(index), crashing[index // 2 % len(crashing)]
        job.make_old()
        process = job.start()
        # Half of them towards the end, where outputs are put in place.
        time.sleep(job.seconds * (generator.uniform(0.8, 1.1) if index % 4 < 2 else generator.uniform(0, 1.1)))
        process.send_signal(number)
        if index % 3 == 0:
            process.send_signal(crashing[index % len(crashing)])
        try:
            _, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            report(f"crash {index}", "a hang")
            return 0
        code, err = process.returncode, err.decode()
        # Before the program has begun, it is killed as any is.
        wrong = job.half() or (f"left behind: {job.leftovers()}" if job.leftovers() else None)
        crashed = r"pipeline: internal error: signal \d\d; outputs that are not in place yet are discarded\n"
        if code not in (0, -number) and (code != 70 or not re.fullmatch(crashed, err)):
            wrong = f"exit code {code}: {err}"
        report(f"crash {index} by signal {number}", wrong)
        return code == 70

    # More at once than there are processors: threads are put aside in the middle of everything.
    hit = spread(range(1000 if arguments.full else 24), attempt, jobs=4 * (os.cpu_count() or 1))
    report("crashes hit runs", None if any(hit) else "none did")


def build_plugin(name, folder):
    root = DATASETS.parent
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{root}", "-o", folder / f"{name}.so",
                    root / "tests" / "plugins" / f"{name}.c"], check=True)


def plugins_that_leave(arguments, report):
    """A plugin that ends the process in whatever way has not made the run a success: exit code 70, a word, nothing
    published, nothing left."""
    ended = ("pipeline: the program was ended by code that is not its own (a plugin or library called exit); nothing "
             "was published\n")
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        folder = pathlib.Path(folder)
        build_plugin("leave", folder)
        (folder / "in.csv").write_text("a\n" + "".join(f"{i}\n" for i in range(30000)))
        (folder / "job.ini").write_text("[source t]\npath = in.csv\n\n[plugin p]\nlibrary = leave.so\n\n[sink s]\n"
                                        "path = out.csv\n\n[run]\nworkers = 2\n")
        crashes_ = {"trap": 5, "abort": 6, "sys": 31, "segv": 11, "stack": 11}
        for deed in ("exit", "_exit", "_Exit", "quick_exit", "pthread_exit", *crashes_):
            for place, mode in (("columns", "threads"), ("columns", "processes"), ("map", "threads"),
                                ("map", "serial")):
                # That ends one thread only, and with it the run's hope of an end: timeout's business.
                if deed == "pthread_exit" and (place, mode) == ("map", "threads"):
                    continue
                result = subprocess.run([arguments.program, "run", "job.ini", "--mode", mode, "--set",
                                         f"plugin p.deed={deed}", "--set", f"plugin p.in={place}"], cwd=folder,
                                        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                                        env=dict(os.environ, PIPELINE_LOG="plain"))
                said = (f"pipeline: internal error: signal {crashes_[deed]:02}; outputs that are not in place yet are "
                        "discarded\n" if deed in crashes_ else ended)
                wrong = (None if (result.returncode, result.stderr) == (70, said)
                         else f"exit code {result.returncode}: {result.stderr}")
                left = {p.name for p in folder.iterdir()} - {"in.csv", "job.ini", "leave.so"}
                report(f"plugin: {deed} in {place}, {mode}", wrong or (f"left behind: {left}" if left else None))


def no_memory(arguments, report):
    """Whose limit it was that left a run without memory, which would not keep to a limit of its own: exit code 75, as
    more memory makes it work. A run that does goes by way of the disk."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        folder = pathlib.Path(folder)
        (folder / "in.csv").write_text("a,b\n" + "".join(f"{i},{i % 1000:0200}\n"
                                                         for i in range(1000000 if arguments.full else 300000)))
        (folder / "job.ini").write_text("[source t]\npath = in.csv\n\n[sort s]\nby = b\n\n[sink s]\npath = out.csv\n\n"
                                        "[run]\nworkers = 2\n")

        def run(mode, kind, most, limit="none"):
            return subprocess.run([arguments.program, "run", "job.ini", "--mode", mode, "--set", "run.retries=0",
                                   "--set", f"run.memory-limit={limit}"], cwd=folder, capture_output=True, text=True,
                                  timeout=120, stdin=subprocess.DEVNULL, env=dict(os.environ, PIPELINE_LOG="plain"),
                                  preexec_fn=lambda: kind is None or resource.setrlimit(kind, (most, most)))

        for kind, name in ((resource.RLIMIT_AS, "RLIMIT_AS (ulimit -v)"),
                           (resource.RLIMIT_DATA, "RLIMIT_DATA (ulimit -d)")):
            for mode in ("threads", "serial"):
                result = run(mode, kind, 60 << 20)
                pattern = (rf"pipeline: no memory: \d+ bytes more were asked for, and {re.escape(name)} allows a "
                           r"process 60 MiB; raise the limit, or use fewer workers, or a smaller block-size or "
                           r"queue-depth\n")
                wrong = (None if result.returncode == 75 and re.fullmatch(pattern, result.stderr)
                         else f"exit code {result.returncode}: {result.stderr}")
                left = {p.name for p in folder.iterdir()} - {"in.csv", "job.ini"}
                report(f"no memory, {name}, {mode}", wrong or (f"left behind: {left}" if left else None))
        assert run("serial", None, 0).returncode == 0
        wanted = (folder / "out.csv").read_bytes()
        (folder / "out.csv").unlink()
        result = run("serial", resource.RLIMIT_DATA, 60 << 20, "auto")
        wrong = f"exit code {result.returncode}: {result.stderr}" if result.returncode else None
        if wrong is None and (folder / "out.csv").read_bytes() != wanted:
            wrong = "other bytes than with all the memory there is"
        report("no memory, by way of the disk", wrong)


def little_memory(arguments, report):
    """Stages that hold more than they need give it back before a cgroup's limit is met."""
    base = pathlib.Path("/sys/fs/cgroup/memory" if pathlib.Path("/sys/fs/cgroup/memory").is_dir() else "/sys/fs/cgroup")
    group, limit = base / f"pipeline-{os.getpid()}", None
    try:
        group.mkdir()
        names = ("memory.limit_in_bytes", "memory.max")
        limit = next((group / name for name in names if (group / name).exists()), None)
        if limit is not None:
            limit.write_text(str(1 << 30))
    except OSError:
        limit = None
    if limit is None:
        report.skip("little memory: needs the right to make a cgroup with a limit")
        if group.is_dir():
            group.rmdir()
        return
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        folder = pathlib.Path(folder)
        n = 400000
        (folder / "in.csv").write_text("k,b\n" + "".join(f"{i * 7919 % n},{i:0150}\n" for i in range(5 * n // 2)))
        for stage, keys in (("tail", f"rows = {n}"), ("distinct", "by = k\nkeep = last")):
            (folder / "job.ini").write_text(f"[source t]\npath = in.csv\n\n[{stage} s]\n{keys}\n\n[sink s]\n"
                                            "path = out.csv\n\n[run]\nmode = serial\n")

            def run():
                return subprocess.run([arguments.program, "run", "job.ini", "--report", "report.json"], cwd=folder,
                                      capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                                      env=dict(os.environ, PIPELINE_LOG="plain"),
                                      preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())))

            limit.write_text(str(1 << 30))
            first = run()
            peak = json.loads((folder / "report.json").read_text())["memory"]["seen"] if first.returncode == 0 else 0
            wanted = (folder / "out.csv").read_bytes() if first.returncode == 0 else None
            limit.write_text(str(peak * 3 // 4))
            result = run()
            wrong = (f"exit code {result.returncode} within three quarters of {peak} bytes: {result.stderr}"
                     if result.returncode else None)
            if wrong is None and (folder / "out.csv").read_bytes() != wanted:
                wrong = "other bytes where memory is low"
            report(f"little memory, {stage}", wrong)
    group.rmdir()


def rights_of_others(arguments, report):
    """A program with a set-uid bit refuses to work."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        program = pathlib.Path(folder) / "pipeline"
        shutil.copy(arguments.program, program)
        if os.geteuid() != 0 or os.statvfs(folder).f_flag & os.ST_NOSUID:
            report.skip("set-uid: needs root and a file system with it")
            return
        os.chmod(folder, 0o755)
        for bits, owner in ((0o4755, (65534, 0)), (0o2755, (0, 65534))):
            os.chown(program, *owner)
            os.chmod(program, bits)
            result = subprocess.run([program, "version"], capture_output=True, text=True, timeout=20,
                                    env=dict(os.environ, PIPELINE_LOG="plain"))
            refusal = ("pipeline: this program does not run with the rights of another user or group (set-uid, "
                       "set-gid, file capabilities): take them off the file, and use sudo or a service instead\n")
            good = (result.returncode, result.stdout, result.stderr) == (64, "", refusal)
            report(f"set-uid, {bits:o}",
                   None if good else f"exit code {result.returncode}: {result.stdout}{result.stderr}")


def killed_suites(arguments, report):
    """kill -9 of a suite, or of the script that started it, in the middle leaves no process: not a run that waits on a
    FIFO, nor what a script of a case has started."""
    suite = """
import os, subprocess, sys
os.environ.pop("TEST_LEASH", None)
sys.path.insert(0, sys.argv[1])
import leash
direct = subprocess.Popen([sys.argv[2], "run", "job.ini"])
deep = subprocess.Popen(["bash", "-c", '"$0" run job.ini --mode processes & "$0" run job.ini; true', sys.argv[2]],
                        start_new_session=True)
print("ready", flush=True)
deep.wait()
"""
    tests = str(pathlib.Path(__file__).resolve().parent.parent)
    for number in range(20 if arguments.full else 2):
        with tempfile.TemporaryDirectory(prefix="pipeline-leash-") as folder:
            os.mkfifo(pathlib.Path(folder) / "pipe")
            (pathlib.Path(folder) / "job.ini").write_text("[source t]\npath = pipe\ncolumns = a\nheader = false\n\n"
                                                          "[sink s]\npath = out.csv\n")
            command = ["/usr/bin/python3", "-c", suite, tests, arguments.program]
            if number % 2:
                command = ["bash", "-c", 'setpriv --pdeathsig KILL "$@"; true', "bash", *command]
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
            process.stdout.readline()
            deadline = time.monotonic() + 20
            while len(in_folder(folder)) < 4 and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.1 * number / 10)
            n = len([pid for pid in in_folder(folder) if pid != process.pid])
            process.kill()
            process.wait()
            left, deadline = in_folder(folder), time.monotonic() + 10
            while left and time.monotonic() < deadline:
                time.sleep(0.05)
                left = in_folder(folder)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            report(f"killed suite {number}",
                   f"left: {left}" if left else None if n >= 3 else f"only {n} processes to be killed")


def in_folder(folder):
    """The processes at work in a folder."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/cwd") == folder and is_running(int(name)):
                found.append(int(name))
        except OSError:
            pass
    return found


def no_process_stays(arguments, report):
    """What an exec stage's program has started in its turn goes with the run, also when that is ended at once."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        temporary = pathlib.Path(temporary)
        (temporary / "in.csv").write_text("a\n1\n")
        (temporary / "slow").write_text("sleep 300 & echo $! > pid; echo a; wait\n")
        (temporary / "job.ini").write_text("[source t]\npath = in.csv\n\n[exec e]\ncommand = bash slow\n\n[sink s]\n"
                                           "path = out.csv\n")
        # Where worker processes have the programs, a second signal leaves no time for what those have started.
        for mode, again in [*itertools.product(("serial", "threads"), (False, True)), ("processes", False)]:
            process = subprocess.Popen([arguments.program, "run", "job.ini", "--mode", mode], cwd=temporary,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=with_parent)
            deadline = time.monotonic() + 5
            while (time.monotonic() < deadline
                    and not ((temporary / "pid").exists() and (temporary / "pid").read_text().strip())):
                time.sleep(0.01)
            grandchild = int((temporary / "pid").read_text())
            begin = time.monotonic()
            process.terminate()
            if again:
                time.sleep(0.01)
                process.terminate()
            _, err = process.communicate(timeout=10)
            took = time.monotonic() - begin
            wrong = None
            if process.returncode != -signal.SIGTERM or took > 2:
                wrong = f"exit code {process.returncode} after {took:.1f} s: {err.decode()}"
            elif not gone([grandchild]):
                os.kill(grandchild, signal.SIGKILL)
                wrong = "a process stayed"
            report(f"exec stopped {'twice' if again else 'once'}, {mode}", wrong)
            (temporary / "pid").unlink()


def closed_pipe(arguments, report):
    """A reader that has had enough is no failure, and the other outputs appear."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as folder:
        (pathlib.Path(folder) / "job.ini").write_text(
            f"[source t]\npath = {DATASETS / 'flights-100k.csv'}\n\n[sink s]\npath = -\n\n[sink f]\ninput = t\n"
            "path = out.csv\n")
        result = subprocess.run(["bash", "-c",
                                 f"set -o pipefail; {arguments.program} run job.ini | head -1 >/dev/null"], cwd=folder,
                                capture_output=True, timeout=20)
        size = (pathlib.Path(folder) / "out.csv").stat().st_size if (pathlib.Path(folder) / "out.csv").exists() else 0
        good = result.returncode == 0 and not result.stderr and size > 3_000_000
        report("closed pipe", None if good else f"{result.returncode} {size} {result.stderr}")


if __name__ == "__main__":
    main(__doc__, [signals_at_any_moment, kills_at_any_moment, stopped_while_waiting, ignored_signals_stay_ignored,
                   crashes, crashes_at_any_moment, plugins_that_leave, no_memory, little_memory, rights_of_others,
                   killed_suites, no_process_stays, closed_pipe])

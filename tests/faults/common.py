"""What the fault suites share: small jobs with everything that can go wrong in them, and the judgement of what is left
behind."""
import argparse
import concurrent.futures
import ctypes
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

WATCHDOG = 10  # seconds; on a machine that does other things as well, a run of these jobs takes some hundredths of one
FAILURES = (66, 70, 73, 74, 75)
ROWS = "".join(f"{i},{'abc'[i % 3]},{i * 7 % 50}\n" if i % 50 != 13 else f"{i},bad\n" for i in range(300))

# Name → (the job, what its targets are, whether its input comes by a pipe).
JOBS = {
    "threads": ("""[source t]
path = in.csv
on-bad-row = quarantine
rejects = rejects.csv

[filter f]
where = v > 10

[sink rows]
path = sub/rows.csv

[group-by g]
input = f
by = k
n = count()
s = sum(v)

[sink groups]
path = groups.csv.gz

[run]
mode = threads
workers = 2
block-size = 1KiB
""", ("rejects.csv", "sub/rows.csv", "groups.csv.gz"), False),
    "processes": ("""[source t]
path = in.csv
on-bad-row = skip

[source u]
path = in.csv
on-bad-row = skip

[join j]
input = t
right = u
on = id
how = full
take = k as key

[group-by g]
by = v
n = count()
first = min(id)

[sort s]
by = n desc; v

[sink out]
path = out.csv

[run]
mode = processes
workers = 2
block-size = 1KiB
""", ("out.csv",), False),
    "spilled": ("""[source t]
path = in.csv
on-bad-row = skip

[sort s]
by = k; id desc

[sink rows]
path = rows.csv

[group-by g]
input = t
by = v; k
n = count()
m = median(id)

[sink groups]
path = groups.csv

[run]
mode = threads
workers = 2
block-size = 1KiB
""", ("rows.csv", "groups.csv"), False),
    "spilled by processes": ("""[source t]
path = in.csv
on-bad-row = skip

[distinct d]
by = v; k

[sink rows]
path = rows.csv

[run]
mode = processes
workers = 2
block-size = 1KiB
""", ("rows.csv",), False),
    "spilled rows": ("""[source t]
path = in.csv
on-bad-row = quarantine
rejects = rejects.csv

[limit l]
rows = 250
offset = 3

[row-number n]
by = k

[sink rows]
path = rows.csv

[source u]
path = in.csv
on-bad-row = skip

[tail last]
input = u
rows = 150

[sink last-rows]
path = last.csv

[top-k best]
input = u
by = k
sort = v desc
k = 40

[sink best-rows]
path = best.csv

[run]
mode = threads
workers = 2
block-size = 1KiB
""", ("rejects.csv", "rows.csv", "last.csv", "best.csv"), False),
    "spilled groups": ("""[source t]
path = in.csv
on-bad-row = skip

[group-by all]
m = median(v)
d = nunique(k)
l = list(id)

[sink all-rows]
path = all.csv

[group-by first]
input = t
by = v; k
order = appearance
t = mode(id)

[sink first-rows]
path = first.csv

[group-by any]
input = t
by = k
order = any
q = quantile(v, 0.3)
p = product(v * 0.5)

[sink any-rows]
path = any.csv

[run]
mode = serial
block-size = 1KiB
""", ("all.csv", "first.csv", "any.csv"), False),
    "spilled joins": ("""[source t]
path = in.csv
on-bad-row = quarantine
rejects = rejects.csv

[source u]
path = in.csv
on-bad-row = skip

[filter few]
input = u
where = v < 25

[join j]
input = t
right = few
on = id
how = full
validate = 1:1

[sink rows]
path = rows.csv

[join many]
input = t
right = few
on = k
take = v as w

[group-by g]
by = k
n = count()
s = sum(w)

[sink groups]
path = groups.csv

[run]
mode = threads
workers = 2
block-size = 1KiB
""", ("rejects.csv", "rows.csv", "groups.csv"), False),
    "serial": ("""[source t]
path = -
on-bad-row = skip

[distinct d]
by = k; v

[sink out]
path = out.csv.zst

[sink lines]
input = d
path = -
format = jsonl

[run]
mode = serial
block-size = 1KiB
""", ("out.csv.zst",), True),
}


LIBC = ctypes.CDLL(None)


def with_parent():
    """Between fork and exec: gone when the suite is, however that ends. (It goes by the thread that starts, and those
    of a suite live as long as it.)"""
    LIBC.prctl(1, signal.SIGKILL)


class Job:
    """A folder with a job in it, whose targets hold something old."""

    def __init__(self, program, name, folder):
        self.program, self.name, self.folder = program, name, pathlib.Path(folder)
        text, self.targets, self.piped = JOBS[name]
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "sub").mkdir(exist_ok=True)
        (self.folder / "job.ini").write_text(text)
        (self.folder / "in.csv").write_text("id,k,v\n" + ROWS)
        self.known = {"job.ini", "in.csv", "sub", *self.targets}
        self.new = self.out = None

    def make_old(self):
        for target in self.targets:
            path = self.folder / target
            path.write_bytes(b"old\n")

    def start(self, *arguments, **environment):
        source = open(self.folder / "in.csv", "rb") if self.piped else subprocess.DEVNULL
        if self.name.startswith("spilled"):
            environment["PIPELINE_DEBUG_SPILL"] = "1"
        process = subprocess.Popen([self.program, "run", "job.ini", *arguments], cwd=self.folder, stdin=source,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=dict(os.environ, PIPELINE_LOG="plain", **environment), preexec_fn=with_parent)
        if self.piped:
            source.close()
        return process

    def run(self, *arguments, **environment):
        """(exit code, stdout, stderr); the code is None after a hang."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=WATCHDOG)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return None, out, err.decode(errors="replace")
        return process.returncode, out, err.decode(errors="replace")

    def learn(self):
        """What a run without faults gives."""
        self.make_old()
        code, self.out, err = self.run()
        assert code == 0, err
        self.new = self.files()
        assert not self.leftovers(), self.leftovers()

    def files(self):
        return {t: (self.folder / t).read_bytes() if (self.folder / t).exists() else None for t in self.targets}

    def leftovers(self):
        found = {str(p.relative_to(self.folder)) for p in self.folder.rglob("*")}
        return sorted(found - self.known)

    def half(self):
        """None, or which targets are neither all old nor all new."""
        files = self.files()
        if files == self.new or all(data == b"old\n" for data in files.values()):
            return None
        return ("a half-published run: "
                + ", ".join(f"{t} {'new' if d == self.new[t] else 'old' if d == b'old' + bytes([10]) else 'BROKEN'}"
                            for t, d in files.items()))

    def judge(self, code, out, err, tidy=True, said=True):
        """What is wrong with the end of a run that something may have happened to."""
        if code is None:
            return "a hang"
        if code == 0:
            if self.files() != self.new or out != self.out:
                return f"exit code 0 and a wrong result: {self.half() or 'old files'}"
        elif code not in FAILURES:
            return f"exit code {code}: {err}"
        elif not err and said:
            return f"exit code {code} without a word"
        wrong = self.half()
        if not wrong and tidy and self.leftovers():
            wrong = f"left behind: {self.leftovers()} after {code}: {err}"
        return wrong

    def recover(self):
        """The next run, which fails before it writes anything, clears up."""
        code, _, err = self.run("--set", "source t.path=missing.csv")
        if code != 66:
            return f"the next run ended with {code}: {err}"
        wrong = self.half()
        if not wrong and self.leftovers():
            wrong = f"left behind after the next run: {self.leftovers()}"
        return wrong


class Report:
    """Counts; says what went wrong at once. Any thread."""

    def __init__(self):
        self.lock, self.passed, self.failed, self.skipped = threading.Lock(), 0, 0, 0

    def __call__(self, name, wrong):
        with self.lock:
            self.passed += not wrong
            self.failed += bool(wrong)
            if wrong:
                print(f"{name}: {wrong}", flush=True)

    def skip(self, name):
        self.skipped += 1
        print(f"{name}: skipped")

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0


def spread(tasks, work, jobs=os.cpu_count() or 1):
    """work(task, folder) for every task, each thread with a folder of its own."""
    local, folders = threading.local(), []

    def one(task):
        if not hasattr(local, "folder"):
            local.folder = tempfile.mkdtemp(prefix="pipeline-faults-")
            folders.append(local.folder)
        return work(task, local)

    try:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(one, tasks))
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program")
    parser.add_argument("--full", action="store_true", help="everything, which takes a while; else a sample")
    parser.add_argument("--only", default="", help="only the suites with this in their names")
    arguments = parser.parse_args()
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    return arguments


def main(description, suites):
    arguments = options(description)
    # Whoever started this in the background may have had signals ignored, and the program takes that as it finds it.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    # What a signal leaves in the folder it leaves on purpose.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    report = Report()
    for suite in suites:
        if arguments.only in suite.__name__:
            before = report.passed + report.failed
            suite(arguments, report)
            if arguments.full:
                print(f"  {suite.__name__}: {report.passed + report.failed - before} runs", flush=True)
    sys.exit(report.end())

#!/usr/bin/env python3
"""Kills worker processes from outside and from inside, and checks that the result has the same bytes as without, or
that the row is named.

Killed while they work, idle, start; by signals, exits, hangs and growth that one row causes; with their main process.
--full makes as many of it as a system that is to be trusted has to survive, and measures what survival costs.
"""
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from common import main, with_parent

DATASETS = pathlib.Path(__file__).resolve().parent.parent.parent / "datasets"
WATCHDOG = 900  # a hang, on a machine that has much else to do
JOB = """[source t]
path = {path}
{source}

{stages}

[sink out]
path = out.csv

[run]
mode = processes
workers = {workers}
block-size = {block}
{run}
"""
GROUPS = ("[group-by g]\nby = {}\nn = count()\ns = sum(delay)\nm = mean(distance)\nd = count(distinct destination)\n"
          "f = first(date)")
STAGES = {
    "few groups": GROUPS.format("origin"),
    "many groups": GROUPS.format("date; origin; destination"),
    "groups in order of appearance": GROUPS.format("destination") + "\norder = appearance",
    "rows": "[filter f]\nwhere = delay > 0\n[derive e]\nspeed = distance / delay",
    "sort": "[sort s]\nby = delay desc; origin",
    "distinct": "[distinct d]\nby = origin; destination\nkeep = last",
    "limit": "[limit l]\nrows = 60000",
    "top-k": "[top-k best]\nby = origin\nsort = delay desc\nk = 3",
    "program behind a sort": "[sort s]\nby = delay desc; origin\n[exec e]\ncommand = cat",
    "groups of a program behind groups": GROUPS.format("date; origin; destination").replace("first", "max")
    + "\nhaving = n > 1\n[exec e]\ncommand = cat\n[group-by h]\nby = origin\nn = sum(n)\nm = mean(m)",
    "full join": f"[source a]\npath = {DATASETS / 'airports.csv'}\n[join j]\ninput = t\nright = a\n"
    "on = origin = iata\nhow = full\ntake = city",
    "program behind a join with groups": "[group-by g]\nby = origin\nn = count()\n[join j]\ninput = t\nright = g\n"
    "on = origin\n[exec e]\ncommand = cat",
}


class Run:
    """A job in a folder of its own."""

    def __init__(self, program, path=DATASETS / "flights-100k.csv", stages=STAGES["few groups"], source="", run="",
                 workers=2, block="4KiB"):
        self.program, self.folder = program, pathlib.Path(tempfile.mkdtemp(prefix="pipeline-workers-"))
        (self.folder / "job.ini").write_text(JOB.format(path=path, stages=stages, source=source, run=run,
                                                        workers=workers, block=block))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()

    def start(self, *options, **environment):
        (self.folder / "out.csv").write_bytes(b"old\n")
        return subprocess.Popen([self.program, "run", "job.ini", *options], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                env=dict(os.environ, PIPELINE_LOG="plain", **environment), preexec_fn=with_parent)

    def end(self, process):
        """(exit code, stderr, the target); the code is None after a hang."""
        try:
            _, err = process.communicate(timeout=WATCHDOG)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, "a hang", b""
        return process.returncode, err.decode(errors="replace"), (self.folder / "out.csv").read_bytes()

    def expected(self, *options):
        code, err, out = self.end(self.start(*options, "--set", "run.mode=serial"))
        assert code == 0, err
        return out

    def judge(self, result, expected):
        code, err, out = result
        if code != 0 or err:
            return f"exit code {code}: {err}"
        if out != expected:
            return f"{len(out)} bytes that are not those of a run without faults ({len(expected)})"
        left = {p.name for p in self.folder.iterdir()} - {"job.ini", "out.csv"}
        return f"left behind: {left}" if left else None


def children(pid):
    """The workers of a run, whichever of its threads started them."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def kill_one(process, generator):
    """Kills a worker of a run, at once or as soon as there is one. Returns: how many that were."""
    victims = []
    while not victims and process.poll() is None:
        victims = children(process.pid) or time.sleep(0.001) or []
    if not victims:
        return 0
    try:
        os.kill(generator.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def random_kills(arguments, report):
    """Runs with one to five kills each, of every kind of stage, plain and compressed input."""
    generator = random.Random(1)
    rounds, killed, packed = 300 if arguments.full else 2 * len(STAGES), 0, None
    cases = [(name, DATASETS / "flights-100k.csv") for name in STAGES]
    with tempfile.TemporaryDirectory() as folder:
        packed = pathlib.Path(folder) / "flights.csv.gz"
        packed.write_bytes(subprocess.run(["gzip", "-1c", cases[0][1]], capture_output=True, check=True).stdout)
        cases = [case for name, path in cases for case in ((name, path), (name, packed))]
        known = {}
        for number in range(rounds):
            name, path = cases[number % len(cases)]
            run = "threads-per-process = 2" if number % 5 == 4 else ""
            with Run(arguments.program, path, STAGES[name], workers=2 + number % 2, run=run,
                     block=("4KiB", "1KiB", "64KiB")[number % 3]) as job:
                if name not in known:
                    known[name] = job.expected()
                process = job.start()
                for _ in range(generator.randint(1, 5)):
                    time.sleep(generator.uniform(0, 0.04))
                    killed += kill_one(process, generator)
                report(f"kills {number} of {name}, {path.name}", job.judge(job.end(process), known[name]))
    report("random kills hit someone", None if killed else "they did not")
    if arguments.full:
        print(f"  {killed} workers killed in {rounds} runs")


def ledger_after_kills(arguments, report):
    """The account of rows is that of a run without faults, whatever was lost and done again."""
    generator = random.Random(7)
    stages = (STAGES["rows"] + "\n" + STAGES["many groups"] + "\n[sink groups]\npath = groups.csv\n"
              + "[filter late]\ninput = t\nwhere = delay > 60\n" + STAGES["distinct"])
    for number in range(40 if arguments.full else 4):
        with Run(arguments.program, stages=stages, block="4KiB", workers=3) as job:
            accounts = []
            for options in (("--set", "run.mode=serial"), ()):
                process = job.start("--report", "report.json", *options)
                for _ in range(0 if options else 4):
                    time.sleep(generator.uniform(0, 0.03))
                    kill_one(process, generator)
                code, err, _ = job.end(process)
                if code:
                    break
                found = json.loads((job.folder / "report.json").read_text())
                for step in found["steps"]:
                    del step["seconds"]
                accounts.append((found["sources"], found["steps"]))
            report(f"ledger {number}",
                   None if not code and accounts[0] == accounts[1] else f"exit code {code}: {err} {accounts}")


def large_input(folder, megabytes):
    header, _, rows = (DATASETS / "flights-100k.csv").read_bytes().partition(b"\n")
    path = pathlib.Path(folder) / "large.csv"
    with open(path, "wb") as file:
        file.write(header + b"\n")
        for _ in range(max(1, (megabytes << 20) // len(rows))):
            file.write(rows)
    return path


def keep_killing(process, interval, count, generator, done):
    while process.poll() is None and done[0] < count:
        time.sleep(interval)
        done[0] += kill_one(process, generator)


def scattered_kills(arguments, report):
    """Kills all through one long run."""
    generator, count = random.Random(2), 1000 if arguments.full else 40
    with tempfile.TemporaryDirectory() as folder:
        path = large_input(folder, 3072 if arguments.full else 64)
        for name in ("few groups",) if arguments.full else ("few groups", "many groups"):
            with Run(arguments.program, path, STAGES[name], workers=2, block="64KiB") as job:
                expected, done = job.expected(), [0]
                process = job.start("-v")
                thread = threading.Thread(target=keep_killing, args=(process, 0.02, count, generator, done))
                thread.start()
                code, err, out = job.end(process)
                thread.join()
                died = [line for line in err.splitlines() if " died and " in line]
                report(f"{done[0]} kills in one run, {name}",
                       job.judge((code, "" if code == 0 else err, out), expected))
                if arguments.full:
                    report("scattered kills",
                           None if done[0] >= count else f"only {done[0]} of {count} before the run ended")
                    print(f"  {done[0]} kills in one run: {died}")


def used():
    """Wall clock, and processor time of all children that have ended, with theirs."""
    children_ = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), children_.ru_utime + children_.ru_stime


def quartiles(values):
    values = sorted(values)
    return values[len(values) // 4], values[len(values) // 2], values[3 * len(values) // 4]


def compare(job, kinds, rounds, report, name):
    """Runs of two kinds in turn, each second pair the other way round: what another program takes meanwhile, it takes
    from both. Ratios of the pairs."""
    ratios = {"wall": [], "processors": []}
    for index in range(rounds):
        taken = {}
        for kind in sorted(kinds, reverse=index % 2 == 1):
            wall, cpu = used()
            code, err, _ = kinds[kind](job)
            end_wall, end_cpu = used()
            report(f"{name}, {kind}", None if code == 0 else err)
            taken[kind] = end_wall - wall, end_cpu - cpu
        first, second = (taken[kind] for kind in kinds)
        ratios["wall"].append(second[0] / first[0])
        ratios["processors"].append(second[1] / first[1])
    told = "; ".join(f"{what} {100 * (middle - 1):+.1f} % ({100 * (low - 1):+.1f} to {100 * (high - 1):+.1f})"
                     for what, (low, middle, high) in ((what, quartiles(values)) for what, values in ratios.items()))
    first, second = kinds
    print(f"  {name}: {second} beside {first}, median (and quartiles) of {rounds} pairs: {told}", flush=True)


def cost_of_kills(arguments, report):
    """What it costs to lose 11 % of the workers (one of nine) in the middle; a figure, no test."""
    if not arguments.full:
        return

    def lose_one(job):
        process = job.start()
        time.sleep(job.half)
        kill_one(process, random.Random(3))
        return job.end(process)

    with tempfile.TemporaryDirectory() as folder:
        path = large_input(folder, 512)
        for name in ("few groups", "many groups", "rows"):
            with Run(arguments.program, path, STAGES[name], workers=9, block="256KiB") as job:
                start = time.monotonic()
                job.end(job.start())
                job.half = (time.monotonic() - start) / 2
                compare(job, {"all nine live": lambda j: j.end(j.start()), "one of nine is killed": lose_one}, 15,
                        report, name)


def speed(arguments, report):
    """Processes beside threads, nobody dying; a figure, no test."""
    if not arguments.full:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = large_input(folder, 1024)
        for name in ("few groups", "many groups", "rows", "distinct"):
            with Run(arguments.program, path, STAGES[name], workers=2, block="auto") as job:
                compare(job, {m: lambda j, m=m: j.end(j.start("--mode", m)) for m in ("threads", "processes")}, 7,
                        report, name)


def stopped_workers(arguments, report):
    """A worker that somebody has stopped (SIGSTOP) is told of, and the run goes on when it does, or has died."""
    def signal_all(pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    for end in (signal.SIGCONT, signal.SIGKILL):
        with tempfile.TemporaryDirectory() as folder, Run(arguments.program, large_input(folder, 64),
                                                          STAGES["few groups"], block="4KiB") as job:
            expected, said, wrong = job.expected(), b"", None
            process, workers = job.start(), []
            os.set_blocking(process.stderr.fileno(), False)
            # All at once: one of them holds a block, unless they have not been given the plan yet.
            while process.poll() is None and b"task-timeout" not in said:
                signal_all(workers, signal.SIGCONT)
                time.sleep(0.1)
                workers = children(process.pid)
                signal_all(workers, signal.SIGSTOP)
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline and b"task-timeout" not in said:
                    said += process.stderr.read() or b""
                    time.sleep(0.05)
            signal_all(workers, end)
            os.set_blocking(process.stderr.fileno(), True)
            code, err, out = job.end(process)
            pattern = (rb"pipeline: worker process \d+ has been stopped while it held (block \d+ \(\S+, bytes "
                       rb"\d+\xe2\x80\x93\d+\)|what it has gathered): "
                       rb"SIGCONT lets it go on, SIGKILL has another do it again; task-timeout in \[run\] limits such "
                       rb"waits\n")
            if not re.fullmatch(rb"(%s){1,2}" % pattern, said + err.encode()):
                wrong = f"said: {said + err.encode()}"
            report(f"stopped workers, {end.name}", wrong or job.judge((code, "", out), expected))


def silent_start(arguments, report):
    """A worker that is stopped before it has said that it is ready is replaced, after a minute."""
    if not arguments.full:
        return
    with Run(arguments.program) as job, tempfile.TemporaryDirectory() as folder:
        expected, start = job.expected(), time.monotonic()
        library = pathlib.Path(arguments.program).parent.parent / "tests" / "libpoison.so"
        silent = pathlib.Path(folder) / "silent"
        wrong = job.judge(job.end(job.start(LD_PRELOAD=str(library), SILENT_ONCE=str(silent))), expected)
        took = time.monotonic() - start
        if not silent.exists() or not 60 <= took < 120:
            wrong = wrong or f"took {took} s; a worker {'fell' if silent.exists() else 'never fell'} silent"
        report("silent start", wrong)


# ---- rows to blame ----

ROWS = 2000
POISON = "id,v\n" + "".join(f"{i},{i}\n" for i in range(1, ROWS + 1))
DEADLY = "[derive d]\ne = cast(v as float) % 1e6 is null"
DEEDS = {"abort": "killed its worker (signal 6)", "exit": "ended its worker (exit code 3)",
         "hang": "kept its worker longer than task-timeout",
         "grow": "made its worker grow beyond twice worker-memory-limit"}


def poison(program, rows, deed="abort"):
    library = pathlib.Path(program).parent.parent / "tests" / "libpoison.so"
    return {"LD_PRELOAD": str(library), "POISON_VALUES": ";".join(map(str, rows)), "POISON_DEED": deed}


def without(rows):
    return ("id,v,e\n" + "".join(f"{i},{i},false\n" for i in range(1, ROWS + 1) if i not in rows)).encode()


def check_poison(arguments, report, name, rows, deed="abort", policy="quarantine", run="retries = 1", stages=DEADLY,
                 expected=None, **more):
    source = {"quarantine": "on-bad-row = quarantine\nrejects = rejects.csv", "skip": "on-bad-row = skip",
              "fail": ""}[policy]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "in.csv"
        path.write_text(POISON)
        with Run(arguments.program, path, stages, source=source, run=run, **more) as job:
            code, err, out = job.end(job.start(**poison(arguments.program, rows, deed)))
            if policy == "fail":
                first = min(rows)
                said = (f"pipeline: {path}:{first + 1}: row '{first},{first}' {DEEDS[deed]}; on-bad-row = skip or "
                        "quarantine goes on without it\n")
                wrong = None if (code, err, out) == (65, said, b"old\n") else f"exit code {code}: {err}"
            else:
                verb = "was" if len(rows) == 1 else "were"
                said = (f"pipeline: {len(rows)} of {ROWS} rows of [source t] {verb} "
                        f"rejected{'; see ' + str(job.folder / 'rejects.csv') if policy == 'quarantine' else ''}\n")
                wrong = None
                if code != 0 or err.replace("see rejects.csv", f"see {job.folder / 'rejects.csv'}") != said:
                    wrong = f"exit code {code}: {err}"
                elif out != (expected or without(rows)):
                    wrong = "another row is missing, or too many are there"
                elif policy == "quarantine":
                    offsets = {i: POISON.index(f"\n{i},") + 1 for i in rows}
                    lines = ("file,line,offset,column,reason,raw,raw_cut,raw_escaped\n"
                             + "".join(f'{path},{i + 1},{offsets[i]},,{DEEDS[deed]},"{i},{i}",false,false\n'
                                       for i in sorted(rows)))
                    rejects = (job.folder / "rejects.csv").read_text()
                    if rejects != lines:
                        wrong = f"rejects:\n{rejects}  expected:\n{lines}"
            report(f"poison {name}", wrong)


def poison_rows(arguments, report):
    """A crashing row at many places: it is named or quarantined, and no other."""
    generator = random.Random(4)
    places = sorted({1, 2, ROWS, *generator.sample(range(3, ROWS), 97 if arguments.full else 5)})
    for number, row in enumerate(places):
        block = ("1KiB", "100", "64KiB", "1")[number % 3]
        check_poison(arguments, report, f"row {row}", {row}, policy=("quarantine", "fail", "skip")[number % 3],
                     block=block,
                     run="retries = 1" if number % 4 else "retries = 0")
    check_poison(arguments, report, "several rows", {5, 6, 900, 1500, 1999, 2000}, block="2KiB")
    check_poison(arguments, report, "the first of several", {1501, 1500, 1999}, policy="fail", block="2KiB")
    check_poison(arguments, report, "two threads a process", {7, 1000}, run="retries = 1\nthreads-per-process = 2",
                 block="2KiB")
    for rows, groups in (({3, 700, 1999}, "[group-by g]\nby = id % 7 as k\nn = count()\ns = sum(id)\n"
                                          "x = min(cast(v as float) % 1e6)\n"
                                          "[select s]\ncolumns = k; n; s"),):
        expected = "k,n,s\n" + "".join(f"{k},{len(left)},{sum(left)}\n" for k in range(7)
                                       for left in [[i for i in range(1, ROWS + 1) if i % 7 == k and i not in rows]])
        check_poison(arguments, report, "groups", rows, stages=groups, expected=expected.encode(), block="1KiB")


def rows_of_other_deeds(arguments, report):
    """A row that ends, hangs or bloats its worker."""
    limits = {"exit": "", "hang": "task-timeout = 300ms", "grow": "worker-memory-limit = 32MiB"}
    for deed, limit in limits.items():
        for policy in ("quarantine", "fail"):
            check_poison(arguments, report, f"{deed}, {policy}", {1234}, deed, policy, run=f"retries = 0\n{limit}",
                         block="4KiB")


# ---- plugins that write where they must not ----

SCRIBBLE = """[plugin p]
library = scribble.so
deed = {deed}
at = 60000
{often}"""
# Deed → how the run may end, besides well: by what code and words.
SCRIBBLES = {
    "descriptors": None, "zero-descriptors": None, "truncate": None,
    "start": None, "zero-start": None, "memory": "70", "zero-memory": "70", "rest": "70",
    "channel": "ended its worker (exit code 70)", "zero-channel": "ended its worker (exit code 70)",
    "half-header": "kept its worker longer than task-timeout",
    "endless-message": "kept its worker longer than task-timeout",
    "input": "killed its worker (signal 11)",
}
WRITTEN_OVER = (r"pipeline: what worker process \d+ gave for block \d+ \(\S+, bytes \d+–\d+\) was written over before "
                r"it could be used: "
                r"something in a worker writes over memory that is not its own; see to \[plugin p\]\n")


def scribbled_memory(arguments, report):
    """A plugin that writes over what workers share, or into their descriptors, is found out or has no effect: no run
    hangs, none gives another result."""
    include, source = DATASETS.parent, DATASETS.parent / "tests" / "plugins" / "scribble.c"
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        folder, rows = pathlib.Path(folder), 100000
        subprocess.run(["cc", "-shared", "-fPIC", f"-I{include}", "-o", folder / "scribble.so", source], check=True)
        plain = folder / "in.csv"
        plain.write_text("a\n" + "".join(f"{i}\n" for i in range(rows)))
        packed = folder / "in.csv.gz"
        packed.write_bytes(subprocess.run(["gzip", "-1c", plain], capture_output=True, check=True).stdout)
        expected = ("a,twice\n" + "".join(f"{i},{2 * i}\n" for i in range(rows))).encode()
        blocks = ("1KiB", "16KiB", "256KiB")
        tasks = [(d, p, b, o) for d in SCRIBBLES for p in (plain, packed) for b in blocks for o in ("", "often = 1")]
        rounds = 1000 if arguments.full else len(SCRIBBLES) * 2
        for number in range(rounds):
            # In the short form every deed, with a block size and an input each in turn.
            deed, path, block, often = (tasks[number % len(tasks)] if arguments.full
                                        else tasks[number // 2 * 12 + (number * 5) % 12])
            stages = SCRIBBLE.format(deed=deed, often=often).replace("scribble.so", str(folder / "scribble.so"))
            with Run(arguments.program, path, stages, run="retries = 1\ntask-timeout = 1s", workers=2 + number % 2,
                     block=block) as job:
                code, err, out = job.end(job.start())
                fate, wrong = SCRIBBLES[deed], None
                seen.add((deed, code))
                if code == 0:
                    wrong = (None if out == expected and not err and (fate is None or fate == "70")
                             else f"exit code 0 and {len(out)} bytes: {err}")
                elif code == 70 and fate == "70":
                    wrong = None if re.fullmatch(WRITTEN_OVER, err) and out == b"old\n" else err
                elif fate is None or fate == "70":
                    wrong = f"exit code {code}: {err}"
                else:
                    said = (f"pipeline: {path}:60002: row '60000' {fate}; on-bad-row = skip or quarantine goes on "
                            "without it\n")
                    # Whether it still gets its answer into the channel that is being closed is luck.
                    err = err.replace("(exit code 0)", "(exit code 70)") if "channel" in deed else err
                    wrong = None if (code, err, out) == (65, said, b"old\n") else f"exit code {code}: {err}"
                report(f"scribble {deed}, {path.name}, {block}, {often}", wrong)
    report("scribbles are noticed", None if ("memory", 70) in seen or not arguments.full else f"none was: {seen}")


# ---- workers that come and go ----

def recycled_workers(arguments, report):
    """Workers that make way for others, killed on top."""
    generator = random.Random(5)
    for run in ("max-tasks-per-child = 1", "max-tasks-per-child = 3\nthreads-per-process = 2",
                "worker-memory-limit = 16MiB"):
        for name in ("few groups", "many groups", "rows"):
            with Run(arguments.program, stages=STAGES[name], run=run, block="64KiB") as job:
                expected = job.expected()
                process = job.start()
                kill_one(process, generator)
                report(f"{name} with {run}", job.judge(job.end(process), expected))


def deaths_of_the_main_process(arguments, report):
    """kill -9 of the main process: its workers end within 2 s, those that replaced others, too."""
    generator = random.Random(6)
    for number in range(100 if arguments.full else 5):
        with Run(arguments.program, stages=STAGES["many groups"], block="1KiB") as job:
            process = job.start()
            time.sleep(generator.uniform(0, 0.1))
            if number % 2:
                kill_one(process, generator)
                time.sleep(0.02)
            workers = children(process.pid)
            process.kill()
            job.end(process)
            deadline, wrong = time.monotonic() + 2, None
            while not wrong and any(map(is_running, workers)):
                wrong = "a worker outlived its run by 2 s" if time.monotonic() > deadline else None
                time.sleep(0.01)
            report(f"death of the main process {number}", wrong)


def is_running(pid):
    """A zombie has ended: whoever inherited it just has not looked yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def memory_of_workers(arguments, report):
    """valgrind watches the main process and its workers, one of which makes way for others and one of which is
    killed."""
    if not arguments.full:
        return
    if shutil.which("valgrind") is None:
        report.skip("valgrind: not here")
        return
    library = pathlib.Path(arguments.program).parent.parent / "tests" / "libpoison.so"
    for name, run in (("few groups", ""), ("many groups", ""), ("rows", "max-tasks-per-child = 20"), ("sort", ""),
                      ("groups in order of appearance", "threads-per-process = 2")):
        with tempfile.TemporaryDirectory() as folder, Run(arguments.program, stages=STAGES[name], run=run,
                                                          block="64KiB") as job:
            expected = job.expected()
            (job.folder / "out.csv").write_bytes(b"old\n")
            process = subprocess.Popen(["valgrind", "-q", "--trace-children=yes", "--leak-check=full",
                                        "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
                                        f"--log-file={folder}/%p", arguments.program, "run", "job.ini"], cwd=job.folder,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       env=dict(os.environ, PIPELINE_LOG="plain", G_SLICE="always-malloc",
                                                LD_PRELOAD=str(library), WORKER_PROGRAM=arguments.program))
            time.sleep(3)
            kill_one(process, random.Random(8))
            wrong = job.judge(job.end(process), expected)
            logs = sorted(pathlib.Path(folder).iterdir())
            found = "".join(log.read_text() for log in logs)
            report(f"valgrind, {name}",
                   wrong or found or (None if len(logs) > 2 else f"only {len(logs)} processes were watched"))


if __name__ == "__main__":
    main(__doc__, [random_kills, ledger_after_kills, scattered_kills, poison_rows, rows_of_other_deeds,
                   scribbled_memory, recycled_workers, stopped_workers, silent_start, memory_of_workers,
                   deaths_of_the_main_process, speed, cost_of_kills])

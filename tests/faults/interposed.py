#!/usr/bin/env python3
"""Lets every call of a run go wrong once, one run after the other, until a run meets no fault any more:
tests/faults/interpose.c does it.

Never exit code 0 with a wrong result, never a hang, never half an output, never an end by a signal, always a message.
And kills the program in front of each such call: each target is then the old or the complete new file, and the next run
leaves nothing behind.
"""
import itertools
import pathlib
import random
import shutil
import struct
import subprocess

from common import JOBS, Job, main, spread

CALLS = ("read", "write", "open", "rename", "fsync", "mmap", "start", "other")


def library(program):
    return str(pathlib.Path(program).parent.parent / "tests" / "libinterpose.so")


class Fault:
    """One faulty run of a job in a thread's own folder."""

    def __init__(self, program, name, local):
        if getattr(local, "jobs", None) is None:
            local.jobs = {}
        if name not in local.jobs:
            local.jobs[name] = Job(program, name, pathlib.Path(local.folder) / name)
            local.jobs[name].learn()
        self.job, self.program = local.jobs[name], program
        self.state = pathlib.Path(local.folder) / "state"

    def run(self, calls, at, how, **more):
        self.state.write_bytes(bytes(16))
        self.job.make_old()
        result = self.job.run(LD_PRELOAD=library(self.program), FAULT_STATE=str(self.state), FAULT_CALLS=calls,
                              FAULT_AT=str(at), FAULT_HOW=how,
                              **more)
        count, happened = struct.unpack("QQ", self.state.read_bytes())
        return result, count, bool(happened)


def count_calls(arguments, name, calls, **more):
    counts = spread([0], lambda _, local: Fault(arguments.program, name, local).run(calls, 0, "fail", **more)[1], 1)
    return counts[0]


def sample(arguments, count, size, last=1):
    """Every number up to count and some beyond, which no run of the same job reaches; or some of them, with the last
    ones, where a run publishes what it has made."""
    numbers = range(1, count + 6)
    if arguments.full or count <= size:
        return numbers
    generator = random.Random(count)
    return sorted({*generator.sample(numbers, size), 1, *range(max(1, count - last + 1), count + 1)})


def each_call(arguments, report, how, kinds, size, last=1):
    def attempt(task, local):
        name, calls, at = task
        fault = Fault(arguments.program, name, local)
        (code, out, err), _, happened = fault.run(calls, at, how)
        wrong = fault.job.judge(code, out, err, tidy=calls != "other", said=calls not in ("write", "other"))
        if not wrong and (not happened or how != "fail") and code != 0:
            wrong = f"exit code {code}, and {'no fault' if not happened else how}: {err}"
        if not wrong:
            wrong = fault.job.recover()
        report(f"{how} {calls} {at} of {name}", wrong)

    tasks = []
    for name, calls in itertools.product(JOBS, kinds):
        tasks += [(name, calls, at) for at in sample(arguments, count_calls(arguments, name, calls), size, last)]
    spread(tasks, attempt)


def failing_calls(arguments, report):
    each_call(arguments, report, "fail", CALLS, 8)


def failing_allocations(arguments, report):
    each_call(arguments, report, "fail", ("malloc",), 40, 120)


def short_and_interrupted_calls(arguments, report):
    each_call(arguments, report, "short", ("read", "write"), 4)
    each_call(arguments, report, "interrupted", ("read", "write"), 4)


def quotas(arguments, report):
    """A quota (EDQUOT) that is used up at 64 sizes."""
    def attempt(task, local):
        name, size = task
        fault = Fault(arguments.program, name, local)
        (code, out, err), _, happened = fault.run("write", size, "quota")
        wrong = fault.job.judge(code, out, err)
        if not wrong and happened != (code == 74 and "Disk quota exceeded" in err):
            wrong = f"exit code {code}, {'over' if happened else 'within'} the quota: {err}"
        report(f"quota of {size} bytes, {name}", wrong)
        return happened

    for name in JOBS:
        used, = spread([0], lambda _, local: Fault(arguments.program, name, local).run("write", 1 << 40, "quota")[1], 1)
        n = 64 if arguments.full else 32 if name.startswith("spilled") else 0
        sizes = [used * i // (n - 1) for i in range(n)] or [0, used // 2, used - 1, used]
        if name.startswith("spilled"):
            # How much that is differs from run to run: by who spills when, and by what is compressed.
            sizes.append(4 * used)
        happened = spread([(name, size) for size in sizes], attempt)
        report(f"quota: {name} fits in the end only", None if happened[0] and not happened[-1] else happened)


def flipped_bits(arguments, report):
    """A disk that gives back another bit than was written to it: what was spilled is sealed."""
    def attempt(task, local):
        name, at = task
        fault = Fault(arguments.program, name, local)
        (code, out, err), _, happened = fault.run("read", at, "bit")
        wrong = fault.job.judge(code, out, err)
        if not wrong and (code == 0) == happened:
            wrong = f"exit code {code}, and {'a bit has' if happened else 'no bit has'} flipped: {err}"
        if not wrong and happened and "what is read there is not what was written" not in err:
            wrong = f"the message does not say so: {err}"
        report(f"bit of read {at} of {name}", wrong or fault.job.recover())

    names = [name for name in JOBS if name.startswith("spilled")]
    counts = spread(names, lambda name, local: Fault(arguments.program, name, local).run("read", 0, "bit")[1], 1)
    tasks = []
    for name, count in zip(names, counts):
        report(f"bits of {name}: something is read back", None if count else "nothing")
        tasks += [(name, at) for at in sample(arguments, count, 16)]
    spread(tasks, attempt)


def old_file_systems(arguments, report):
    """Without exchanging, locks and nameless files, a run does as well as ever, and clears up what it made itself."""
    def attempt(name, local):
        fault = Fault(arguments.program, name, local)
        (code, out, err), _, happened = fault.run("all", 0, "old")
        wrong = fault.job.judge(code, out, err) or (None if code == 0 and happened else f"exit code {code}: {err}")
        report(f"old file system, {name}", wrong or fault.job.recover())

    spread(JOBS, attempt)


def kills_at_calls(arguments, report):
    def attempt(task, local):
        name, at = task
        fault = Fault(arguments.program, name, local)
        (code, out, err), _, happened = fault.run(calls, at, "kill", FAULT_MAIN="1")
        wrong = None
        if code is None:
            wrong = "a hang"
        elif happened != (code == -9) or (code != 0 and not happened):
            wrong = f"exit code {code}: {err}"
        for target, data in fault.job.files().items():
            if data not in (b"old\n", fault.job.new[target]):
                wrong = wrong or f"{target} is neither old nor new"
        report(f"kill at call {at} of {name}", wrong or fault.job.recover())

    calls = "+".join(CALLS)
    tasks = []
    for name in JOBS:
        tasks += [(name, at) for at in sample(arguments, count_calls(arguments, name, calls, FAULT_MAIN="1"), 40)]
    spread(tasks, attempt)


def kills_at_system_calls(arguments, report):
    """The same for every system call there is, by strace, in a run of one thread."""
    if (shutil.which("strace") is None or subprocess.run(["strace", "-o", "/dev/null", "true"],
                                                         capture_output=True).returncode):
        report.skip("kills at system calls: no strace here")
        return

    def attempt(at, local):
        job = Fault(arguments.program, "threads", local).job
        job.make_old()
        trace = pathlib.Path(local.folder) / "trace"
        result = subprocess.run(["strace", "-qq", "-o", str(trace), "-e", f"inject=all:signal=KILL:when={at}",
                                 arguments.program, "run", "job.ini", "--mode=serial"], cwd=job.folder,
                                capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        wrong = None
        if result.returncode not in (0, -9, 137):
            wrong = f"exit code {result.returncode}: {result.stderr.decode()}"
        for target, data in job.files().items():
            if data not in (b"old\n", job.new[target]):
                wrong = wrong or f"{target} is neither old nor new"
        report(f"kill at system call {at}", wrong or job.recover())
        return len(trace.read_text().splitlines())

    count = spread([65535], attempt, 1)[0]
    spread(sample(arguments, count, 30), attempt)


if __name__ == "__main__":
    main(__doc__, [failing_calls, failing_allocations, short_and_interrupted_calls, quotas, flipped_bits,
                   old_file_systems, kills_at_calls, kills_at_system_calls])

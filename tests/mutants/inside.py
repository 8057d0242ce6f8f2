"""Runs tests where a faulty program can do no harm: processes and mounts of its own (tests/mutants/suites.py starts it
by unshare), all read-only but /tmp, which is one slot's folder. Reads a plan from stdin, writes one line of JSON per
step, stops at the first that fails if asked to."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

# Worker processes share files of memory of more than ten GiB, of which next to nothing is touched: what counts is what
# all have in memory.
ADDRESSES, FILE, MEMORY = 64 << 30, 32 << 30, 4 << 30


def confine(slot, logs):
    """@logs: where meson writes when a case installs the program."""
    for arguments in (["--make-rprivate", "/"], ["--bind", logs, logs], ["--bind", slot, "/tmp"],
                      ["-o", "remount,bind,ro", "/"]):
        subprocess.run(["mount", *arguments], check=True, stderr=subprocess.DEVNULL)


def limit(memory):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, resource.RLIM_INFINITY))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def resident():
    """Bytes that all processes of the namespace have in memory."""
    pages = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/statm"):
        try:
            pages += int(path.read_text().split()[1])
        except OSError:
            pass
    return pages * os.sysconf("SC_PAGE_SIZE")


def execute(step, environment, cwd, memory):
    """Returns: (why it failed or "", what it printed)."""
    with open("/tmp/.output", "w+b") as output:
        process = subprocess.Popen(step["argv"], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT,
                                   start_new_session=True, preexec_fn=lambda: limit(memory))
        why, end, pause = None, time.monotonic() + step["timeout"], 0.002
        while why is None:
            code = process.poll()
            if code is not None:
                why = "" if code == 0 else f"exit {code}"
            elif time.monotonic() > end:
                why = f"no end after {step['timeout']:.0f} s"
            elif resident() > MEMORY:
                why = f"more than {MEMORY >> 30} GiB of memory"
            else:
                time.sleep(pause)
                pause = min(2 * pause, 0.2)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        output.seek(0)
        return why, output.read(200_000).decode(errors="replace")


def reap(worker):
    """The first process of a namespace inherits all orphans: what has ended is to be gone."""
    while True:
        pid, status = os.wait()
        if pid == worker:
            return os.waitstatus_to_exitcode(status)


def main():
    worker = os.fork()
    if worker:
        sys.exit(abs(reap(worker)))
    plan = json.load(sys.stdin)
    confine(plan["slot"], plan["cwd"] + "/build/meson-logs")
    environment = dict(os.environ, **plan["environment"])
    environment.pop("TMPDIR", None)
    hits = pathlib.Path("/tmp/.hits")
    for step in plan["steps"]:
        if plan["trace"]:
            hits.write_bytes(bytes(plan["trace"]))
            environment["PL_MUTANT_HITS"] = str(hits)
        started = time.monotonic()
        why, output = execute(step, environment, plan["cwd"], plan["memory"])
        for _ in range(step.get("again", 0)):
            if why:
                why, output = execute(step, environment, plan["cwd"], plan["memory"])
        result = {"name": step["name"], "seconds": time.monotonic() - started, "why": why}
        if plan["trace"]:
            result["hits"] = [number for number, hit in enumerate(hits.read_bytes()) if hit]
        if why:
            result["output"] = output[-3000:]
        print(json.dumps(result), flush=True)
        if why and plan["stop"]:
            return


main()

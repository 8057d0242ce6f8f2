#!/usr/bin/env python3
"""Makes things go wrong while a job runs, and checks that its output is the old file or the whole new one, and that it
says why.

Killed workers and killed runs at many moments, a gzip cut at every byte, disks that are full at many sizes, a closed
stdout, files and folders without permission. Each run has a watchdog: a hang is a failure.
"""
import gzip
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
DATASETS = pathlib.Path(__file__).resolve().parent.parent.parent / "datasets"
JOB = """[source t]
path = {path}

[group-by g]
by = {by}
n = count()
s = sum({value})

[sink out]
path = out.csv

[run]
mode = {mode}
workers = 2
block-size = {block}
"""
results = []
# Messages are asserted without the time they are said at.
os.environ["PIPELINE_LOG"] = "plain"


def job(folder, path=DATASETS / "flights-100k.csv", by="origin", value="delay", mode="threads", block="16KiB"):
    (folder / "job.ini").write_text(JOB.format(path=path, by=by, value=value, mode=mode, block=block))


def start(folder, **more):
    return subprocess.Popen([PROGRAM, "run", "job.ini"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **more)


def finish(process):
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, b"", b"a hang"
    return process.returncode, out, err.decode(errors="replace")


def complete(folder):
    code, _, err = finish(start(folder))
    assert code == 0, err
    return (folder / "out.csv").read_bytes()


def leftovers(folder):
    return [p.name for p in folder.iterdir() if p.name not in ("job.ini", "out.csv", "in.csv.gz")]


def children(pid):
    try:
        return [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(pid):
    """A zombie has ended: whoever inherited it just has not looked yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def report(name, wrong):
    results.append(not wrong)
    if wrong:
        print(f"{name}: {wrong}")


def check_target(folder, expected, code, err, allowed):
    if code not in allowed:
        return f"exit code {code}: {err}"
    target = (folder / "out.csv").read_bytes()
    if code == 0 and target != expected:
        return "exit code 0 and a wrong result"
    if code != 0 and target not in (b"old\n", expected):
        return f"a half-written result after exit code {code}"
    if code not in (0, -signal.SIGKILL) and leftovers(folder):
        return f"left behind: {leftovers(folder)}"
    return None


def killed_runs(folder, rounds, mode):
    job(folder, mode=mode)
    expected = complete(folder)
    random.seed(2)
    for number in range(rounds):
        (folder / "out.csv").write_bytes(b"old\n")
        process = start(folder)
        time.sleep(random.uniform(0, 0.08))
        workers = children(process.pid)
        process.kill()
        code, _, err = finish(process)
        wrong = check_target(folder, expected, code, err, (0, -signal.SIGKILL))
        deadline = time.monotonic() + 2
        while not wrong and any(map(is_running, workers)):
            if time.monotonic() > deadline:
                wrong = "a worker outlived its run by 2 s"
            time.sleep(0.01)
        report(f"killed run {number} ({mode})", wrong)
        for name in leftovers(folder):
            (folder / name).unlink()


def cut_gzip(folder):
    whole = gzip.compress(b"k,v\n" + b"".join(b"%d,%d\n" % (i % 7, i) for i in range(100)), mtime=0)
    job(folder, path="in.csv.gz", by="k", value="v")
    for length in range(len(whole)):
        (folder / "in.csv.gz").write_bytes(whole[:length])
        (folder / "out.csv").write_bytes(b"old\n")
        code, _, err = finish(start(folder))
        wrong = check_target(folder, b"old\n", code, err, (65,))
        report(f"gzip cut at {length}", wrong or (None if "in.csv.gz" in err else f"message: {err}"))
    (folder / "in.csv.gz").unlink()


def full_disks(folder):
    """RLIMIT_FSIZE makes writes fail with EFBIG at any size."""
    (folder / "job.ini").write_text(f"[source t]\npath = {DATASETS / 'seattle-weather.csv'}\n\n[sink out]\n"
                                    "path = out.csv\n")
    (folder / "out.csv").unlink()
    expected = complete(folder)
    for size in range(0, len(expected) + 2000, 1500):
        (folder / "out.csv").write_bytes(b"old\n")

        def limit(size=size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        code, _, err = finish(start(folder, preexec_fn=limit))
        wrong = check_target(folder, expected, code, err, (0,) if size >= len(expected) else (73, 74))
        if not wrong and code and "File too large" not in err:
            wrong = f"message: {err}"
        report(f"file limit {size}", wrong)


def full_tmpfs(folder):
    """A real full disk, where the tests may mount one."""
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)],
                             capture_output=True).returncode == 0
    if mounted:
        try:
            (small / "job.ini").write_text(f"[source t]\npath = {DATASETS / 'flights-100k.csv'}\n\n[sink out]\n"
                                           "path = out.csv\n")
            (small / "out.csv").write_bytes(b"old\n")
            code, _, err = finish(start(small))
            wrong = check_target(small, b"", code, err, (74,))
            report("full tmpfs", wrong or (None if "No space left on device" in err else f"message: {err}"))
        finally:
            subprocess.run(["umount", str(small)], check=True)
    small.rmdir()


def closed_descriptors(folder):
    job(folder)
    expected = complete(folder)
    for mask in range(8):
        (folder / "out.csv").write_bytes(b"old\n")
        redirections = " ".join(f"{fd}>&-" if fd else "0<&-" for fd in range(3) if mask >> fd & 1)
        process = subprocess.Popen(["sh", "-c", f"exec {PROGRAM} run job.ini {redirections}"], cwd=folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        code, _, err = finish(process)
        wrong = check_target(folder, expected, code, err, (0,))
        report(f"closed descriptors {redirections}", wrong)


NOBODY = 65534

# What stands in the folder (mode: contents, None for a folder), the job's keys, the message, the exit code.
OK = {"in.csv": (0o644, b"x\n1\n"), "open": (0o777, None), "open/out.csv": (0o666, b"old\n")}
LOCKED = {"shut": (0o755, None), "shut/out.csv": (0o666, b"old\n")}
PERMISSIONS = [
    ("allowed", OK, "in.csv", "", "open/out.csv", None, 0),
    ("file", OK | {"in.csv": (0, b"x\n1\n")}, "in.csv", "", "open/out.csv",
     "job.ini:2:8: cannot open in.csv: Permission denied", 66),
    ("one file of two", OK | {"b.csv": (0, b"x\n2\n")}, "in.csv; b.csv", "", "open/out.csv",
     "job.ini:2:8: cannot open b.csv: Permission denied", 66),
    ("folder", OK | {"d": (0o700, None), "d/a.csv": (0o644, b"x\n1\n")}, "d/a.csv", "", "open/out.csv",
     "job.ini:2:8: cannot open d/a.csv: Permission denied", 66),
    ("folder of a pattern", OK | {"d": (0o700, None), "d/a.csv": (0o644, b"x\n1\n")}, "d/*.csv", "", "open/out.csv",
     "job.ini:2:8: cannot list the folder d for d/*.csv: Permission denied", 66),
    ("one folder of a pattern", OK | {"d1": (0o755, None), "d1/a.csv": (0o644, b"x\n1\n"), "d2": (0o700, None)},
     "d?/*.csv", "", "open/out.csv", "job.ini:2:8: cannot list the folder d2 for d?/*.csv: Permission denied", 66),
    ("output folder", OK | LOCKED, "in.csv", "", "shut/out.csv",
     "cannot write shut/out.csv: no file can be created in its folder: Permission denied", 73),
    ("new folder for the output", OK | LOCKED, "in.csv", "", "shut/new/out.csv",
     "cannot create the folder shut/new for shut/new/out.csv: Permission denied", 73),
    ("protected output", OK | {"open/out.csv": (0o444, b"old\n")}, "in.csv", "", "open/out.csv",
     "cannot write open/out.csv: Permission denied", 73),
    ("folder of rejects", OK | LOCKED, "in.csv", "on-bad-row = quarantine\nrejects = shut/bad.csv\n", "open/out.csv",
     "cannot write shut/bad.csv: no file can be created in its folder: Permission denied", 73),
]


def become_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def permissions(folder, mode):
    """As a user for whom modes count: root may read and write everything."""
    for name, files, path, keys, out, message, expected in PERMISSIONS:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            work = pathlib.Path(temporary)
            (work / "job.ini").write_text(f"[source s]\npath = {path}\n{keys}\n[sink o]\npath = {out}\n\n[run]\n"
                                          f"mode = {mode}\nworkers = 2\n")
            for file, (_, content) in files.items():
                (work / file).mkdir() if content is None else (work / file).write_bytes(content)
            for file, (bits, _) in files.items():
                (work / file).chmod(bits)
            for above in (folder, work):
                above.chmod(0o755)
            # A copy that everyone may run, wherever the build folder is.
            program = shutil.copy(PROGRAM, folder / "pipeline")
            process = subprocess.Popen([program, "run", "job.ini"], cwd=work, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=become_nobody)
            code, _, err = finish(process)
            wrong = None
            if (code, err) != (expected, f"pipeline: {message}\n" if message else ""):
                wrong = f"exit code {code}: {err}"
            elif expected and (work / "open/out.csv").read_bytes() != b"old\n":
                wrong = "the output was touched"
            elif [p for p in work.rglob("*") if str(p.relative_to(work)) not in files and p.name != "job.ini"]:
                wrong = "something was left behind"
            for file in files:
                (work / file).chmod(0o755)
            report(f"permission: {name} ({mode})", wrong)


def main():
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        folder = pathlib.Path(temporary)
        killed_runs(folder, 30, "threads")
        killed_runs(folder, 30, "processes")
        cut_gzip(folder)
        full_disks(folder)
        full_tmpfs(folder)
        closed_descriptors(folder)
        for mode in ("serial", "threads", "processes"):
            permissions(folder, mode)
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())

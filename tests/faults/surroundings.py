#!/usr/bin/env python3
"""What surrounds a run that nobody watches: an empty environment, full disks and folders, inputs that are cut short,
and what the log and the report say of it."""
import gzip
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import time

from common import Job, main, spread


def bare_environment(arguments, report):
    """As cron starts it, and worse: no environment, no home, nothing on 0 to 2, any umask, any folder."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        folder = pathlib.Path(temporary) / "jobs"
        job = Job(arguments.program, "threads", folder)
        job.learn()
        gone_folder = pathlib.Path(temporary) / "gone"

        def attempt(name, mask, mode, cwd, closed, environment):
            for target in job.targets:
                (folder / target).unlink(missing_ok=True)

            def prepare():
                os.umask(mask)
                if cwd == gone_folder:
                    gone_folder.mkdir()
                    os.chdir(gone_folder)
                    gone_folder.rmdir()
                for fd in closed:
                    os.close(fd)

            result = subprocess.run([arguments.program, "run", str(folder / "job.ini"), "--mode", mode],
                                    cwd=None if cwd == gone_folder else cwd, env=environment, preexec_fn=prepare,
                                    capture_output=True, timeout=20, close_fds=True)
            wrong = None
            if result.returncode:
                wrong = f"exit code {result.returncode}: {result.stderr}"
            elif job.files() != job.new:
                wrong = "another result"
            elif job.leftovers():
                wrong = f"left behind: {job.leftovers()}"
            else:
                modes = [(folder / t).stat().st_mode & 0o777 for t in job.targets]
                # Rejects hold raw data, which nobody else was promised.
                if modes != [(0o600 if t == "rejects.csv" else 0o666) & ~mask for t in job.targets]:
                    wrong = f"permissions {[oct(m) for m in modes]}"
                elif 2 not in closed and len(result.stderr.splitlines()) != 1:
                    wrong = f"said: {result.stderr}"
            report(f"bare environment: {name}, {mode}", wrong)

        for mode in ("threads", "processes", "serial"):
            attempt("nothing in it", 0o22, mode, "/", (), {})
            attempt("umask 077", 0o77, mode, "/", (), {})
            attempt("umask 0", 0, mode, "/", (), {"HOME": "/nonexistent", "PATH": "/nonexistent"})
            attempt("folder that is gone", 0o22, mode, gone_folder, (), {})
            for closed in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
                attempt(f"closed {closed}", 0o22, mode, "/", closed, {})


def log_lines(arguments, report):
    """Time, process and level where stderr is a file; what the journal wants where it is the journal's; plain on
    demand."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        job = Job(arguments.program, "threads", temporary)
        log = pathlib.Path(temporary) / "log"

        def attempt(name, pattern, arguments_, **environment):
            with open(log, "wb") as file:
                info = os.fstat(file.fileno())
                more = {k: v.format(here=f"{info.st_dev}:{info.st_ino}") for k, v in environment.items()}
                subprocess.run([arguments.program, "run", *arguments_], cwd=temporary, stderr=file,
                               stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                               env={**{k: v for k, v in os.environ.items()
                                       if k not in ("PIPELINE_LOG", "JOURNAL_STREAM")}, **more}, timeout=20)
            text = log.read_text()
            report(f"log lines: {name}", None if re.fullmatch(pattern, text) else text)

        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ pipeline\[\d+\]"
        rejected = r"6 of 300 rows of \[source t\] were rejected; see rejects\.csv"
        missing = r"cannot open the job file 'no\.ini': No such file or directory"
        attempt("warning", f"{stamp} warning: {rejected}\n", ["job.ini"])
        attempt("error", f"{stamp} error: {missing}\n", ["no.ini"])
        attempt("journal", f"<3>{missing}\n", ["no.ini"], JOURNAL_STREAM="{here}")
        attempt("journal, warning", f"<4>{rejected}\n", ["job.ini"], JOURNAL_STREAM="{here}")
        attempt("a variable from elsewhere", f"{stamp} error: {missing}\n", ["no.ini"], JOURNAL_STREAM="1:2")
        attempt("plain on demand", f"pipeline: {missing}\n", ["no.ini"], PIPELINE_LOG="plain")
        attempt("journal on demand", f"<3>{missing}\n", ["no.ini"], PIPELINE_LOG="journal")
        attempt("unknown", f"{stamp} error: PIPELINE_LOG: unknown value 'x'; there are: auto, plain, time, journal\n",
                ["job.ini"], PIPELINE_LOG="x")
        (pathlib.Path(temporary) / "twice.csv").write_text("a,a\n1,2\n")
        (pathlib.Path(temporary) / "named.ini").write_text("[source t]\npath = twice.csv\n[sink out]\npath = out.csv\n")
        named = r"named\.ini:2:8: warning: column 2 of twice\.csv is named 'a' like an earlier one; it is called 'a_2'"
        attempt("warnings of the job are not news", "", ["named.ini"])
        attempt("warnings on demand", f"{stamp} warning: {named}\n({stamp} info: .*\n)+", ["named.ini", "-v"])
        attempt("warnings where someone looks on", f"pipeline: {named}\n", ["named.ini"], PIPELINE_LOG="plain")
        (pathlib.Path(temporary) / "bad.ini").write_text("[source t]\npath = in.csv\nhaeder = true\n")
        attempt("every line of a message", f"({stamp} error: .*\n)+", ["bad.ini"])


def reports(arguments, report):
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        job = Job(arguments.program, "threads", temporary)
        job.known.add("report.json")
        path = pathlib.Path(temporary) / "report.json"

        def attempt(name, expected, *more):
            path.unlink(missing_ok=True)
            code, _, err = job.run("--report", "report.json", *more)
            found = json.loads(path.read_text())
            wrong = [f"{k}: {found.get(k)}" for k, v in expected.items() if found.get(k) != v]
            if found["exit"] != code:
                wrong.append(f"exit {found['exit']}, truly {code}")
            report(f"report: {name}",
                   ", ".join(wrong) or (f"left behind {job.leftovers()}" if job.leftovers() else None))
            return found

        found = attempt("success", {"job": "job", "file": "job.ini", "exit": 0, "error": None, "passes": 1,
                                    "sources": [{"name": "t", "records": 300, "rejected": 6}]})
        good = sum(1 for i in range(300) if i % 50 != 13)
        kept = sum(1 for i in range(300) if i % 50 != 13 and i * 7 % 50 > 10)
        steps = {s["step"]: (s["rows_in"], s["rows_out"]) for s in found["steps"]}
        report("report: rows", None if steps["filter f"] == (good, kept) and steps["group-by g"][0] == kept
               and steps["group-by g"][1] == 3 else steps)
        size = sum(len((job.folder / t).read_bytes()) for t in job.targets)
        report("report: bytes", None if found["bytes_written"] == size and found["bytes_read"]
               >= (job.folder / "in.csv").stat().st_size - 8 else found)
        attempt("missing input", {"exit": 66, "job": "job"}, "--set", "source t.path=no.csv")
        found = attempt("too many bad rows", {"exit": 65}, "--set", "source t.max-bad-rows=2")
        report("report: error", None if "max-bad-rows allows 2" in found["error"] else found)
        code, _, err = job.run("--report", "in.csv/report.json")
        report("report: cannot be written", None if code == 73 and "in.csv/report.json" in err else f"{code}: {err}")


def full_disks(arguments, report):
    """No space, no quota, files too large: at 64 sizes each."""
    def attempt(task, local):
        kind, size, expected = task
        job = Job(arguments.program, "threads", pathlib.Path(local.folder) / "full")
        if not hasattr(local, "learnt"):
            job.learn()
            local.learnt = job.new, job.out
        job.new, job.out = local.learnt
        job.make_old()
        process = subprocess.Popen([arguments.program, "run", "job.ini"], cwd=job.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=dict(os.environ, PIPELINE_LOG="plain"),
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        out, err = process.communicate(timeout=20)
        wrong = job.judge(process.returncode, out, err.decode())
        if not wrong and process.returncode and b"File too large" not in err:
            wrong = err.decode()
        report(f"{kind} {size}", wrong)
        return process.returncode

    sizes = range(0, 64 * 128, 128 if arguments.full else 1024)
    codes = spread([("file limit", size, None) for size in sizes], attempt)
    report("file limits: some were too small, some were not",
           None if 0 in codes and len(set(codes)) > 1 else str(set(codes)))


def full_tmpfs(arguments, report):
    """A real full disk (ENOSPC), where the tests may mount one; the targets are old files on it."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        sizes = range(64, 64 * 24 + 64, 24) if arguments.full else (64, 96, 400, 1600)
        codes = set()
        for size in sizes:
            small = pathlib.Path(temporary) / "small"
            small.mkdir(exist_ok=True)
            if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", str(small)],
                              capture_output=True).returncode:
                report.skip("full tmpfs: not allowed to mount")
                return
            try:
                job = Job(arguments.program, "threads", small / "job")
                text = (job.folder / "job.ini").read_text()
                (job.folder / "job.ini").write_text(text.replace("path = in.csv", f"path = {temporary}/in.csv"))
                rows = "".join(f"{i},{'abc'[i % 3]},{i % 1000}\n" for i in range(60000))
                (pathlib.Path(temporary) / "in.csv").write_text("id,k,v\n" + rows)
                job.make_old()
                code, _, err = job.run()
                codes.add(code)
                files = job.files()
                old = all(d == b"old\n" for d in files.values())
                wrong = None
                if (code == 0) == old or (code and (code != 74 or "No space left on device" not in err)):
                    wrong = f"exit code {code}, {'old' if old else 'new'} files: {err}"
                elif job.leftovers():
                    wrong = f"left behind: {job.leftovers()}"
                report(f"full tmpfs of {size} KiB", wrong)
            finally:
                subprocess.run(["umount", str(small)], check=True)
        report("full tmpfs: some were too small, some were not", None if codes == {0, 74} else str(codes))


def temporary_folders(arguments, report):
    """temp-directory that cannot be used: whoever is told so before the run begins, nothing has happened; and the key
    is named."""
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        (folder / "in.csv").write_text("a\n1\n")
        (folder / "old.csv").write_text("old\n")
        (folder / "old.csv").chmod(0o666)
        (folder / "temp").mkdir()
        (folder / "job.ini").write_text("[source s]\npath = in.csv\n\n[sink o]\npath = old.csv\n\n[run]\n"
                                        "temp-directory = temp\n")

        def look(name, why, **options):
            for command in ("check", "run"):
                result = subprocess.run([arguments.program, command, "job.ini"], cwd=folder, stdin=subprocess.DEVNULL,
                                        capture_output=True, text=True,
                                        env=dict(os.environ, PIPELINE_LOG="plain"), **options)
                told = (f"pipeline: job.ini:8:18: cannot create temporary files in temp: {why}; set temp-directory to "
                        "another folder\n")
                wrong = (None if (result.returncode, result.stderr) == (78, told)
                         else f"exit code {result.returncode}: {result.stderr}")
                if (folder / "old.csv").read_text() != "old\n":
                    wrong = "the output has changed"
                report(f"temp-directory {name}, {command}", wrong)

        (folder / "temp").chmod(0o555)
        if os.geteuid() == 0:
            look("without permission", "Permission denied", user=65534, group=65534, extra_groups=[])
        else:
            look("without permission", "Permission denied")
        (folder / "temp").chmod(0o755)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder / "temp"],
                          capture_output=True).returncode:
            report.skip("temp-directory full: not allowed to mount")
            return
        try:
            (folder / "temp" / "all").write_bytes(bytes(64 << 10))
            look("full", "No space left on device")
        finally:
            subprocess.run(["umount", folder / "temp"], check=True)


def cut_inputs(arguments, report):
    """A gzip and a zstd file cut at each byte: never half a result."""
    plain = b"k,v\n" + b"".join(b"%d,%d\n" % (i % 7, i * i) for i in range(60 if not arguments.full else 200))
    wholes = {"in.csv.gz": gzip.compress(plain, mtime=0)}
    if shutil.which("zstd"):
        wholes["in.csv.zst"] = subprocess.run(["zstd", "-c", "--check"], input=plain, capture_output=True,
                                              check=True).stdout

    def attempt(task, local):
        name, length = task
        folder = pathlib.Path(local.folder)
        (folder / "job.ini").write_text(f"[source t]\npath = {name}\n\n[sink s]\npath = out.csv\n")
        (folder / name).write_bytes(wholes[name][:length])
        (folder / "out.csv").write_bytes(b"old\n")
        result = subprocess.run([arguments.program, "run", "job.ini"], cwd=folder, capture_output=True, timeout=20)
        wrong = None
        if result.returncode != 65 or name.encode() not in result.stderr:
            wrong = f"exit code {result.returncode}: {result.stderr}"
        elif (folder / "out.csv").read_bytes() != b"old\n":
            wrong = "the target has changed"
        (folder / name).unlink()
        report(f"{name} cut at {length}",
               wrong or (None if sorted(os.listdir(folder)) == ["job.ini", "out.csv"] else "left behind"))

    spread([(name, n) for name, whole in wholes.items() for n in range(0, len(whole), 1 if arguments.full else 9)],
           attempt)


if __name__ == "__main__":
    main(__doc__, [bare_environment, log_lines, reports, full_disks, full_tmpfs, temporary_folders, cut_inputs])

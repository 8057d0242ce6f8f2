#!/usr/bin/env python3
"""Kinds of files × what is read by a run: one table, with the exit code and the message of each cell.

What a file is from the start: the run finds it so. What becomes of a file (growing, shrinking, replaced): it does so in
the middle of a run that has begun to use it.
"""
import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

from common import main, with_parent

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KINDS = ("FIFO", "socket", "device", "endless device", "/proc", "/sys", "folder", "sparse", "growing", "shrinking",
         "replaced")
INPUTS = ("source", "job", "plugin", "exec", "command")
NO_PROGRAM = "pipeline: {job}:{line}:11: there is no program '{path}' to run\n"
NO_LIBRARY = "pipeline: {job}:{line}:11: there is no file '{path}'\n"
NO_ELF = "pipeline: {job}:{line}:11: cannot load '{path}': {real}: {why}\n"
LONG_RECORD = "pipeline: {path}:5: record is longer than max-record-size (65536 bytes)\n"

GOOD, EMPTY = "good", "empty"

# (kind, input) → (exit code, message, what the sink holds: all rows, or none; None: nothing published).
CELLS = {
    ("FIFO", "source"): (0, "", GOOD),
    ("FIFO", "job"): (0, "", GOOD),
    ("FIFO", "plugin"): (78, NO_LIBRARY, None),
    ("FIFO", "exec"): (78, NO_PROGRAM, None),
    ("FIFO", "command"): (78, NO_PROGRAM, None),
    ("socket", "source"): (66, "pipeline: {job}:2:8: cannot open {path}: No such device or address\n", None),
    ("socket", "job"): (66, "pipeline: cannot open the job file '{path}': No such device or address\n", None),
    ("socket", "plugin"): (78, NO_LIBRARY, None),
    ("socket", "exec"): (78, NO_PROGRAM, None),
    ("socket", "command"): (78, NO_PROGRAM, None),
    ("device", "source"): (65, "pipeline: {path} is empty: a header line was expected; set header = false if the file "
                               "has none, or empty-files = skip to go past it\n", None),
    ("device", "job"): (78, "pipeline: {path}: the job has no [source]; write [source NAME] and path = FILE\n", None),
    ("device", "plugin"): (78, NO_LIBRARY, None),
    ("device", "exec"): (78, NO_PROGRAM, None),
    ("device", "command"): (78, NO_PROGRAM, None),
    ("endless device", "source"): (65, "pipeline: {path}:1: the header is longer than max-record-size\n", None),
    ("endless device", "job"): (78, "pipeline: '{path}' is larger than 16 MiB: that is no job file\n", None),
    ("endless device", "plugin"): (78, NO_LIBRARY, None),
    ("endless device", "exec"): (78, NO_PROGRAM, None),
    ("endless device", "command"): (78, NO_PROGRAM, None),
    ("/proc", "source"): (0, "", EMPTY),
    ("/proc", "job"): (78, "pipeline: {path}:1:1: expected a [group]; this is no job file ('pipeline head FILE' shows "
                           "a CSV file)\n", None),
    ("/proc", "plugin"): (78, NO_ELF.replace("{why}", "file too short"), None),
    ("/proc", "exec"): (78, NO_PROGRAM, None),
    ("/proc", "command"): (78, NO_PROGRAM, None),
    ("/sys", "source"): (0, "", EMPTY),
    ("/sys", "job"): (78, "pipeline: {path}:1:1: expected a [group]; this is no job file ('pipeline head FILE' shows a "
                          "CSV file)\n", None),
    ("/sys", "plugin"): (78, NO_ELF.replace("{why}", "file too short"), None),
    ("/sys", "exec"): (78, NO_PROGRAM, None),
    ("/sys", "command"): (78, NO_PROGRAM, None),
    ("folder", "source"): (66, "pipeline: {job}:2:8: {path} is a folder, not a file; write {path}/*.csv to read the "
                               "files in it\n", None),
    ("folder", "job"): (66, "pipeline: cannot read the job file '{path}': Is a directory\n", None),
    ("folder", "plugin"): (78, NO_LIBRARY, None),
    ("folder", "exec"): (78, NO_PROGRAM, None),
    ("folder", "command"): (78, NO_PROGRAM, None),
    ("sparse", "source"): (65, LONG_RECORD, None),
    ("sparse", "job"): (78, "pipeline: {path}:{hole}:1: the byte 0x00 is not UTF-8 text; save the job file as UTF-8\n",
                        None),
    ("sparse", "plugin"): (0, "", GOOD),
    ("sparse", "exec"): (0, "", GOOD),
    ("sparse", "command"): (0, "", GOOD),
    ("growing", "source"): (0, "pipeline: {path} grew while it was read; what was there at the start was read, 8 "
                               "bytes\n", GOOD),
    ("growing", "job"): (0, "", GOOD),
    ("growing", "plugin"): (0, "", GOOD),
    ("growing", "exec"): (0, "", GOOD),
    ("growing", "command"): (0, "", GOOD),
    ("shrinking", "source"): (75, "pipeline: {path} changed while it was read: it had 8 bytes, now it has 4; run "
                                  "again\n", None),
    ("shrinking", "job"): (0, "", GOOD),
    # Code that is gone from under the run that it is mapped into: all there is to promise is that nothing is published.
    ("shrinking", "plugin"): (70, "pipeline: internal error: signal 07; outputs that are not in place yet are "
                                  "discarded\n", None),
    ("shrinking", "exec"): (0, "", GOOD),
    ("shrinking", "command"): (0, "", GOOD),
    ("replaced", "source"): (75, "pipeline: {path} changed while it was read: another file has taken its place; run "
                                 "again\n", None),
    ("replaced", "job"): (0, "", GOOD),
    ("replaced", "plugin"): (0, "", GOOD),
    ("replaced", "exec"): (0, "", GOOD),
    ("replaced", "command"): (0, "", GOOD),
}

CSV = "a\n1\n2\n3\n"
# In front of what is tried, a source that holds the run until the file `go` is there. Its rows are few and long, so
# that blocks go out meanwhile.
HOLD = """echo a
x=$(head -c 4000 /dev/zero | tr '\\0' x)
for i in {1..50}; do echo $x; done
while [ ! -e go ]; do sleep 0.01; done
"""
JOB = """[source t]
%s
max-record-size = 64KiB
%s
[group-by g]
n = count()
[sink out]
path = out.csv
[run]
workers = 1
block-size = 16KiB
"""
HOLDING = """[source hold]
command = bash hold
[group-by h]
n = count()
[sink h]
path = held.csv
""" + JOB
# One line each, so that the shell has read all of it when it starts.
CAT = '#!/bin/bash\ntouch begun; read -r h; echo "$h"; while read -r l; do echo "$l"; done; exit 0\n'
PRINT = "#!/bin/bash\necho a; echo 1; touch begun; while [ ! -e go ]; do sleep 0.01; done; echo 2; echo 3; exit 0\n"
PLUGIN = """#include "pipeline/plugin.h"
static int columns (PlPluginSetup *setup) { (void) setup; return 0; }
static int map (void *state, PlPluginBatch *batch) { (void) state; (void) batch; return 0; }
const PlPluginDescriptor pl_plugin_descriptor
    = {.abi = PL_PLUGIN_ABI, .size = sizeof (PlPluginDescriptor), .name = "same", .columns = columns, .map = map};
"""
FILES = {"source": "in.csv", "job": "job.ini", "plugin": "p.so", "exec": "./e", "command": "./c"}
ELSEWHERE = {"device": "/dev/null", "endless device": "/dev/zero", "/proc": "/proc/sys/kernel/ostype",
             "/sys": "/sys/kernel/mm/transparent_hugepage/enabled"}
BECOMES = ("growing", "shrinking", "replaced")


class Cell:
    def __init__(self, program, folder, library, kind, what):
        self.program, self.folder, self.kind, self.what = program, folder, kind, what
        self.path = ELSEWHERE.get(kind, FILES[what])
        self.contents = {"source": CSV.encode(), "plugin": library, "exec": CAT.encode(), "command": PRINT.encode()}
        (folder / "hold").write_text(HOLD)
        (folder / "in.csv").write_text(CSV)
        job = HOLDING if kind in BECOMES and what in ("source", "job", "plugin") else JOB
        source = {"command": f"command = {self.path}", "source": f"path = {self.path}"}.get(what, "path = in.csv")
        if kind in BECOMES and what == "exec":
            source = "command = bash hold"
        stage = {"plugin": f"[plugin p]\nlibrary = {self.path}",
                 "exec": f"[exec e]\ncommand = {self.path}"}.get(what, "")
        self.text = job % (source, stage)
        self.rows = 50 if source == "command = bash hold" else 3
        self.contents["job"] = self.text.encode()
        (folder / "job.ini").write_text(self.text)
        self.file = folder / FILES[what]
        self.writer = None

    def make(self):
        """The file as the run finds it."""
        self.file.unlink(missing_ok=True)
        data = self.contents[self.what]
        if self.kind == "FIFO":
            os.mkfifo(self.file)
            if self.what in ("source", "job"):
                self.writer = threading.Thread(target=self.file.write_bytes, args=(data,), daemon=True)
                self.writer.start()
        elif self.kind == "socket":
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as end:
                here = os.open(".", os.O_RDONLY)
                os.chdir(self.folder)
                end.bind(self.file.name)
                os.fchdir(here)
                os.close(here)
        elif self.kind == "folder":
            self.file.mkdir()
        elif self.kind not in ELSEWHERE:
            self.file.write_bytes(data)
            self.file.chmod(0o755)
        if self.kind == "sparse":
            os.truncate(self.file, len(data) + 100000)
            with open(self.file, "ab") as file:
                file.write(b"\n3\n" if self.what == "source" else b"\n")

    def in_use(self, pid):
        """Whether the run has begun to use the file."""
        name = str(self.file.resolve())
        if self.what == "plugin":
            return any(name in read(f"/proc/{p}/maps") and "worker" in read(f"/proc/{p}/cmdline")
                       for p in children(pid))
        if self.what in ("exec", "command"):
            return (self.folder / "begun").exists()
        return any(opened.endswith("/in.csv") for opened in descriptors(pid))

    def become(self):
        data = self.contents[self.what]
        if self.kind == "growing":
            with open(self.file, "ab") as file:
                file.write({"source": b"4\n", "job": b"[nonsense]\n", "plugin": b"more"}.get(self.what, b"echo more\n"))
        elif self.kind == "shrinking":
            os.truncate(self.file, len(data) // 2)
        else:
            other = self.folder / "other"
            other.write_bytes(b"nonsense\n")
            other.rename(self.file)

    def run(self):
        process = subprocess.Popen([self.program, "run", self.path if self.what == "job" else "job.ini"],
                                   cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=dict(os.environ, PIPELINE_LOG="plain"),
                                   preexec_fn=with_parent)
        if self.kind in BECOMES:
            deadline = time.monotonic() + 20
            while process.poll() is None and not self.in_use(process.pid) and time.monotonic() < deadline:
                time.sleep(0.005)
            used = process.poll() is None and time.monotonic() < deadline
            self.become()
        (self.folder / "go").touch()
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "a hang"
        if self.kind in BECOMES and not used:
            return f"it ended before it used the file: {process.returncode} {err.decode()}"
        return self.judge(process.returncode, out.decode(), err.decode())

    def judge(self, code, out, err):
        expected_code, message, result = CELLS[self.kind, self.what]
        lines = self.text.split("\n")
        line = next((i for i, text in enumerate(lines, 1) if text.endswith(f"= {self.path}")), 0)
        message = message.format(job="job.ini", path=self.path, real=self.path, line=line, hole=len(lines))
        published = self.folder / "out.csv"
        found = published.read_text() if published.exists() else None
        expected = {GOOD: f"n\n{self.rows}\n", EMPTY: "n\n0\n", None: None}[result]
        if (code, out, err, found) != (expected_code, "", message, expected):
            return f"exit code {code}, {found!r}: {err}\n  expected {expected_code}, {expected!r}: {message}"
        left = {p.name for p in self.folder.iterdir()} - {"hold", "in.csv", "job.ini", "go", "begun", "out.csv",
                                                          "held.csv", self.file.name}
        return f"left behind: {left}" if left else None


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def children(pid):
    return [int(child) for thread in read_folder(f"/proc/{pid}/task")
            for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def read_folder(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def descriptors(pid):
    found = []
    for fd in read_folder(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return found


def kinds_of_inputs(arguments, report):
    missing = [(kind, what) for kind in KINDS for what in INPUTS if (kind, what) not in CELLS]
    report("kinds of inputs: no cell is left out", f"missing: {missing}" if missing else None)
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        source, library = pathlib.Path(temporary) / "p.c", pathlib.Path(temporary) / "p.so"
        source.write_text(PLUGIN)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", f"-I{ROOT}", "-o", library, source], check=True)
        for index, (kind, what) in enumerate(CELLS):
            folder = pathlib.Path(temporary) / str(index)
            folder.mkdir()
            if kind in ELSEWHERE and not os.path.exists(ELSEWHERE[kind]):
                report.skip(f"{kind} as {what}: there is no {ELSEWHERE[kind]}")
                continue
            cell = Cell(arguments.program, folder, library.read_bytes(), kind, what)
            cell.make()
            report(f"{kind} as {what}", cell.run())


if __name__ == "__main__":
    main(__doc__, [kinds_of_inputs])

#!/usr/bin/env python3
"""Every kind of thing that may stand where a run writes × every use of a path: sink, sink that appends, rejects,
report. No cell is left out.

Each cell has the exit code, the messages word for word, and what is there afterwards. Where a run fails, none of its
other outputs has changed; where it fails behind that, it says so."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from common import main

USES = ("sink", "append", "rejects", "report")
# More than is looked at before a run begins, and than a pipe or the memory for what is held back takes.
N, ROWS = 400_000, b"1,2\n" + b"3,4\n" * 400_000
SINK, REJECTS = (b"a,b\n" + ROWS, b'file,line,offset,column,reason,raw,raw_cut,raw_escaped\n'
                                  b'feed,3,8,,"row has 1 field, expected 2; see short-rows",x,false,false\n')
REPORT_START = b'{\n  "'
REJECTED = f"pipeline: 1 of {N + 2} rows of [source t] was rejected; see {{rejects}}\n"
CHANGED = "pipeline: the report is missing, but the run was complete: its outputs HAVE changed\n"
NO_REPORT = "pipeline: cannot write the report to {path}: what is there is no report; name another file\n"
BUSY = "pipeline: {path} was changed by someone else during the run, and appending would undo that; run again\n"
OTHER_HEADER = ("pipeline: cannot append to {path}: it begins with '" + r"\x00" * 200 + "…', and the rows have 'a,b'; "
                "set header = false where it has no header, delimiter where it has another, or write to another file\n")
NO_FILE = "pipeline: {path} was replaced by something that is no file during the run\n"
PLANTED = ("pipeline: cannot write {path}: it belongs to another user, in a folder that everyone may write to; remove "
           "it or write to another folder\n")
OLD, OLD_REPORT = b"a,b\n9,9\n", b'{\n  "job": "old"\n}\n'
STRANGER = 64000


class Cell:
    """A folder, the path that is tried, and what stands there."""

    def __init__(self, folder, use):
        self.folder, self.use, self.path = folder, use, "target"
        self.got, self.reader, self.run_keys = None, None, ""
        self.old = OLD_REPORT if use == "report" else OLD

    @property
    def place(self):
        return self.folder / self.path

    def read_pipe(self):
        def work():
            self.got = self.place.read_bytes()

        self.reader = threading.Thread(target=work, daemon=True)
        self.reader.start()

    def result(self):
        """What the use should give when nothing was there before; of a report, its beginning."""
        return {"sink": SINK, "append": SINK, "rejects": REJECTS, "report": REPORT_START}[self.use]


# What stands there before the run: each sets up a cell, and may return what is to happen while the run is on its way.
def nothing(cell):
    pass


def plain_file(cell):
    cell.place.write_bytes(cell.old)


def pipe(cell):
    os.mkfifo(cell.place)
    cell.read_pipe()


def pipe_without_reader(cell):
    os.mkfifo(cell.place)
    cell.run_keys = "timeout = 3s\n"


def pipe_of_another_user(cell):
    cell.path = "pub/target"
    (cell.folder / "pub").mkdir()
    (cell.folder / "pub").chmod(0o1777)
    os.mkfifo(cell.place)
    os.chown(cell.place, STRANGER, STRANGER)


def file_of_another_user(cell):
    cell.path = "pub/target"
    (cell.folder / "pub").mkdir()
    (cell.folder / "pub").chmod(0o1777)
    cell.place.write_bytes(cell.old)
    os.chown(cell.place, STRANGER, STRANGER)


def a_socket(cell):
    here = os.getcwd()
    os.chdir(cell.folder)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("target")
    os.chdir(here)


def device(cell):
    cell.path = "/dev/null"


def full_device(cell):
    cell.path = "/dev/full"


def file_of_proc(cell):
    cell.path = "/proc/version"


def new_file_of_proc(cell):
    cell.path = "/proc/new"


def a_folder(cell):
    cell.place.mkdir()


def link(cell):
    (cell.folder / "real").write_bytes(cell.old)
    cell.place.symlink_to("real")


def link_to_nothing(cell):
    cell.place.symlink_to("real")


def links_in_a_ring(cell):
    cell.place.symlink_to("other")
    (cell.folder / "other").symlink_to("target")


def sparse(cell):
    with open(cell.place, "wb") as file:
        file.truncate(1 << 20)


def growing(cell):
    cell.place.write_bytes(cell.old)

    def grow():
        with open(cell.place, "ab") as file:
            file.write(b"7,7\n")

    return grow


def shrinking(cell):
    cell.place.write_bytes(cell.old)
    return lambda: os.truncate(cell.place, 2)


def replaced(cell):
    cell.place.write_bytes(cell.old)

    def replace():
        (cell.folder / "fresh").write_bytes(b"z\n5\n")
        os.rename(cell.folder / "fresh", cell.place)

    return replace


def replaced_by_a_folder(cell):
    cell.place.write_bytes(cell.old)

    def replace():
        cell.place.unlink()
        cell.place.mkdir()

    return replace


def replaced_by_a_link(cell):
    cell.place.write_bytes(cell.old)
    (cell.folder / "real").write_bytes(b"precious\n")

    def replace():
        cell.place.unlink()
        cell.place.symlink_to("real")

    return replace


def removed(cell):
    cell.place.write_bytes(cell.old)
    return cell.place.unlink


def refused(message, code=73):
    return {use: (code, message, None) for use in USES}


GOOD = (0, REJECTED, "result")
# Kind → use → (exit code, messages, what is there: "result", bytes, a function of the cell, or None: as before).
TABLE = {
    nothing: {use: GOOD for use in USES},
    plain_file: {"sink": GOOD, "append": (0, REJECTED, OLD + ROWS), "rejects": GOOD, "report": GOOD},
    pipe: {use: GOOD for use in USES},
    pipe_without_reader: {
        **{use: (75,
                 "pipeline: waiting for a reader of {path}\n"
                 "pipeline: the run took longer than its timeout and was stopped\n", None)
           for use in ("sink", "append", "rejects")},
        "report": (75, REJECTED + "pipeline: waiting for a reader of {path}\n"
                                  "pipeline: the run took longer than its timeout and was stopped\n" + CHANGED, None)},
    pipe_of_another_user: refused(PLANTED),
    file_of_another_user: refused(PLANTED),
    a_socket: refused("pipeline: cannot write {path}: it is a socket; name a file, a pipe or a device\n"),
    device: {use: (0, REJECTED, None) for use in USES},
    full_device: {**{use: (74, "pipeline: cannot write {path}: No space left on device\n", None)
                     for use in ("sink", "append", "rejects")},
                  "report": (74, REJECTED + "pipeline: cannot write {path}: No space left on device\n" + CHANGED,
                             None)},
    file_of_proc: {**{use: (74, "pipeline: cannot write {path}: Input/output error\n", None)
                      for use in ("sink", "append", "rejects")},
                   "report": (74, REJECTED + "pipeline: cannot write {path}: Input/output error\n" + CHANGED, None)},
    new_file_of_proc: refused("pipeline: cannot write {path}: no file can be created in its folder: No such file or "
                              "directory\n"),
    a_folder: refused("pipeline: cannot write {path}: it is a folder; name a file in it\n"),
    link: {"sink": GOOD, "append": (0, REJECTED, OLD + ROWS), "rejects": GOOD, "report": GOOD},
    link_to_nothing: {use: GOOD for use in USES},
    links_in_a_ring: refused("pipeline: cannot write {path}: Too many levels of symbolic links\n"),
    sparse: {"sink": GOOD, "append": (65, OTHER_HEADER, bytes(1 << 20)), "rejects": GOOD,
             "report": (73, NO_REPORT, None)},
    growing: {"sink": GOOD, "append": (75, BUSY, OLD + b"7,7\n"), "rejects": GOOD, "report": GOOD},
    shrinking: {"sink": GOOD, "append": (75, BUSY, OLD[:2]), "rejects": GOOD, "report": GOOD},
    replaced: {"sink": GOOD, "append": (75, BUSY, b"z\n5\n"), "rejects": GOOD,
               "report": (73, REJECTED + NO_REPORT + CHANGED, b"z\n5\n")},
    replaced_by_a_folder: {**{use: (73, NO_FILE, "folder") for use in ("sink", "append", "rejects")},
                           "report": (73, REJECTED + NO_FILE + CHANGED, "folder")},
    replaced_by_a_link: {**{use: (73, NO_FILE, b"precious\n") for use in ("sink", "append", "rejects")},
                         "report": (73, REJECTED + NO_REPORT + CHANGED, b"precious\n")},
    removed: {"sink": GOOD, "append": (75, BUSY, "nothing"), "rejects": GOOD, "report": GOOD},
}


def feed(folder, change, name):
    try:
        feed_all(folder, change, name)
    except BrokenPipeError:
        pass  # a run that was refused


def feed_all(folder, change, name):
    """Gives the run its input through a pipe; once it has made its files, what is to happen happens, and only then the
    input ends."""
    with os.fdopen(os.open(folder / "feed", os.O_WRONLY), "wb") as pipe_end:
        pipe_end.write(b"a,b\n1,2\nx\n" + ROWS[4:])
        pipe_end.flush()
        if change is not None:
            deadline = time.monotonic() + 10
            while (not any(p.name.startswith(f".{name}.pipeline-") for p in folder.iterdir())
                    and time.monotonic() < deadline):
                time.sleep(0.005)
            change()


def start(arguments, cell):
    paths = {"sink": "sink.csv", "rejects": "rejects.csv", "report": "report.json"}
    paths["sink" if cell.use == "append" else cell.use] = cell.path
    (cell.folder / "job.ini").write_text("[source t]\npath = feed\ntypes = a:string; b:string\n"
                                         f"on-bad-row = quarantine\nrejects = {paths['rejects']}\n\n[sink s]\n"
                                         f"path = {paths['sink']}\nformat = csv\n"
                                         + ("mode = append\n" if cell.use == "append" else "")
                                         + "\n[sink other]\ninput = t\npath = other.csv\n\n[run]\nmode = threads\n"
                                         + cell.run_keys)
    (cell.folder / "other.csv").write_bytes(OLD)
    os.mkfifo(cell.folder / "feed")
    process = subprocess.Popen([arguments.program, "run", "job.ini", "--report", paths["report"]], cwd=cell.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=dict(os.environ, PIPELINE_LOG="plain"))
    return process, paths


def look(cell):
    place = cell.place
    if cell.reader is not None:
        cell.reader.join(5)
        return cell.got
    if place.is_dir():
        return "folder"
    if not place.exists():
        return "nothing"
    return place.read_bytes() if place.is_file() and not str(place).startswith("/proc") else "no file"


def attempt(arguments, kind, use):
    code, messages, expected = TABLE[kind][use]
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        cell = Cell(folder, use)
        change = kind(cell)
        before = look(cell) if cell.reader is None else None
        process, paths = start(arguments, cell)
        writer = threading.Thread(target=feed, args=(folder, change, "target"), daemon=True)
        writer.start()
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "a hang"
        # A run that was refused before it read leaves the feed waiting.
        while writer.is_alive():
            os.close(os.open(folder / "feed", os.O_RDONLY | os.O_NONBLOCK))
            writer.join(0.01)
        wanted = messages.format(path=cell.path, rejects=paths["rejects"])
        if (process.returncode, err.decode()) != (code, wanted):
            return f"exit code {process.returncode}, expected {code}; messages:\n{err.decode()}expected:\n{wanted}"
        found = look(cell)
        if expected == "result":
            expected = cell.result()
            found = found[:len(REPORT_START)] if use == "report" and isinstance(found, bytes) else found
        elif expected is None:
            expected = before
        found, expected = found or "", expected or ""
        if found != expected:
            return f"there is {found[:80]!r} …, expected {expected[:80]!r} …"
        complete = code == 0 or CHANGED in messages
        if (folder / "other.csv").read_bytes() != (SINK if complete else OLD):
            return "another output is not as it should be"
        left = [p.name for p in folder.rglob(".*.pipeline-*")]
        return f"left behind: {left}" if left else None


def kinds(arguments, report):
    for kind, cells in TABLE.items():
        assert set(cells) == set(USES), f"a cell of {kind.__name__} is missing"
        for use in USES:
            if kind in (pipe_of_another_user, file_of_another_user) and os.geteuid() != 0:
                report.skip(f"{kind.__name__} × {use}: only root can act as another user")
                continue
            report(f"{kind.__name__.replace('_', ' ')} × {use}", attempt(arguments, kind, use))


if __name__ == "__main__":
    main(__doc__, [kinds])

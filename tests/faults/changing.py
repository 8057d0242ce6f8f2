#!/usr/bin/env python3
"""Inputs that change at any moment of a run: replaced by rename, rewritten in place, cut short, grown, removed; plain
and compressed, in each mode.

Whatever the moment, a run gives the bytes of exactly one state of the file, or ends with 75, names the file, and leaves
its output as it was. The states are made so that no mixture of two gives what one of them does.
"""
import gzip
import os
import pathlib
import random
import resource
import signal
import subprocess
import time

from common import main, spread, with_parent

ROWS = 40000
JOB = """[source t]
path = {path}

[derive d]
b = a * 2

[group-by g]
n = count()
s = sum(b)
least = min(a)
most = max(a)

[sink out]
path = out.csv

[run]
workers = 2
block-size = 4KiB
"""
# Two states of equal size, and the sums of each; the second has its columns the other way round.
FIRST = b"a,x\n" + b"1,5\n" * ROWS
SECOND = b"x,a\n" + b"7,3\n" * ROWS
RESULTS = {FIRST: f"n,s,least,most\n{ROWS},{2 * ROWS},1,1\n".encode(),
           SECOND: f"n,s,least,most\n{ROWS},{6 * ROWS},3,3\n".encode()}
# What may be said of a file that has changed.
HOW = ("", ": another file has taken its place", ": it is not there any more",
       ": it grew, and its last row was not whole yet")
MODES = ("threads", "processes", "serial")


class Place:
    """A folder with a job and its input, and how long a run of it takes."""

    def __init__(self, program, folder, name):
        self.program, self.folder, self.name = program, pathlib.Path(folder) / name, name
        self.folder.mkdir()
        self.file = self.folder / name
        (self.folder / "job.ini").write_text(JOB.format(path=name))
        self.put(FIRST)
        begin = time.monotonic()
        for mode in MODES:
            code, err = self.wait(self.start(mode))
            assert code == 0 and self.out() == RESULTS[FIRST], err
        self.seconds = (time.monotonic() - begin) / len(MODES)

    @staticmethod
    def of(program, local, name):
        places = local.__dict__.setdefault("places", {})
        if name not in places:
            places[name] = Place(program, local.folder, name)
        return places[name]

    def encode(self, data):
        return gzip.compress(data, 1, mtime=0) if self.name.endswith(".gz") else data

    def put(self, data):
        self.file.write_bytes(self.encode(data))

    def out(self):
        return (self.folder / "out.csv").read_bytes()

    def start(self, mode):
        return subprocess.Popen([self.program, "run", "job.ini", "--mode", mode], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=dict(os.environ, PIPELINE_LOG="plain"), preexec_fn=with_parent)

    def wait(self, process):
        try:
            _, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, "a hang"
        return process.returncode, err.decode()

    def judge(self, code, err, states):
        """What is wrong. @states: what the file has been, at one time or another."""
        known = {"job.ini", "out.csv", self.name}
        left = {p.name for p in self.folder.iterdir()} - known
        if left:
            return f"left behind: {left}"
        if code == 0:
            if self.out() not in [RESULTS[s] if s in RESULTS else result_of(s) for s in states]:
                return f"exit code 0, and what no state gives: {self.out()}"
            grew = err.startswith(f"pipeline: {self.name} grew while it was read; what was there at the start was "
                                  "read, ")
            return None if err == "" or (grew and err.count("\n") == 1) else f"message: {err}"
        if self.out() != b"old\n":
            return f"exit code {code}, and a changed output"
        said = [f"pipeline: {self.name} changed while it was read{how}; run again\n" for how in HOW]
        shorter = f"pipeline: {self.name} changed while it was read: it had {self.size} bytes, now it has "
        missing = f"pipeline: job.ini:2:8: cannot find {self.name}\n"
        if code == 75 and (err in said or (err.startswith(shorter) and err.endswith("; run again\n"))):
            return None
        if code == 66 and b"" in states and err == missing:
            return None
        if code == 65 and b"" in states and f"{self.name} is empty" in err:
            return None
        return f"exit code {code}: {err}"

    def round(self, mode, moment, change, states):
        """One run with one @change, at @moment of how long a run takes. Returns: (what is wrong, exit code)."""
        self.put(FIRST)
        self.size = self.file.stat().st_size
        (self.folder / "out.csv").write_bytes(b"old\n")
        process = self.start(mode)
        time.sleep(moment * self.seconds)
        change()
        code, err = self.wait(process)
        return self.judge(code, err, states), code


def result_of(state):
    """Of a state of rows `1,5`, and behind those `9,5`."""
    ones, nines = state.count(b"\n1,5"), state.count(b"\n9,5")
    return f"n,s,least,most\n{ones + nines},{2 * ones + 18 * nines},1,{9 if nines else 1}\n".encode()


def rounds(arguments, report, title, names, change_of, ends=(0, 75)):
    """@change_of: (place, random) → (change, states). @ends: exit codes of which none may be missing."""
    def attempt(task, local):
        name, mode, index = task
        place, rng = Place.of(arguments.program, local, name), random.Random(f"{title} {name} {mode} {index}")
        change, states = change_of(place, rng)
        wrong, code = place.round(mode, rng.uniform(0, 1.1), change, states)
        report(f"{title}: {name}, {mode}, {index}", wrong)
        return code

    many = 1000 // (len(names) * len(MODES)) + 1 if arguments.full else 4
    codes = spread([(n, m, i) for n in names for m in MODES for i in range(many)], attempt)
    if arguments.full:
        # Of a dozen rounds none may, by luck.
        report(f"{title}: some came in time, some did not",
               None if set(ends) <= set(codes) else f"exit codes {set(codes)}")
        print(f"  {title}: {len(codes)} rounds, {codes.count(75)} ended with 75, {codes.count(0)} with 0")


def replaced(arguments, report):
    def change_of(place, rng):
        def change():
            other = place.folder / "new"
            other.write_bytes(place.encode(SECOND))
            other.rename(place.file)
        return change, [FIRST, SECOND]

    rounds(arguments, report, "replaced", ["in.csv", "in.csv.gz"], change_of)


def rewritten(arguments, report):
    """Over what is there, without a moment in which it is shorter. Compressed, that is no file in between."""
    def change_of(place, rng):
        def change():
            fd = os.open(place.file, os.O_WRONLY)
            os.pwrite(fd, SECOND, 0)
            os.close(fd)
        return change, [FIRST, SECOND]

    rounds(arguments, report, "rewritten in place", ["in.csv"], change_of)


def rewritten_piece_by_piece(arguments, report):
    """As most programs write: emptied first, then a piece at a time. Who comes in between finds an empty file, or the
    first rows: these are states."""
    def change_of(place, rng):
        pieces = rng.choice((1, 3, 17))
        states = [FIRST, SECOND, b""]
        data = b"a,x\n" + b"9,5\n" * ROWS
        length = (len(data) - 4) // 4 // pieces * 4

        def change():
            with open(place.file, "wb", buffering=0) as file:
                for i in range(pieces):
                    piece = (data[:4] * (i == 0)
                             + data[4 + i * length:(4 + (i + 1) * length if i + 1 < pieces else len(data))])
                    file.write(piece)
        for i in range(pieces):
            states.append(data[:4 + (i + 1) * length if i + 1 < pieces else len(data)])
        return change, states

    def result(state):
        nines = state.count(b"9,5\n")
        return f"n,s,least,most\n{nines},{18 * nines},9,9\n".encode() if nines else b"n,s,least,most\n0,,,\n"

    def with_results(place, rng):
        change, states = change_of(place, rng)
        RESULTS.update({s: result(s) for s in states if s not in RESULTS})
        return change, states

    rounds(arguments, report, "rewritten piece by piece", ["in.csv"], with_results)


def cut_short(arguments, report):
    def change_of(place, rng):
        rows = rng.randrange(ROWS)
        cut = FIRST[:4 + 4 * rows]
        RESULTS[cut] = (
            f"n,s,least,most\n{rows},{2 * rows if rows else ''},{1 if rows else ''},{1 if rows else ''}\n".encode())
        return lambda: os.truncate(place.file, 4 + 4 * rows), [FIRST, cut]

    rounds(arguments, report, "cut short", ["in.csv"], change_of)


def removed(arguments, report):
    rounds(arguments, report, "removed", ["in.csv", "in.csv.gz"], lambda place, rng: (place.file.unlink, [FIRST, b""]))


def grown(arguments, report):
    """By whole rows, by somebody who keeps it open or by one who opens it each time: never a failure, and always a
    state."""
    def change_of(place, rng):
        times, apart, keeps = rng.choice((1, 5, 40)), rng.choice((0, 0.0005)), rng.random() < 0.5
        lines = b"9,5\n" * rng.choice((1, 300))

        def change():
            file = open(place.file, "ab", buffering=0)
            for _ in range(times):
                if not keeps:
                    file.close()
                    file = open(place.file, "ab", buffering=0)
                file.write(lines)
                time.sleep(apart)
            file.close()
        return change, [FIRST + lines * i for i in range(times + 1)]

    def attempt(task, local):
        mode, index = task
        place, rng = Place.of(arguments.program, local, "in.csv"), random.Random(f"grown {mode} {index}")
        change, states = change_of(place, rng)
        wrong, code = place.round(mode, rng.uniform(0, 1.1), change, states)
        report(f"grown: {mode}, {index}", wrong or (None if code == 0 else f"exit code {code}, and it only grew"))

    spread([(m, i) for m in MODES for i in range(340 if arguments.full else 5)], attempt)


def grown_and_rewritten(arguments, report):
    """Longer in the end, but no longer what it was: a size that only grows proves nothing. What was there at the start
    is read anew then."""
    def change_of(place, rng):
        offset = 4 + 4 * rng.randrange(ROWS)
        other = FIRST[:offset] + b"2,5\n" + FIRST[offset + 4:] + b"9,5\n"
        middle = FIRST[:offset] + b"2,5\n" + FIRST[offset + 4:]
        RESULTS[middle] = f"n,s,least,most\n{ROWS},{2 * ROWS + 2},1,2\n".encode()
        RESULTS[other] = f"n,s,least,most\n{ROWS + 1},{2 * ROWS + 20},1,9\n".encode()

        def change():
            fd = os.open(place.file, os.O_WRONLY)
            os.pwrite(fd, b"2,5\n", offset)
            os.pwrite(fd, b"9,5\n", len(FIRST))
            os.close(fd)
        return change, [FIRST, middle, other]

    rounds(arguments, report, "grown and rewritten", ["in.csv"], change_of, ends=(0,))


def many_files(arguments, report):
    """More files than may be open: those that have to be opened again are compared with what they were."""
    def attempt(mode, local):
        folder = pathlib.Path(local.folder) / mode
        folder.mkdir()
        for i in range(300):
            (folder / f"f{i:03}.csv").write_text(f"a\n{i}\n")
        (folder / "hold").write_text("echo a\nseq 30000\ntouch held\nwhile [ ! -e go ]; do sleep 0.01; done\n")
        (folder / "job.ini").write_text("[source hold]\ncommand = bash hold\n[group-by h]\nn = count()\n[sink h]\n"
                                        "path = h.csv\n"
                                        "[source t]\npath = f*.csv\n[group-by g]\nn = count()\ns = sum(a)\n[sink out]\n"
                                        "path = out.csv\n[run]\nworkers = 2\n")

        def limit():
            with_parent()
            resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120))

        for change, expected in (("none", (0, "")),
                                 ("f299.csv",
                                  (75, "pipeline: f299.csv changed while it was read: another file has taken its "
                                       "place; run again\n"))):
            for name in ("held", "go", "out.csv", "h.csv"):
                (folder / name).unlink(missing_ok=True)
            process = subprocess.Popen([arguments.program, "run", "job.ini", "--mode", mode], cwd=folder,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       env=dict(os.environ, PIPELINE_LOG="plain"), preexec_fn=limit)
            while process.poll() is None and not any(str(p).endswith("f000.csv") for p in opened(process.pid)):
                time.sleep(0.005)
            time.sleep(0.1)
            if change != "none":
                (folder / "new").write_text("a\n5\n")
                (folder / "new").rename(folder / change)
            (folder / "go").touch()
            _, err = process.communicate(timeout=60)
            found = process.returncode, err.decode()
            wrong = None if found == expected else str(found)
            if not wrong and found[0] == 0 and (folder / "out.csv").read_text() != f"n,s\n300,{sum(range(300))}\n":
                wrong = (folder / "out.csv").read_text()
            if not wrong and found[0] and ((folder / "out.csv").exists() or (folder / "h.csv").exists()):
                wrong = "something was published"
            report(f"300 files, 120 descriptors, {mode}, {change} replaced", wrong)

    spread(MODES, attempt)


def opened(pid):
    try:
        return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []


if __name__ == "__main__":
    main(__doc__, [replaced, rewritten, rewritten_piece_by_piece, cut_short, removed, grown, grown_and_rewritten,
                   many_files])

#!/usr/bin/env python3
"""Power cuts, and the order of calls that makes outputs survive them: tests/faults/powercut.c writes down what a run
does, and cuts it off.

What a disk holds then is worked out from what was synced. A name that was made, changed or removed since its folder was
last synced may be there or not, each by itself; a file that was written since its last fsync may be empty, cut, zeros
or whole. Whatever combination comes of it, each output is the old file or the whole new one, and after the next run,
which clears up and may be cut off too, all are old or all are new. A run that has said 0 is new.
"""
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from common import main, spread

ROWS = "".join(f"{i},{'abc'[i % 3]},{i * 7 % 50}\n" if i % 50 != 13 else f"{i},bad\n" for i in range(300))
SOURCE = "[source t]\npath = in.csv\non-bad-row = skip\n\n"
END = "\n[run]\nmode = serial\nblock-size = 1KiB\n"
# Name → (the job, its outputs, which of them are there before).
JOBS = {
    "one": (SOURCE + "[sink s]\npath = out.csv\n", ("out.csv",), ("out.csv",)),
    "one that is new": (SOURCE + "[sink s]\npath = made/deep/out.csv\n", ("made/deep/out.csv",), ()),
    "appended": (SOURCE + "[sink s]\npath = out.csv\nmode = append\n", ("out.csv",), ("out.csv",)),
    "several": (SOURCE.replace("skip", "quarantine\nrejects = rejects.csv")
                + "[sink s]\npath = sub/rows.csv\n\n[group-by g]\ninput = t\nby = k\nn = count()\n\n"
                "[sink groups]\npath = groups.csv.gz\n",
                ("rejects.csv", "sub/rows.csv", "groups.csv.gz"), ("rejects.csv", "sub/rows.csv", "groups.csv.gz")),
    "several, some new": (SOURCE + "[sink s]\npath = sub/rows.csv\n\n[group-by g]\ninput = t\nby = k\nn = count()\n\n"
                          "[sink groups]\npath = made/groups.csv\n\n[sink more]\ninput = t\npath = more.csv\n",
                          ("sub/rows.csv", "made/groups.csv", "more.csv"), ("sub/rows.csv",)),
}
EXCHANGE = 2


def library(program):
    return str(pathlib.Path(program).parent.parent / "tests" / "libpowercut.so")


class Disk:
    """What the names are, what is on the disk of them for certain, and what is on its way there."""

    def __init__(self, root):
        self.root = root.stat().st_ino
        self.now, self.dirty, self.pending = {}, set(), []
        for path in [root, *root.rglob("*")]:
            if path.is_dir():
                self.now[path.stat().st_ino] = {}
        for path in root.rglob("*"):
            self.now[path.parent.stat().st_ino][path.name] = path.stat().st_ino
        self.safe = {folder: dict(names) for folder, names in self.now.items()}

    def change(self, *names):
        """One step that is done whole or not at all: (folder, name, inode or None)."""
        for folder, name, inode in names:
            if inode is None:
                self.now[folder].pop(name, None)
            else:
                self.now[folder][name] = inode
        self.pending.append(names)

    def take(self, line):
        kind, *words = line.split()
        if kind in "WAF":
            (self.dirty.discard if kind == "F" else self.dirty.add)(int(words[0]))
        elif kind == "S":
            self.sync(int(words[0]))
        elif kind in "CM":
            folder, name, inode = int(words[0]), words[1], int(words[2])
            if kind == "M":
                self.now[inode], self.safe[inode] = {}, {}
            else:
                self.dirty.add(inode)
            self.change((folder, name, inode))
        elif kind in "UD":
            self.change((int(words[0]), words[1], None))
        else:
            a, source, b, target = int(words[0]), words[1], int(words[2]), words[3]
            moved = self.now[a][source]
            left = None if kind == "R" else moved
            if kind == "R" and int(words[4]) & EXCHANGE:
                left = self.now[b][target]
            self.change((a, source, left), (b, target, moved))

    def sync(self, folder):
        rest = []
        for step in self.pending:
            if all(where == folder for where, _, _ in step):
                self.put(self.safe, step)
            else:
                assert all(where != folder for where, _, _ in step), "a step over two folders is beyond this model"
                rest.append(step)
        self.pending = rest

    @staticmethod
    def put(state, step):
        for folder, name, inode in step:
            if inode is None:
                state[folder].pop(name, None)
            else:
                state[folder][name] = inode

    def after_cut(self, generator):
        """One of the states that a disk may be in."""
        state = {folder: dict(names) for folder, names in self.safe.items()}
        share = generator.choice((0, 0, 0.5, 0.5, 1))
        for step in self.pending:
            if generator.random() < share:
                self.put(state, step)
        return state


class Trial:
    """A folder with a job in it, runs, and cuts."""

    def __init__(self, program, name, folder):
        self.program, self.name = program, name
        self.text, self.outputs, self.existing = JOBS[name]
        self.base = pathlib.Path(folder)
        self.root, self.stash, self.log = self.base / "root", self.base / "stash", self.base / "log"
        self.old = {t: b"id,k,v\n1,a,2\n" if t in self.existing else None for t in self.outputs}
        self.reset()
        code, _, err = self.run()
        assert code == 0, err
        self.new = self.files()

    def reset(self):
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "sub").mkdir(parents=True)
        (self.root / "job.ini").write_text(self.text + END)
        (self.root / "in.csv").write_text("id,k,v\n" + ROWS)
        for target in self.existing:
            (self.root / target).write_bytes(self.old[target])

    def files(self):
        return {t: (self.root / t).read_bytes() if (self.root / t).exists() else None for t in self.outputs}

    def run(self, *arguments, at=0, deaf=None):
        """(exit code, what the disk may hold, messages)"""
        shutil.rmtree(self.stash, ignore_errors=True)
        self.stash.mkdir()
        self.log.write_text("")
        disk = Disk(self.root)
        for path in self.root.rglob("*"):
            if path.is_file():
                os.link(path, self.stash / str(path.stat().st_ino))
        environment = dict(os.environ, PIPELINE_LOG="plain", LD_PRELOAD=library(self.program), POWER_LOG=str(self.log),
                           POWER_STASH=str(self.stash), POWER_AT=str(at))
        if deaf:
            environment["POWER_DEAF"] = deaf
        result = subprocess.run([self.program, "run", "job.ini", *arguments], cwd=self.root, stdin=subprocess.DEVNULL,
                                capture_output=True, timeout=60, env=environment)
        self.lines = self.log.read_text().splitlines()
        for line in self.lines:
            disk.take(line)
        return result.returncode, disk, result.stderr.decode()

    def cut(self, disk, generator):
        """Makes the folder what a disk may hold. Files keep their inodes and times, by which journals know them."""
        for path in sorted(self.root.rglob("*"), key=lambda p: -len(p.parts)):
            if not path.is_dir():
                path.unlink()
        state, kept = disk.after_cut(generator), set()

        def fill(folder, inode):
            kept.add(folder)
            for name, child in state[inode].items():
                if child in state:
                    (folder / name).mkdir(exist_ok=True)
                    fill(folder / name, child)
                else:
                    os.link(self.stash / str(child), folder / name)

        fill(self.root, disk.root)
        for path in sorted(self.root.rglob("*"), key=lambda p: -len(p.parts)):
            if path.is_dir() and path not in kept:
                path.rmdir()
        for inode in disk.dirty:
            self.lose(self.stash / str(inode), generator)
        shutil.rmtree(self.stash)

    @staticmethod
    def lose(path, generator):
        if not path.exists():
            return
        info, data = path.stat(), path.read_bytes()
        path.write_bytes(generator.choice((b"", data[:len(data) // 2], bytes(len(data)), data)))
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    def judge(self, code):
        files = self.files()
        broken = [t for t in self.outputs if files[t] not in (self.old[t], self.new[t])]
        if broken:
            return f"neither old nor new: {broken}"
        return "the run said 0, and its outputs are gone" if code == 0 and files != self.new else None

    def recover(self, generator, twice):
        """The next run, which finds no input, but clears up before it looks; @twice: a cut in the middle of that."""
        if twice:
            _, disk, _ = self.run("--set", "source t.path=missing.csv", at=generator.randrange(1, 20))
            self.cut(disk, generator)
            wrong = self.judge(None)
            if wrong:
                return f"{wrong}, after a cut while clearing up"
        result = subprocess.run([self.program, "run", "job.ini", "--set", "source t.path=missing.csv"], cwd=self.root,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if result.returncode != 66:
            return f"the next run ended with {result.returncode}: {result.stderr.decode()}"
        files = self.files()
        if files not in (self.old, self.new):
            return ("half-published after the next run: "
                    + ", ".join(f"{t} {'new' if d == self.new[t] else 'old' if d == self.old[t] else 'BROKEN'}"
                                for t, d in files.items()))
        known = {"job.ini", "in.csv", *self.outputs}
        left = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()
                and str(p.relative_to(self.root)) not in known]
        return f"left behind: {left}" if left else None

    def once(self, at, generator, deaf=None):
        self.reset()
        code, disk, err = self.run(at=at, deaf=deaf)
        if code not in (0, -9):
            return f"exit code {code}: {err}"
        self.cut(disk, generator)
        return self.judge(code) or self.recover(generator, twice=generator.random() < 0.5)


def trial(arguments, name, local):
    if getattr(local, "trials", None) is None:
        local.trials = {}
    if name not in local.trials:
        local.trials[name] = Trial(arguments.program, name, pathlib.Path(local.folder) / name.replace(" ", "-"))
    return local.trials[name]


def cuts(arguments, report):
    """At every call, and behind the last one; several times each."""
    rounds = 200 if arguments.full else 24

    def attempt(task, local):
        name, index = task
        one = trial(arguments, name, local)
        generator = random.Random(f"{name} {index}")
        one.reset()
        one.run()
        at = generator.randrange(1, len(one.lines) + 2) if index % 4 else 0
        report(f"power cut {index} of {name}, at call {at or 'behind the last'}", one.once(at, generator))

    spread([(name, index) for name in JOBS for index in range(rounds)], attempt)


def forgotten_syncs(arguments, report):
    """That the cuts above would notice a run that forgets to sync its outputs, or their folders."""
    def attempt(task, local):
        name, deaf = task
        one = trial(arguments, name, local)
        wrong = [one.once(0, random.Random(index), deaf=deaf) for index in range(20)]
        report(f"{name}: a forgotten fsync of a {deaf} is noticed", None if any(wrong) else "it is not")

    spread([(name, deaf) for name in JOBS for deaf in ("file", "folder")], attempt)


def check_order(one, root):
    """Write, fsync, rename, fsync of the folder, for each output; with several, the journal stands in between."""
    lines = [line.split() for line in one.lines]
    names, made_of = {}, collections.defaultdict(list)
    for folder in [root, *(p for p in root.rglob("*") if p.is_dir())]:
        names[str(folder.stat().st_ino)] = folder
    files = {}
    for index, (kind, *words) in enumerate(lines):
        if kind == "C":
            files[words[0], words[1]] = words[2]
        elif kind == "R" and (words[0], words[1]) in files:
            files[words[2], words[3]] = files[words[0], words[1]]
            made_of[words[3]].append((index, files[words[0], words[1]], words[2]))

    def last(kind, inode):
        return max((i for i, line in enumerate(lines) if line[0] == kind and line[1] == inode), default=-1)

    def between(kind, inode, a, b):
        return any(line[0] == kind and line[1] == inode for line in lines[a + 1:b])

    targets, end = {}, len(lines)
    for output in one.outputs:
        places = made_of[pathlib.Path(output).name]
        if len(places) != 1:
            return f"{output} got its name {len(places)} times"
        index, inode, folder = targets[output] = places[0]
        written = max(last("W", inode), last("A", inode))
        if not 0 <= written < last("F", inode) < index:
            return f"{output}: written by call {written}, synced by {last('F', inode)}, renamed by {index}"
        if not between("S", folder, index, end):
            return f"{output}: its folder is not synced behind its rename"
    for kind, *words in lines:
        if kind == "M" and not between("S", words[0], lines.index([kind, *words]), min(t[0] for t in targets.values())):
            return f"the folder of {words[1]}, which was made, is not synced before an output is in place"
    journals = [(name, place) for name, places in made_of.items() if name.endswith(".journal") for place in places]
    if len(one.outputs) == 1:
        return "a journal for one output" if journals else None
    # All bear one name; the list is the last to get it.
    index, inode, folder = max(place for _, place in journals)
    first, final = min(t[0] for t in targets.values()), max(t[0] for t in targets.values())
    if not last("F", inode) < index < first or not between("S", folder, index, first):
        return "the journal is not on the disk before the first output is renamed"
    for output, (_, file, where) in targets.items():
        created = next(i for i, line in enumerate(lines) if line[0] == "C" and line[3] == file)
        if not between("S", where, created, index):
            return f"{output}: its temporary's name is not on the disk before the journal is"
    gone = next(i for i, line in enumerate(lines) if line[0] == "U" and line[2].endswith(".journal"))
    for output, (_, _, where) in targets.items():
        if not between("S", where, final, gone):
            return f"{output}: its folder is not synced before the journal goes"
    return None


def order(arguments, report):
    def attempt(name, local):
        one = trial(arguments, name, local)
        one.reset()
        code, _, err = one.run()
        report(f"order of calls, {name}", check_order(one, one.root) if code == 0 else err)
        code, _, err = one.run(deaf="file")
        report(f"order of calls, {name}: a forgotten fsync is noticed",
               None if check_order(one, one.root) else "it is not")
        code, _, err = one.run(deaf="folder")
        report(f"order of calls, {name}: a forgotten fsync of a folder is noticed",
               None if check_order(one, one.root) else "it is not")

    spread(list(JOBS), attempt)


if __name__ == "__main__":
    main(__doc__, [order, cuts, forgotten_syncs])

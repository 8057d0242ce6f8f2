"""Runs under a limit of memory, looked at from outside: what all their processes have, and cgroups that kill.

For tests/spill.py, scripts/spill and scripts/bench-peers.
"""
import os
import pathlib
import subprocess
import threading
import time

MIB = 1 << 20


def family(pid):
    """A process and what it has started."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def share(pid):
    """What a process has in memory: of pages that it shares its part. Bytes."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def can_measure():
    return pathlib.Path("/proc/self/smaps_rollup").exists()


def kind_of(folder):
    """The kind of file system that a folder is on."""
    command = ["stat", "-f", "-c", "%T", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


class Group:
    """A cgroup with a limit of memory and no swap, of the first version or the second."""

    def __init__(self, limit):
        self.folder = None
        for root, most, swap in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
                                 ("/sys/fs/cgroup", "memory.max", "memory.swap.max")):
            folder = pathlib.Path(root) / f"pipeline-test-{os.getpid()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            try:
                (folder / most).write_text(str(limit))
                if (folder / swap).exists():
                    (folder / swap).write_text(str(limit if "memsw" in swap else 0))
                self.folder = folder
                return
            except OSError:
                folder.rmdir()

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def close(self):
        """What was in it has ended, though the kernel may not know yet."""
        for _ in range(100):
            try:
                return self.folder.rmdir() if self.folder else None
            except OSError:
                time.sleep(0.02)
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def can_group():
    """Whether cgroups can be made here."""
    with Group(64 * MIB) as group:
        return group.folder is not None


class Result:
    def __init__(self, code, said, peak, seconds):
        self.code, self.said, self.peak, self.seconds = code, said, peak, seconds


def run(command, folder, group=None, every=0.03, **options):
    """Runs @command, in cgroup @group, and looks how much memory all of its processes have together."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, preexec_fn=group.enter if group else None,
                               env=dict(os.environ, PIPELINE_LOG="plain"), **options)
    said = []
    reader = threading.Thread(target=lambda: said.append(process.stderr.read()))
    reader.start()
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, sum(share(pid) for pid in family(process.pid)))
        except OSError:
            pass
        time.sleep(every)
    reader.join()
    return Result(process.returncode, said[0], peak, time.monotonic() - start)

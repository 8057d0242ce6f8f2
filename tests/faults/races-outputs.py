#!/usr/bin/env python3
"""Races for an output, in tight loops: runs that append to one file, and other users who plant links, named pipes and
folders where a run is about to write.

No row is lost where a run said 0, nothing of the victim's changes, and nothing hangs. Attackers need root here, who
becomes another user for them."""
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

from common import main

STRANGER = 64000
LOOPS = {
    "link": """
while True:
    try: os.symlink(victim, out)
    except OSError: pass
    try: os.unlink(out)
    except OSError: pass
""",
    "pipe": """
while True:
    try: os.mkfifo(out)
    except OSError: pass
    try: os.unlink(out)
    except OSError: pass
""",
    # A folder that the run would make, and a link in it.
    "folder": """
while True:
    try:
        os.mkdir(out)
        os.symlink(victim, out + "/o.csv")
    except OSError: pass
    try: os.unlink(out + "/o.csv")
    except OSError: pass
    try: os.rmdir(out)
    except OSError: pass
""",
    # A link in place of such a folder.
    "folder link": """
while True:
    try: os.symlink(os.path.dirname(victim), out)
    except OSError: pass
    try: os.unlink(out)
    except OSError: pass
""",
}


def attack(name, out, victim):
    program = (f"import os\nos.setgroups([])\nos.setgid({STRANGER})\nos.setuid({STRANGER})\n"
               f"out, victim = {str(out)!r}, {str(victim)!r}\n" + LOOPS[name])
    return subprocess.Popen([sys.executable, "-c", program])


def planted(arguments, report):
    if os.geteuid() != 0:
        report.skip("planted links, pipes and folders: only root can act as another user")
        return
    rounds = 1000 if arguments.full else 40
    for name in LOOPS:
        # What the run writes there: rows, rejects or the report.
        for use in ("sink", "rejects", "report"):
            with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
                folder = pathlib.Path(temporary)
                folder.chmod(0o755)
                (folder / "pub").mkdir()
                (folder / "pub").chmod(0o1777)
                (folder / "private").mkdir()
                victim = folder / "private" / "o.csv"
                victim.write_text("precious\n")
                (folder / "in.csv").write_text("a,b\n1,2\nx\n")
                place = folder / "pub" / "target"
                path = place / "o.csv" if name.startswith("folder") else place
                paths = {"sink": folder / "s.csv", "rejects": folder / "r.csv",
                         "report": folder / "j.json"} | {use: path}
                (folder / "job.ini").write_text("[source t]\npath = in.csv\non-bad-row = quarantine\n"
                                                f"rejects = {paths['rejects']}\n\n[sink o]\npath = {paths['sink']}\n")
                attacker, wrong, codes = attack(name, place, victim), None, set()
                try:
                    for index in range(rounds):
                        result = subprocess.run([arguments.program, "run", "job.ini", "--report", str(paths["report"]),
                                                 "--set", "run.timeout=20s"], cwd=folder, capture_output=True,
                                                text=True, timeout=30, stdin=subprocess.DEVNULL)
                        codes.add(result.returncode)
                        # A report is refused over what is there; folders that come and go under a run are failures that
                        # it says.
                        if result.returncode not in (0, 73, 74):
                            wrong = f"exit code {result.returncode}: {result.stderr}"
                        elif victim.read_text() != "precious\n" or sorted(os.listdir(folder / "private")) != ["o.csv"]:
                            wrong = f"run {index} was led to the victim"
                        if wrong:
                            break
                        subprocess.run(["rm", "-rf", str(place)], check=False, stderr=subprocess.DEVNULL)
                except subprocess.TimeoutExpired:
                    wrong = "a hang"
                finally:
                    attacker.kill()
                    attacker.wait()
                report(f"planted {name} for {use}, {rounds} runs", wrong)


def append_round(arguments, folder, target, old, extra=""):
    """Eight runs at once append a row each. (how many said 0, their messages)"""
    processes = []
    for number in range(8):
        (folder / f"in{number}.csv").write_text(f"a,b\n{number},{number}\n")
        (folder / f"job{number}.ini").write_text(f"[source t]\npath = in{number}.csv\n\n[sink o]\npath = {target}\n"
                                                 f"mode = append\n{extra}")
    for number in range(8):
        processes.append(subprocess.Popen([arguments.program, "run", f"job{number}.ini"], cwd=folder,
                                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                          env=dict(os.environ, PIPELINE_LOG="plain")))
    ends = [(p.communicate(timeout=60)[1], p.returncode) for p in processes]
    return ([number for number, (_, code) in enumerate(ends) if code == 0],
            [(err, code) for err, code in ends if code != 0])


def appending(arguments, report):
    """Runs that append to one file: plain, compressed, one that is not there yet; waiting, or ending with 75."""
    rounds = 1000 if arguments.full else 6
    held = "another run is appending to {}; run again when it is over, or set lock = wait"
    changed = "{} was changed by someone else during the run, and appending would undo that; run again"
    for target, old, extra in (("log.csv", b"a,b\n", ""), ("log.csv", None, ""),
                               ("log.csv.gz", gzip.compress(b"a,b\n"), ""),
                               ("log.csv", b"a,b\n", "\n[run]\nlock = fail\n"),
                               ("log.csv", None, "\n[run]\nlock = fail\n")):
        name = f"append to {target}{'' if old else ', which is not there yet'}{', lock = fail' if extra else ''}"
        wrong = None
        with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
            folder = pathlib.Path(temporary)
            for _ in range(rounds):
                (folder / target).unlink(missing_ok=True)
                if old:
                    (folder / target).write_bytes(old)
                good, bad = append_round(arguments, folder, target, old, extra)
                data = (folder / target).read_bytes() if (folder / target).exists() else b""
                lines = (gzip.decompress(data) if target.endswith(".gz") else data).decode().splitlines()
                allowed = {(f"pipeline: {text.format(target)}\n", 75) for text in (held, changed)}
                if lines[:1] != ["a,b"] or sorted(lines[1:]) != [f"{n},{n}" for n in good]:
                    wrong = f"runs {good} said 0, and there are {lines}"
                elif (bad and not extra) or not set(bad) <= allowed or not good:
                    wrong = f"{bad}"
                elif [p for p in os.listdir(folder) if p.startswith(".")]:
                    wrong = "something was left behind"
                if wrong:
                    break
        report(f"{name}, {rounds} rounds of 8 runs", wrong)


def appending_to_several(arguments, report):
    """Two jobs that append to the same two files, named in different orders: no deadlock, no row lost."""
    rounds = 1000 if arguments.full else 20
    wrong = None
    with tempfile.TemporaryDirectory(prefix="pipeline-faults-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "in.csv").write_text("a,b\n1,2\n")
        for number, names in enumerate((("x.csv", "y.csv"), ("y.csv", "x.csv"))):
            (folder / f"job{number}.ini").write_text("[source t]\npath = in.csv\n\n"
                                                     + "".join(f"[sink s{i}]\ninput = t\npath = {n}\nmode = append\n\n"
                                                               for i, n in enumerate(names)))
        for name in ("x.csv", "y.csv"):
            (folder / name).write_text("a,b\n")
        try:
            for index in range(rounds):
                pair = [subprocess.Popen([arguments.program, "run", f"job{n}.ini"], cwd=folder,
                                         stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) for n in (0, 1)]
                codes = [(p.communicate(timeout=30)[1], p.returncode)[1] for p in pair]
                counts = [len((folder / name).read_text().splitlines()) for name in ("x.csv", "y.csv")]
                if codes != [0, 0] or counts != [2 * index + 3] * 2:
                    wrong = f"round {index}: exit codes {codes}, {counts} lines"
                    break
        except subprocess.TimeoutExpired:
            wrong = "a deadlock"
            for process in pair:
                process.kill()
    report(f"append to two files in either order, {rounds} rounds", wrong)


if __name__ == "__main__":
    main(__doc__, [planted, appending, appending_to_several])

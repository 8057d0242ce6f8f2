#!/usr/bin/env python3
"""Checks, plans and runs every job of configs/ in a copy of the folder: each must succeed, say nothing, and write what
its sinks name. Every stage kind must have an example here, and every stage, aggregate and function cases in
tests/cases."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import leash  # noqa: F401: what is started here ends with us

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())


def run(*arguments, cwd):
    return subprocess.run([PROGRAM, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120)


def try_config(name, folder):
    for command in (("check", "-q"), ("plan",), ("run",)):
        result = run(*command, f"configs/{name}", cwd=folder)
        if result.returncode or result.stderr:
            return f"{command[0]}: exit {result.returncode}: {result.stderr}"
    text = (folder / "configs" / name).read_text()
    sinks = re.findall(r"^\[sink[^\]]*\]\npath = (.*)$", text, re.M)
    for path in sinks:
        if path == "-" and not result.stdout:
            return "nothing printed"
        if path != "-" and not (folder / "configs" / path).resolve().is_file():
            return f"{path} was not written"
    return None


def names_of(kind, folder):
    result = run("stages", f"--{kind}", cwd=folder)
    return [line.split()[0] for line in result.stdout.splitlines() if re.match(r"^\s+[a-z0-9_-]+\s", line)]


def main():
    results = []

    def report(name, wrong):
        results.append(not wrong)
        if wrong:
            print(f"{name}: {wrong}")

    with tempfile.TemporaryDirectory(prefix="pipeline-configs-") as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(ROOT / "configs", folder / "configs")
        (folder / "datasets").symlink_to(ROOT / "datasets")
        # Plugins, by the line their comments give for the source tree.
        for plugin in sorted((folder / "configs").glob("*.c")):
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT}",
                            "-o", plugin.with_suffix(".so"), plugin, "-lm"], check=True)
        configs = sorted(p.name for p in (ROOT / "configs").glob("*.ini"))
        for name in configs:
            report(f"configs/{name}", try_config(name, folder))
        jobs = "\n".join((ROOT / "configs" / c).read_text() for c in configs)
        cases = "\n".join(p.read_text(errors="replace") for p in (ROOT / "tests/cases").rglob("job.ini"))
        for kind, pattern in (("stages", r"^\[{} "), ("aggregates", r"\b{}\("), ("functions", r"\b{}(\(| .* end$)")):
            names = names_of(kind, folder)
            report(f"stages --{kind}", None if names else "lists nothing")
            for name in names:
                found = re.search(pattern.format(re.escape(name)), cases, re.M)
                report(f"{kind} {name}", None if found else "has no case in tests/cases")
                if kind == "stages":
                    found = re.search(pattern.format(re.escape(name)), jobs, re.M)
                    report(f"{kind} {name}", None if found else "has no example in configs")
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())

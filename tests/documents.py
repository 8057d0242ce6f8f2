#!/usr/bin/env python3
"""What the documents say is so: names of files, links, lengths, the jobs of README.md and their output, REFERENCE.md.

  tests/documents.py PROGRAM            checks
  tests/documents.py PROGRAM --update   writes REFERENCE.md anew, from what `pipeline stages` prints
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import leash  # noqa: F401: what is started here ends with us

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_WORDS = 2000  # of ARCHITECTURE.md
SECTIONS = ["Added", "Changed", "Faster", "Fixed"]
GROUPS = ["job", "vars", "source", "sink", "run"]
GENERATED = "REFERENCE.md"
PYTHON = "/usr/bin/python3"  # Debian's, which has pandas
# What CONTRIBUTING.md makes up.
MADE_UP = re.compile(r"(^|[/-])(fill|geomean)([./]|$)")
SOURCE = re.compile(r"\.(c|h|cc|hh|py|mjs|md|build|supp|ini)$")
TOP = ("scripts", "configs", "tests", "stages", "pipeline", "datasets")
# Words that the project does not use, or has others for.
UNWANTED = ["is to be", "are to be", "of its own", "of their own", "the one that is none", "convict", "obituar",
            "ledger"]


def documents():
    """Every Markdown file that is ours."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(name for name in below if not name.startswith((".", "build"))
                          and name not in ("subprojects", "cases"))
        yield from (pathlib.Path(folder) / name for name in sorted(names) if name.endswith(".md"))


def parts(text):
    """(prose without its code, the code blocks as (language, text))."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), blocks


def exists(name, folder):
    """Whether there is such a file, seen from the root or from the document's folder; with a * at least one."""
    return any(next(base.glob(name.rstrip("/")), None) is not None for base in (ROOT, folder))


def is_path(name, folder):
    """Whether a text in backticks means a file or folder of the tree."""
    if (not re.fullmatch(r"[\w.*@-]+(/[\w.*@-]+)*/?", name) or re.search(r"\b[A-Z]{4,}\b", name.removesuffix(".md"))
            or MADE_UP.search(name)):
        return False
    if name.endswith(".so"):
        return False  # built, not kept
    if "/" in name:
        return ((folder / name.split("/")[0]).is_dir() or (ROOT / name.split("/")[0]).is_dir()
                or bool(SOURCE.search(name)) or name.endswith("/"))
    return bool(SOURCE.search(name)) and name not in ("job.ini", "routes.ini")


def names(report):
    for document in documents():
        prose, blocks = parts(document.read_text())
        found = [name for name in re.findall(r"`([^`\n]+)`", prose) if is_path(name, document.parent)]
        for _, block in blocks:
            paths = re.findall(rf"(?<![\w/.])((?:{'|'.join(TOP)})/[\w./-]*[\w/])", block)
            found += [name for name in paths if is_path(name, ROOT)]
        for name in sorted(set(found)):
            report(f"{document.relative_to(ROOT)}: {name}",
                   None if exists(name, document.parent) else "there is no such file")


def equivalents(report):
    """The faults that are none stand in functions that there are."""
    for path, function in re.findall(r"^((?:pipeline|stages)/\S+), (\w+) \(\)",
                                     (ROOT / "tests/mutants/equivalents.txt").read_text(), re.MULTILINE):
        found = (ROOT / path).exists() and re.search(rf"\b{function}\b", (ROOT / path).read_text())
        report(f"tests/mutants/equivalents.txt: {path}, {function} ()", None if found else "is not there")


def anchors(text):
    """What headings are called in links, as GitHub makes it."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL),
                          re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def links(report):
    for document in documents():
        prose, _ = parts(document.read_text())
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            other = document.parent / path if path else document
            wrong = "there is no such file" if not other.exists() else None
            if not wrong and anchor and anchor not in anchors(other.read_text()):
                wrong = f"{other.name} has no such heading"
            report(f"{document.relative_to(ROOT)}: link to {target}", wrong)


def contents(report):
    """MANUAL.md lists all of its sections, in their order."""
    text = (ROOT / "MANUAL.md").read_text()
    listed = re.findall(r"^- \[([^\]]+)\]\(#", text.split("## Contents\n")[1].split("\n## ")[0], re.MULTILINE)
    sections = [heading for heading in re.findall(r"^## (.*)$", text, re.MULTILINE) if heading != "Contents"]
    report("MANUAL.md: contents", None if listed == sections else f"lists {listed}, and has {sections}")


def lengths(report):
    words = len((ROOT / "ARCHITECTURE.md").read_text().split())
    report("ARCHITECTURE.md: length",
           None if words <= MOST_WORDS else f"{words} words, of which there may be {MOST_WORDS}")


def changelog(report):
    for version in re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]:
        name = version.split("\n")[0]
        headings = re.findall(r"^### (.*)$", version, re.MULTILINE)
        report(f"CHANGELOG.md: {name}", None if headings == [s for s in SECTIONS if s in headings] and headings
               else f"has sections {headings}, not of {SECTIONS}")
        loose = [line for line in version.split("\n")[1:] if line and not line.startswith(("### ", "- "))]
        report(f"CHANGELOG.md: {name}: a line each", f"'{loose[0]}' goes on from the line before" if loose else None)


def wording(report):
    for document in documents():
        if document.name == GENERATED:
            continue
        prose, _ = parts(document.read_text())
        found = [word for word in UNWANTED if re.search(rf"\b{word}", prose, re.IGNORECASE)]
        report(f"{document.relative_to(ROOT)}: words", f"has {found}" if found else None)
        lines = [line for line in prose.split("\n") if not line.lstrip().startswith("|")]
        several = [line for line in lines if re.search(r"[a-z0-9`)*%\]'][.!?](\*\*)? [A-Z*`(\[]",
                                                       re.sub(r"^\s*\d+\. ", "", re.sub(r"`[^`]*`", "`", line)))]
        report(f"{document.relative_to(ROOT)}: a sentence a line", f"'{several[0]}' has several" if several else None)


def origins(report):
    """Each case says where its expected bytes come from."""
    for folder, below, files in os.walk(ROOT / "tests/cases"):
        if "job.ini" not in files and "cmd" not in files:
            continue
        below.clear()
        texts = [(pathlib.Path(folder) / name).read_text(errors="replace")
                 for name in ("job.ini", "cmd") if name in files]
        first = next((text for text in texts if text.strip()), "").split("\n")[0]
        good = re.fullmatch(r"# Expected: \S.*\.", first)
        report(f"{os.path.relpath(folder, ROOT)}: origin",
               None if good else f"does not begin with '# Expected: ….' but with '{first}'")


def numbers_of(text):
    """The rows of a printed table below its header, numbers as such."""
    rows = [line.split() for line in text.splitlines()[1:] if line.strip("- ")]
    return [[float(cell) if re.fullmatch(r"-?[\d.]+", cell) else cell for cell in row] for row in rows]


def readme(program, report):
    """Every job of README.md prints the block behind it; every script prints the same rows."""
    text = (ROOT / "README.md").read_text()
    blocks = parts(text)[1]
    jobs = [i for i, (language, _) in enumerate(blocks) if language == "ini"]
    report("README.md: jobs", None if jobs else "has none")
    with tempfile.TemporaryDirectory(prefix="pipeline-documents-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "datasets").symlink_to(ROOT / "datasets")
        for i in jobs:
            (folder / "job.ini").write_text(blocks[i][1])
            result = subprocess.run([program, "run", "job.ini"], cwd=folder, stdin=subprocess.DEVNULL,
                                    capture_output=True, text=True, timeout=120)
            expected = next((block for language, block in blocks[i + 1 :] if language == ""), "")
            report("README.md: job", None if (result.returncode, result.stdout, result.stderr) == (0, expected, "") else
                   f"exit {result.returncode}, printed\n{result.stdout}{result.stderr}")
            for language, script in blocks[:i]:
                if language == "python":
                    result = subprocess.run([PYTHON, "-c", script], cwd=folder, stdin=subprocess.DEVNULL,
                                            capture_output=True, text=True, timeout=300)
                    report("README.md: script",
                           None if result.returncode == 0 and numbers_of(result.stdout) == numbers_of(expected) else
                           f"exit {result.returncode}, printed\n{result.stdout}{result.stderr}")


def stages(program, *arguments):
    return subprocess.run([program, "stages", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=True, timeout=60).stdout


def table(program, kinds, found):
    """Aggregates, or functions, as a table: what each is called with, what it is, an example."""
    rows = {}
    for name in found:
        pattern = rf"^({'|'.join(kinds)}) (.*?): ([^\n]*)\n\nExample:\n  ([^\n]*)$"
        for _, signature, summary, example in re.findall(pattern, stages(program, name), re.MULTILINE):
            row = f"| `{signature}` | {summary} | `{example}` |"
            rows[signature] = row.replace("||", "\\|\\|").replace("', '|'", "', '\\|'")
    return "\n".join(["| call | what it is | example |", "|---|---|---|", *rows.values()])


def reference(program):
    def listed(kind):
        return re.findall(r"^  (\S+)  ", stages(program, kind), re.MULTILINE)

    def sections(found):
        return "\n\n".join(f"### {name}\n\n```\n{stages(program, name).strip()}\n```" for name in found)

    return f"""# Reference

Made by `tests/documents.py PROGRAM --update` from what `pipeline stages NAME` prints; \
[MANUAL.md](MANUAL.md) tells the rest.

- [Groups](#groups): {', '.join(f'[{name}](#{name})' for name in GROUPS)}
- [Stages](#stages): {', '.join(f'[{name}](#{name})' for name in listed('--stages'))}
- [Aggregates](#aggregates)
- [Functions](#functions)

## Groups

{sections(GROUPS)}

## Stages

{sections(listed('--stages'))}

## Aggregates

Aggregates stand in `[group-by]`.

{table(program, ['aggregate'], listed('--aggregates'))}

## Functions

Functions stand in expressions. The examples of functions are true.

{table(program, ['function', 'expression'], listed('--functions'))}
"""


def generated(program, report):
    path = ROOT / GENERATED
    text = reference(program)
    report(GENERATED, None if path.exists() and path.read_text() == text
           else "is not what `pipeline stages` prints; run tests/documents.py PROGRAM --update")
    # What is generated is not repeated by hand.
    keys = set(re.findall(r"^  (\S+) = ", "".join(stages(program, group) for group in ("source", "sink", "run")),
                          re.MULTILINE))
    rows = re.findall(r"^\| `([\w-]+)`[^|]*\|", (ROOT / "MANUAL.md").read_text(), re.MULTILINE)
    again = sorted(keys & set(rows))
    report("MANUAL.md: keys", f"has rows for {again}, which {GENERATED} has" if again else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    if options.update:
        (ROOT / GENERATED).write_text(reference(program))
        return 0
    results = []

    def report(name, wrong):
        results.append(not wrong)
        if wrong:
            print(f"{name}: {wrong}")

    for check in (names, equivalents, links, contents, lengths, changelog, wording, origins):
        check(report)
    readme(program, report)
    generated(program, report)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

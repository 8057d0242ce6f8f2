#!/usr/bin/env python3
"""The house rules, held against the tree: layers, circles, headers, lengths, formatting, functions and includes that
nobody needs.

  tests/structure.py [BUILD]     BUILD: a build folder of this tree, with what it has compiled; default build
  tests/structure.py --list      the same, each complaint on a line of its own, without the self-tests

Who includes whom is read from the sources, who calls whom from the objects (nm); the layers stand in ARCHITECTURE.md.
Each rule is first tried on a small tree with a planted fault, which it must find, and on one without.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
LONGEST_LINE = 120
LONGEST_FILE = 600

# Headers that declare what several sources define: lists that name a family.
FAMILIES = {
    "pipeline/command/command.h": "a command is one descriptor in a file of its own; the list names them",
    "pipeline/csv/scan.h": "one contract, a source for each instruction set",
    "pipeline/expression/kernels.h": "one contract of columns in and out, a source for each kind of operation",
    "pipeline/format/formats.h": "the list of formats, each one descriptor in a file of its own",
    "pipeline/io/decoder.h": "one contract, a source for each link of the chain",
    "pipeline/table/parse.h": "one contract of texts in, a source for each kind of value",
    "pipeline/table/print.h": "one contract of texts out, a source for each kind of value",
    "stages/aggregates/families.h": "the list of aggregates, each one descriptor in its family's file",
    "stages/functions/families.h": "the list of functions, a table in each family's file",
    "stages/stage.h": "the list of stages, each one descriptor in a file of its own",
}
# Sources that name every member of a family below or beside them: only to list them.
REGISTRIES = {
    "pipeline/command/registry.c": "lists the commands",
    "pipeline/format/registry.c": "lists the formats",
    "stages/aggregates/registry.c": "lists the aggregates",
    "stages/functions/registry.c": "lists the functions",
    "stages/registry.c": "lists the stages",
}
# Tables that are written by a program, and read by nobody.
GENERATED = {
    "tests/unit/expression/python-values.h": "values that Python gives",
    "tests/unit/table/float-cases.h": "published test values",
}

# What no declaration is, though it looks like one.
KEYWORDS = set("if for while switch return sizeof do else case defined typeof __typeof__ __attribute__".split())


def width(line):
    """Columns that a line takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def without_comments(text):
    """The code, with strings emptied; lines stay where they are."""
    def replace(match):
        found = match.group(0)
        if found.startswith("/"):
            return " " + "\n" * found.count("\n")
        return '""' if found[0] == '"' else "' '"

    code = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', replace, text, flags=re.S)
    return code


def circles(graph):
    """The strongly connected parts of more than one node."""
    index, low, on, stack, found = {}, {}, set(), [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on.add(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in on:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
                on.discard(part[-1])
            if len(part) > 1:
                found.append(sorted(part))

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


class Tree:
    """A source tree and what a build of it has compiled."""

    def __init__(self, root, build):
        self.root, self.build = pathlib.Path(root), pathlib.Path(build)
        listed = subprocess.run(["git", "-C", str(self.root), "ls-files", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, text=True, check=True)
        self.files = sorted(name for name in listed.stdout.splitlines() if (self.root / name).is_file())
        self.c = [name for name in self.files if name.endswith((".c", ".h", ".cc"))]
        self.house = [name for name in self.c if name.startswith(("pipeline/", "stages/"))]
        self.text = {name: (self.root / name).read_text(encoding="utf-8") for name in self.c}
        self.code = {name: without_comments(text) for name, text in self.text.items()}
        self.words = {name: set(re.findall(r"\w+", re.sub(r"^\s*#\s*include[^\n]*", "", code, flags=re.M)))
                      for name, code in self.code.items()}
        self.includes = {name: self.read_includes(name) for name in self.c}
        self.read_objects()

    def read_includes(self, name):
        found = []
        for match in re.finditer(r'^\s*#\s*include\s*"([^"]+)"', self.text[name], re.M):
            beside = os.path.normpath(os.path.join(os.path.dirname(name), match.group(1)))
            found += [path for path in (beside, match.group(1)) if path in self.text][:1]
        return found

    def read_objects(self):
        """Who defines each symbol (functions apart from data), and who needs it."""
        self.defined, self.functions, self.needs = {}, set(), collections.defaultdict(set)
        sources = {}
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            source = os.path.relpath(os.path.join(entry["directory"], entry["file"]), self.root)
            target = os.path.join(entry["directory"], entry["output"])
            if source in self.text and source in self.house and os.path.isfile(target):
                sources[target] = source
        if not sources:
            sys.exit(f"{self.build}: nothing has been compiled there")
        listed = subprocess.run(["nm", "-A", *sources], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            target, _, rest = line.rpartition(":")
            fields = rest.split()
            if len(fields) == 3 and fields[1] in "TDRBVWC":
                self.defined[fields[2]] = sources[target]
                if fields[1] in "TW":
                    self.functions.add(fields[2])
            elif len(fields) == 2 and fields[0] == "U":
                self.needs[sources[target]].add(fields[1])

    def calls(self):
        """(caller, symbol, definer), lists apart."""
        for source, symbols in sorted(self.needs.items()):
            for symbol in sorted(symbols):
                other = self.defined.get(symbol)
                # Functions of the C library that we define ourselves are everybody's.
                if other is not None and other != source and symbol[:3] == "pl_" and source not in REGISTRIES:
                    yield source, symbol, other

    def outside(self, name):
        """What stands outside of braces and is no directive."""
        flat, depth = [], 0
        for char in re.sub(r"^[ \t]*#(?:[^\n\\]|\\.)*", "", self.code[name], flags=re.M | re.S):
            depth += (char == "{") - (char == "}")
            flat.append(char if depth == 0 or char in "{}" else " ")
        return "".join(flat)

    def declarations(self, name):
        """Names of functions and data that a header declares, and does not define."""
        for part in re.split(r"[;}]", self.outside(name)):
            if "{" in part or re.search(r"\btypedef\b", part):
                continue
            if part.lstrip().startswith("extern") and "(" not in part:
                yield from re.findall(r"\bpl_\w+", part)
                continue
            match = re.search(r"\b(pl_\w+)\s*(\(|\[|$)", part.strip())
            if match:
                yield match.group(1)

    def provides(self, name):
        """Names that somebody may include a header for."""
        code, flat = self.code[name], self.outside(name)
        found = set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", code, re.M))
        found |= set(re.findall(r"\b(?:struct|union|enum)\s+(\w+)", code))
        found |= set(re.findall(r"\b(\w+)\s*[;=\[(]", flat)) | set(re.findall(r"\(\s*\*\s*(\w+)\s*\)", flat))
        for names in re.findall(r"^extern\b[^;(]*;", flat, re.M):
            found |= set(re.findall(r"\bpl_\w+", names))
        for body in re.findall(r"\benum\b[^{;()]*\{([^}]*)\}", code):
            found |= set(re.findall(r"(?:^|,)\s*(\w+)", body))
        return found - KEYWORDS


# ---- rules: each gives its complaints ----

def read_layers(tree):
    """From the table in ARCHITECTURE.md: what each folder may use."""
    layers = {}
    for line in (tree.root / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        match = re.match(r"\| `((?:pipeline|stages)[\w/-]*)/?` \|.*\|([^|]*)\|$", line)
        if match:
            layers[match.group(1)] = {name if name.startswith("stages") else "pipeline/" + name
                                      for name in re.findall(r"[\w/-]+", match.group(2))}
    return layers


def folder_edges(tree):
    """((user, used), reason) of every include and call that leaves its folder."""
    for name in tree.house:
        for other in tree.includes[name]:
            yield (os.path.dirname(name), os.path.dirname(other)), f"{name} includes {other}"
    for source, symbol, other in tree.calls():
        yield (os.path.dirname(source), os.path.dirname(other)), f"{source} calls {symbol}() of {other}"


def arrows_up(tree):
    layers = read_layers(tree)
    folders = sorted({os.path.dirname(name) for name in tree.house} - {"pipeline"})
    for folder in folders:
        if folder not in layers:
            yield f"{folder}: has no row in the table of layers of ARCHITECTURE.md"
    for folder in sorted(set(layers) - set(folders)):
        yield f"ARCHITECTURE.md: there is no folder {folder}"
    for circle in circles(layers):
        yield f"ARCHITECTURE.md: the table of layers has a circle: {', '.join(circle)}"
    seen = set()
    for (user, used), reason in folder_edges(tree):
        # main.c is above all; plugin.h, beside it, is what strangers are built against, and below all.
        if user in ("pipeline", used) or used == "pipeline" or used in layers.get(user, ()) or reason in seen:
            continue
        seen.add(reason)
        yield f"{reason}: {user} may not use {used}"


def file_circles(tree):
    headers = {name: set(tree.includes[name]) for name in tree.house if name.endswith(".h")}
    for circle in circles(headers):
        yield f"headers include each other: {', '.join(circle)}"
    calls = collections.defaultdict(set)
    for source, _, other in tree.calls():
        calls[source].add(other)
    for circle in circles(calls):
        within = sorted({f"{symbol}() of {other} in {source}" for source, symbol, other in tree.calls()
                         if source in circle and other in circle})
        yield f"sources call each other: {', '.join(circle)}: {'; '.join(within)}"


def folder_circles(tree):
    graph = collections.defaultdict(set)
    for (user, used), _ in folder_edges(tree):
        if user != used:
            graph[user].add(used)
    for circle in circles(graph):
        yield f"folders use each other: {', '.join(circle)}"


def owner(header):
    """The sources a header may speak for."""
    stem = re.sub(r"-private$", "", header[:-2])
    return {stem + ".c", stem + ".cc"}


def missing_headers(tree):
    in_families = {symbol for name in FAMILIES if name in tree.text for symbol in tree.declarations(name)}
    # Descriptors, which nobody but a registry names.
    in_families |= {symbol for name in REGISTRIES for symbol in tree.needs[name] - tree.functions}
    for symbol, source in sorted(tree.defined.items(), key=lambda item: item[1]):
        own = re.sub(r"\.cc?$", ".h", source)
        if symbol in in_families or symbol == "main" or not symbol.startswith("pl_"):
            continue
        if own not in tree.text:
            yield f"{source}: has no header of its own for {symbol}()"
    for source in sorted(set(tree.defined.values())):
        own = re.sub(r"\.cc?$", ".h", source)
        if own in tree.text and own not in tree.includes[source]:
            yield f"{source}: does not include its own header"


def foreign_declarations(tree):
    for name in tree.house:
        if not name.endswith(".h") or name in FAMILIES:
            continue
        for symbol in tree.declarations(name):
            source = tree.defined.get(symbol)
            if source is not None and source not in owner(name):
                yield f"{name}: declares {symbol}() of {source}"


def long_files(tree):
    for name in tree.files:
        if not is_source(name) or name in GENERATED:
            continue
        lines = (tree.root / name).read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE:
            yield f"{name}: has {lines} lines; at most {LONGEST_FILE} are allowed"


def is_source(name):
    return (name.endswith((".c", ".h", ".cc", ".py", ".sh", "meson.build")) or name == "meson_options.txt"
            or (os.path.dirname(name) == "scripts" and "." not in os.path.basename(name)))


def long_lines(tree):
    for name in tree.files:
        if not is_source(name) or name in GENERATED or name.startswith("tests/cases/"):
            continue
        lines = (tree.root / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if width(line) > LONGEST_LINE:
                yield f"{name}:{number}: has {width(line)} columns; at most {LONGEST_LINE} are allowed"


def unformatted(tree):
    names = [name for name in tree.c if name not in GENERATED]
    looked = subprocess.run(["clang-format", "--dry-run", *names], cwd=tree.root, capture_output=True, text=True)
    for name in sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: (?:warning|error):", looked.stderr, re.M))):
        yield f"{name}: clang-format changes it"


def only_for_tests(tree):
    needed = set().union(*tree.needs.values()) if tree.needs else set()
    tests = set().union(*(tree.words[name] for name in tree.c if name not in tree.house))
    for symbol in sorted(tree.functions - needed):
        source = tree.defined[symbol]
        # What a header's inline function calls is called where that is.
        named = sum(len(re.findall(rf"\b{symbol}\b", tree.code[name])) for name in tree.house if name[-2:] == ".h")
        if not symbol.startswith("pl_") or named > 1:
            continue
        if len(re.findall(rf"\b{symbol}\b", tree.code[source])) < 2:
            yield f"{source}: nobody else calls {symbol}()" + ("; only tests do" if symbol in tests else "")
        elif symbol not in tests:
            yield f"{source}: nobody else calls {symbol}(); it can be static"
    everywhere = collections.Counter(word for name in tree.house for word in tree.words[name])
    for name in tree.house:
        if name.endswith(".h"):
            for symbol in re.findall(r"^static inline\b[^;{(]*\b(\w+)\s*\(", tree.code[name], re.M):
                if everywhere[symbol] < 2 and len(re.findall(rf"\b{symbol}\b", tree.code[name])) < 2:
                    yield f"{name}: nobody calls {symbol}()"


def dead_includes(tree):
    provided = {name: tree.provides(name) for name in tree.c if name.endswith(".h")}
    for name in tree.c:
        seen = set()
        # What a kernel uses, its includer brings.
        words = tree.words[name].union(*(tree.words[other] for other in tree.includes[name] if "kernel" in other))
        for other in tree.includes[name]:
            if other in seen and "kernel" not in other:
                yield f"{name}: includes {other} twice"
            seen.add(other)
            # Its own header; a list, whose names are put together; a kernel, which makes something of the macros before
            # it; a test's support, which brings the test library.
            if (not provided.get(other) or name in owner(other) or "kernel" in other or other in FAMILIES
                    or other.startswith("tests/")):
                continue
            if not provided[other] & words:
                yield f"{name}: includes {other} and uses nothing of it"


# What C libraries round each in their own way; sqrt and fma round correctly everywhere.
ROUNDED_ANYHOW = {"exp", "exp2", "exp10", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin",
                  "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "hypot", "erf",
                  "erfc", "lgamma", "tgamma"}


def rounded_anyhow(tree):
    for source, symbols in sorted(tree.needs.items()):
        for symbol in sorted(symbols):
            bare = re.sub(r"^__|_finite$|@.*$", "", symbol)
            if bare in ROUNDED_ANYHOW or (bare[-1:] in ("f", "l") and bare[:-1] in ROUNDED_ANYHOW):
                yield f"{source}: calls {symbol}() of the C library, which differs between machines"


RULES = {
    "no arrow goes up": arrows_up,
    "files form no circle": file_circles,
    "folders form no circle": folder_circles,
    "each source has its own header": missing_headers,
    "no header speaks for another source": foreign_declarations,
    "no file is too long": long_files,
    "no line is too long": long_lines,
    "clang-format changes nothing": unformatted,
    "no function is there for tests alone": only_for_tests,
    "no include is dead": dead_includes,
    "no result depends on the C library": rounded_anyhow,
}


# ---- the rules' own tests ----

CLEAN = {
    "ARCHITECTURE.md": "| folder | what it is | may use |\n|---|---|---|\n"
                       "| `pipeline/low` | below | |\n| `pipeline/high` | above | low |\n",
    ".clang-format": "BasedOnStyle: GNU\nColumnLimit: 120\nSortIncludes: false\n",
    "pipeline/low/a.h": "/* a */\n#pragma once\n\nint pl_a (int x);\nint pl_a_more (int x);\n",
    "pipeline/low/a.c": '#include "a.h"\n#include "b.h"\n\nint\npl_a (int x)\n{\n  return pl_b (x);\n}\n\n'
                        "int\npl_a_more (int x)\n{\n  return x;\n}\n",
    "pipeline/low/b.h": "#pragma once\n\nint pl_b (int x);\n",
    "pipeline/low/b.c": '#include "b.h"\n\nint\npl_b (int x)\n{\n  return x;\n}\n',
    "pipeline/high/c.h": "#pragma once\n\nint pl_c (int x);\n",
    "pipeline/high/c.c": '#include "c.h"\n#include "../low/a.h"\n\nint\npl_c (int x)\n{\n'
                         "  return pl_a (x) + pl_a_more (x);\n}\n",
    "pipeline/main.c": '#include "high/c.h"\n\nint\nmain (void)\n{\n  return pl_c (0);\n}\n',
}
B_CALLS_A = '#include "b.h"\n#include "a.h"\n\nint\npl_b (int x)\n{\n  return x > 0 ? pl_a (x - 1) : x;\n}\n'
CALLS_POW = '#include "b.h"\n#include <math.h>\n\nint\npl_b (int x)\n{\n  return (int) pow (x, 1.5);\n}\n'
LOW_CALLS_HIGH = '#include "b.h"\nint pl_c (int x);\n\nint\npl_b (int x)\n{\n  return x > 0 ? pl_c (x - 1) : x;\n}\n'
# Rule, what is planted, what the complaint says.
PLANTED = [
    ("no arrow goes up", {"pipeline/low/b.h": CLEAN["pipeline/low/b.h"] + '#include "../high/c.h"\n'},
     "pipeline/low/b.h includes pipeline/high/c.h: pipeline/low may not use pipeline/high"),
    ("no arrow goes up", {"pipeline/low/b.c": LOW_CALLS_HIGH},
     "pipeline/low/b.c calls pl_c() of pipeline/high/c.c: pipeline/low may not use pipeline/high"),
    ("no arrow goes up", {"pipeline/other/d.h": "#pragma once\n"}, "pipeline/other: has no row in the table"),
    ("no arrow goes up", {"ARCHITECTURE.md": CLEAN["ARCHITECTURE.md"].replace("below | |", "below | high |")},
     "the table of layers has a circle: pipeline/high, pipeline/low"),
    ("no arrow goes up", {"ARCHITECTURE.md": CLEAN["ARCHITECTURE.md"] + "| `pipeline/gone` | was | |\n"},
     "there is no folder pipeline/gone"),
    ("files form no circle", {"pipeline/low/b.h": '#pragma once\n#include "a.h"\n\nint pl_b (int x);\n',
                              "pipeline/low/a.h": '#pragma once\n#include "b.h"\n\nint pl_a (int x);\n'
                                                  "int pl_a_more (int x);\n"},
     "headers include each other: pipeline/low/a.h, pipeline/low/b.h"),
    ("files form no circle", {"pipeline/low/b.c": B_CALLS_A},
     "sources call each other: pipeline/low/a.c, pipeline/low/b.c"),
    ("folders form no circle", {"pipeline/low/b.h": CLEAN["pipeline/low/b.h"] + '#include "../high/c.h"\n'},
     "folders use each other: pipeline/high, pipeline/low"),
    ("folders form no circle", {"pipeline/low/b.c": LOW_CALLS_HIGH}, "folders use each other: pipeline/high"),
    ("each source has its own header", {"pipeline/low/b.h": None, "pipeline/low/all.h": CLEAN["pipeline/low/b.h"],
                                        "pipeline/low/a.c": CLEAN["pipeline/low/a.c"].replace('"b.h"', '"all.h"'),
                                        "pipeline/low/b.c": CLEAN["pipeline/low/b.c"].replace('"b.h"', '"all.h"')},
     "pipeline/low/b.c: has no header of its own for pl_b()"),
    ("each source has its own header", {"pipeline/low/b.c": CLEAN["pipeline/low/b.c"].replace('#include "b.h"', "")},
     "pipeline/low/b.c: does not include its own header"),
    ("no header speaks for another source",
     {"pipeline/low/a.h": CLEAN["pipeline/low/a.h"] + "int pl_b (int x);\n"},
     "pipeline/low/a.h: declares pl_b() of pipeline/low/b.c"),
    ("no file is too long", {"pipeline/low/b.c": CLEAN["pipeline/low/b.c"] + "\n" * 595},
     "lines; at most 600 are allowed"),
    ("no line is too long", {"scripts/run": "#" * 121 + "\n"}, "scripts/run:1: has 121 columns"),
    ("no line is too long", {"tests/some.py": "\n# " + "é" * 119 + "\n"}, "tests/some.py:2: has 121 columns"),
    ("clang-format changes nothing", {"pipeline/low/b.h": "#pragma once\n\nint   pl_b (int x);\n"},
     "pipeline/low/b.h: clang-format changes it"),
    ("no function is there for tests alone",
     {"pipeline/high/c.c": CLEAN["pipeline/high/c.c"].replace(" + pl_a_more (x)", ""),
      "tests/unit/t.c": '#include "../../pipeline/low/a.h"\n\nint\nmain (void)\n{\n  return pl_a_more (0);\n}\n'},
     "pipeline/low/a.c: nobody else calls pl_a_more(); only tests do"),
    ("no function is there for tests alone",
     {"pipeline/low/b.h": CLEAN["pipeline/low/b.h"] + "\nstatic inline int\npl_b_twice (int x)\n{\n"
                                                      "  return 2 * x;\n}\n"},
     "pipeline/low/b.h: nobody calls pl_b_twice()"),
    ("no include is dead",
     {"pipeline/high/c.c": CLEAN["pipeline/high/c.c"].replace('a.h"\n', 'a.h"\n#include "../low/b.h"\n')},
     "pipeline/high/c.c: includes pipeline/low/b.h and uses nothing of it"),
    ("no result depends on the C library", {"pipeline/low/b.c": CALLS_POW}, "pipeline/low/b.c: calls pow() of the C"),
    ("no include is dead", {"pipeline/main.c": '#include "high/c.h"\n' + CLEAN["pipeline/main.c"]},
     "pipeline/main.c: includes pipeline/high/c.h twice"),
]


def plant(folder, files):
    """Writes a tree, compiles its sources, and reads it."""
    root = pathlib.Path(folder)
    for name, text in files.items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q", folder], check=True)
    (root / ".gitignore").write_text("build/\n")
    (root / "build").mkdir()
    commands = []
    for name in files:
        if name.endswith(".c") and files[name] is not None:
            target = name.replace("/", "_") + ".o"
            subprocess.run(["cc", "-c", str(root / name), "-o", str(root / "build" / target)], check=True)
            commands.append({"directory": str(root / "build"), "file": "../" + name, "output": target})
    (root / "build" / "compile_commands.json").write_text(json.dumps(commands))
    return Tree(root, root / "build")


def self_test():
    """(name, what is wrong or None) for each rule's tests."""
    with tempfile.TemporaryDirectory() as folder:
        tree = plant(folder, CLEAN)
        for name, rule in RULES.items():
            found = list(rule(tree))
            yield f"a tree without faults: {name}", "\n".join(found) or None
    for name, change, expected in PLANTED:
        with tempfile.TemporaryDirectory() as folder:
            found = list(RULES[name](plant(folder, {**CLEAN, **change})))
            ok = any(expected in complaint for complaint in found)
            yield f"a planted fault: {name}", None if ok else f"'{expected}' was not said, but {found}"
    for name in sorted(set(RULES) - {planted[0] for planted in PLANTED}):
        yield f"a planted fault: {name}", "there is none"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--list"]
    root = HERE.parent
    tree = Tree(root, root / (arguments[0] if arguments else "build"))
    results = []
    for name, rule in RULES.items():
        if rule is unformatted and shutil.which("clang-format") is None:
            print(f"{name}: there is no clang-format")
            results.append(None)
            continue
        found = list(rule(tree))
        for complaint in found:
            print(complaint)
        results.append(not found)
        if found:
            print(f"FAIL {name}: {len(found)} complaints")
    for name in sorted((set(FAMILIES) | set(REGISTRIES) | set(GENERATED)) - set(tree.files)):
        print(f"FAIL tests/structure.py exempts {name}, which is not there")
        results.append(False)
    for name, wrong in self_test() if "--list" not in sys.argv else ():
        results.append(wrong is None)
        if wrong is not None:
            print(f"FAIL {name}: {wrong}")
    print(f"{results.count(True)} passed, {results.count(False)} failed, {results.count(None)} skipped")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())

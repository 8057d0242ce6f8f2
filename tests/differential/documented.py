"""What the program says a job may hold, and which of it a set of jobs has drawn.

The list comes from `pipeline stages`, so that a key, a choice, an aggregate or a function that is new is missed at
once; what only the manual names (operators, names of delimiters, forms of aggregate calls) is written down here. An
item is (where, what): ("source", "schema = union"), ("function", "lpad").
"""
import re
import subprocess

OPERATORS = {
    "+": r" \+ ", "-": r" - ", "*": r" \* ", "/": r" / ", "//": " // ", "%": " % ", "**": r" \*\* ", "||": r" \|\| ",
    "=": " = .* = ", "!=": " != ", "<>": " <> ", "<": " < ", "<=": " <= ", ">": " > ", ">=": " >= ", "and": r"\band\b",
    "or": r"\bor\b",
    "not": r"\bnot\b", "in": r"\bin \(", "between": r"\bbetween\b", "like": r"\blike\b", "escape": r"\bescape\b",
    "is null": r"\bis null\b",
    "is not null": r"\bis not null\b", "::": "::", "filter": r"\) filter \(where ",
    "count(distinct x)": r"\bcount\(distinct ",
    "having with an aggregate": r"(?m)^having = .*\bcount\(\)", "desc": r"\bdesc\b", "nulls first": r"\bnulls first\b",
    "as": r" as ",
    "quoted column": '(?m)^"[^"\n]+" = ', "${variable}": r"\$\{",
}
DELIMITERS = ["tab", "comma", "semicolon", "pipe", "space"]
FORMATS = ["csv", "tsv", "jsonl", "table", "markdown"]

# What no job draws, and why: item → reason. Nothing, so far.
LEFT_OUT = {}


def listed(program, *arguments):
    return subprocess.run([program, "stages", *arguments], capture_output=True, text=True, check=True).stdout


def names_in(text):
    return re.findall(r"^  (\S+)  ", text, re.MULTILINE)


def keys_of(program, group):
    """The keys of a group, and of those that are a choice, or a flag, each value."""
    for name, kind in re.findall(r"^  (\S+) = ([^\n]*)",
                                 listed(program, group).split("\nKeys:\n")[1].split("\nExample:\n")[0], re.MULTILINE):
        yield name
        kind = re.sub(r", (required|default .*)$", "", kind)
        values = (kind[len("choice "):].split("|") if kind.startswith("choice ") else ["true", "false"]
                  if kind == "flag" else [])
        yield from (f"{name} = {value}" for value in values)


def documented(program):
    """Every item there is."""
    stages = names_in(listed(program, "--stages"))
    items = {(group, item) for group in ["job", "source", "sink", "run"] + stages for item in keys_of(program, group)}
    items |= {("stage", name) for name in stages}
    items |= {("aggregate", name) for name in names_in(listed(program, "--aggregates"))}
    items |= {("function", name) for name in names_in(listed(program, "--functions"))}
    items |= {("operator", name) for name in OPERATORS}
    items |= {(group, f"delimiter = {name}") for group, names in (("source", DELIMITERS), ("sink", ["tab", "space"]))
              for name in names}
    items |= {("sink", f"format = {name}") for name in FORMATS}
    return items


def drawn(job, functions, aggregates):
    """The items that stand in the text of a job."""
    items, group = set(), None
    for line in job.splitlines():
        if line.startswith("["):
            group = line[1:-1].split()[0]
            items.add(("stage", group))
            continue
        key, separator, value = line.partition(" = ")
        if separator:
            items |= {(group, key), (group, f"{key} = {value}")}
        if group == "group-by":
            items |= {("aggregate", name) for name in re.findall(r"\b(\w+)\(", line) if name in aggregates}
        items |= {("function", name) for name in re.findall(r"\b(\w+)\(", line) if name in functions}
        if re.search(r"\bcase\b", line):
            items.add(("function", "case"))
    items |= {("operator", name) for name, pattern in OPERATORS.items() if re.search(pattern, job)}
    return items


def undrawn(program, jobs):
    """What the texts of @jobs lack, and what LEFT_OUT excuses without need: both must be empty."""
    items = documented(program)
    functions = {name for where, name in items if where == "function"}
    aggregates = {name for where, name in items if where == "aggregate"}
    found = set()
    for job in jobs:
        found |= drawn(job, functions, aggregates)
    return sorted(items - found - set(LEFT_OUT)), sorted(set(LEFT_OUT) - (items - found))

"""Random jobs of everything that the manual describes: a graph of sources, stages and sinks, as the text of a job file
and the files it needs.

What a job gives is not known here: it must be the same in each mode, with any number of workers and blocks of any size.
That the jobs leave nothing out is checked against what the program documents (documented.py).
"""
import io
import re
import shutil
import zipfile

from expressions import GROUPS, Expressions, quoted
from tables import TYPES, Dialect, value

NAMES = {"text": ["k", "s", "odd name"], "int": ["n", "i", "by"], "float": ["x", "f"], "decimal": ["dec"],
         "bool": ["b"], "date": ["d"],
         "ts": ["t"], "zoned": ["z"]}

# name, kind of the result ("same": of the argument), arguments.
AGGREGATES = [
    ("count", "int", []), ("count", "int", ["every"]), ("nunique", "int", ["every"]), ("sum", "number", ["numeric"]),
    ("sum", "number", ["numeric", "2"]), ("sum", "int", ["bool"]), ("mean", "number", ["numeric"]),
    ("mean", "float", ["bool"]), ("min", "same", ["ordered"]), ("max", "same", ["ordered"]),
    ("first", "same", ["every"]), ("last", "same", ["every"]), ("mode", "same", ["every"]), ("list", "text", ["every"]),
    ("list", "text", ["text", "' | '"]), ("all", "bool", ["bool"]), ("any", "bool", ["bool"]),
    ("arg_max", "same", ["every", "ordered"]), ("arg_min", "same", ["every", "ordered"]),
    ("corr", "float", ["numeric", "numeric"]), ("cov", "float", ["numeric", "numeric"]),
    ("harmonic_mean", "float", ["numeric"]), ("kurtosis", "float", ["numeric"]), ("median", "number", ["numeric"]),
    ("product", "float", ["float"]), ("product", "float", ["float", "2"]), ("quantile", "number", ["numeric", "0.9"]),
    ("sem", "float", ["numeric"]), ("skew", "float", ["numeric"]), ("std", "float", ["numeric"]),
    ("var", "float", ["numeric"]),
]
QUOTED_BLANK = "' '"
EVERY = ["text", "int", "float", "decimal", "bool", "date", "ts"]
ORDERED = ["text", "int", "float", "decimal", "date", "ts"]


def reads_column(expression, columns):
    bare = re.sub(r"'[^']*'", "", expression)
    return any(re.search(rf'(?<![\w"]){re.escape(quoted(name))}(?![\w"(])', bare) for name in columns)


class Node:
    """What a group gives: its columns (name → kind), and whether all rows must be there first."""

    def __init__(self, name, columns, reduced):
        self.name, self.columns, self.reduced = name, columns, reduced


class Job:
    """`text` is the job file, `files` what stands beside it (name → bytes), `stdin` what it reads there. @empty: to
    look at its text alone; its tables have no rows then."""

    def __init__(self, rng, plugin, empty=False):
        self.empty = empty
        self.rng, self.plugin, self.nodes, self.groups, self.files, self.number = rng, plugin, [], [], {}, 0
        self.stdin, self.stdout_taken, self.outputs = b"", False, 0
        self.has_joined = False
        self.general()
        for _ in range(rng.choice([1, 1, 1, 2])):
            self.source()
        stages = [self.filter, self.derive, self.derive, self.select, self.group_by, self.sort, self.distinct,
                  self.limit, self.top_k, self.tail, self.row_number, self.union, self.unpivot,
                  self.join, self.drop_null, self.explode]
        stages += [self.exec] if rng.random() < 0.25 else []
        stages += [self.plug_in] if plugin and rng.random() < 0.3 else []
        for _ in range(rng.randint(1, 6)):
            rng.choice(stages)()
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            self.sink()
        self.text = "\n".join(f"[{head}]\n" + "".join(f"{line}\n" for line in lines) for head, lines in self.groups)

    # ---- groups of the file ----

    def chance(self, share):
        return self.rng.random() < share

    def name(self, kind):
        self.number += 1
        return f"{kind[0]}{self.number}"

    def input(self, lines):
        """The group that rows come from: the one above, or another one, which is said then."""
        node = self.nodes[-1] if self.chance(0.7) else self.rng.choice(self.nodes)
        if node is not self.nodes[-1] or self.chance(0.1):
            lines.append(f"input = {node.name}")
        return node

    def stage(self, kind, lines, columns, reduced):
        name = self.name(kind)
        self.groups.append((f"{kind} {name}", lines))
        self.nodes.append(Node(name, columns, reduced))

    def general(self):
        rng, lines = self.rng, []
        if self.chance(0.2):
            self.groups.append(("job", ["name = drawn", "description = a job of chance"]))
        if self.chance(0.3):
            self.groups.append(("vars", ["few = 3", "word = 'a'"]))
        self.has_vars = bool(self.groups) and self.groups[-1][0] == "vars"
        for line, share in [("mode = threads", 0.1), ("mode = processes", 0.1), ("mode = serial", 0.1),
                            ("workers = 2", 0.1), ("workers = auto", 0.1),
                            (f"threads-per-process = {rng.randint(1, 3)}", 0.2), ("block-size = 4KiB", 0.1),
                            (f"queue-depth = {rng.randint(1, 9)}", 0.2), (f"seed = {rng.randint(0, 2**63)}", 0.3),
                            (f"retries = {rng.randint(0, 3)}", 0.2), ("task-timeout = 5m", 0.1),
                            (f"max-tasks-per-child = {rng.randint(5, 50)}", 0.1), ("worker-memory-limit = 64GiB", 0.1),
                            (f"lock = {rng.choice(['none', 'fail', 'wait', 'skip'])}", 0.3),
                            ("timeout = 10m", 0.1), ("temp-directory = .", 0.1),
                            (f"memory-limit = {rng.choice(['none', 'auto', '1GiB', '60%'])}", 0.2)]:
            if rng.random() < share and line.split()[0] not in {other.split()[0] for other in lines}:
                lines.append(line)
        if lines:
            self.groups.append(("run", lines))

    def source(self):
        rng, name = self.rng, self.name("t")
        dialect = Dialect(rng, plain=self.chance(0.5))
        names = {rng.choice(NAMES[kind]): kind for kind in rng.choices(list(NAMES), k=rng.randint(2, 7))}
        # Names with blanks need quotes where a blank is the delimiter, and no `date-format` has a zone.
        names = {"id": "int", **{one: kind for one, kind in names.items()
                                 if not (one == "odd name" and dialect.quote is None)
                                 and not (kind == "zoned" and dialect.dates)}}
        lines, pinned = list(dialect.keys), self.chance(0.85) or dialect.dates is not None or dialect.decimal_comma
        bad = self.bad_rows(lines, name)
        parts, columns = self.parts(dialect, names, lines)
        paths = []
        defects = rng.randint(1, 4) if bad and self.chance(0.7) else 0
        of_paths = self.chance(0.2) and self.of_paths(lines)
        for number, (has, rows) in enumerate(parts):
            paths.append(f"{name}-{number}.csv")
            if of_paths:
                paths[-1] = f"{name}/{rng.choice(['', 'x/'])}{of_paths()}/{paths[-1]}"
            self.files[paths[-1]] = dialect.file(has, rows, defects if number == len(parts) - 1 else 0)
        way = rng.choice(["list", "list", "glob", "stdin", "command", "zip"])
        if of_paths:
            way = {"stdin": "list", "command": "zip"}.get(way, way)
        if way == "stdin" and len(parts) == 1 and not self.stdin:
            self.stdin = self.files.pop(paths[0])
            lines.insert(0, "path = -")
        elif way == "command" and len(parts) == 1:
            lines.insert(0, f"command = cat {paths[0]}")
            lines += ["folder = ."] if self.chance(0.3) else []
            lines += ["environment = LC_ALL=C; NAME=a b"] if self.chance(0.3) else []
        elif way == "zip":
            self.zip(name, paths, lines)
        else:
            glob = f"{name}/**/*.csv" if of_paths else f"{name}-*.csv"
            lines.insert(0, f"path = {glob}" if way == "glob" else "path = " + "; ".join(paths))
        if not dialect.header:
            lines.append("columns = " + "; ".join(quoted(one) if one == "odd name" else one for one in columns))
        if self.chance(0.2):
            kept = [one for one in columns if one == "id" or self.chance(0.7)]
            columns = {one: columns[one] for one in kept}
            lines.append("use = " + "; ".join(quoted(one) if one == "odd name" else one for one in kept))
        if pinned:
            lines.append("types = " + "; ".join(f'{quoted(one) if one == "odd name" else one}:{TYPES[kind]}'
                                                for one, kind in columns.items()))
        elif self.chance(0.3):
            columns = {one: "text" for one in columns}
            lines.append("infer = false")
        else:
            # What is guessed of values depends on them: only what is sure is used as what it is.
            columns = {one: "unknown" for one in columns}
        if pinned and self.chance(0.1):
            lines.append("infer = " + rng.choice(["true", "false"]))
        if self.chance(0.15):
            lines.append(f"limit = {rng.randint(0, 60)}")
        if self.chance(0.15) and not self.stdin:
            lines.append("filename-column = origin file")
            columns["origin file"] = "text"
        if of_paths:
            columns.update({"year": "int", "path d": "text" if "path d:" in "".join(lines) else "unknown"})
        self.groups.append((f"source {name}", lines))
        self.nodes.append(Node(name, columns, any(line.startswith("limit") for line in lines)))

    def of_paths(self, lines):
        """Columns of paths; what gives folders with a value of each."""
        lines.append("path-columns = year:int; path d" + self.rng.choice(["", ":string"]))
        return lambda: (f"year={self.rng.choice(['2023', '007', '__HIVE_DEFAULT_PARTITION__'])}/"
                        f"path%20d={self.rng.choice(['a%2Fb', '1', '__HIVE_DEFAULT_PARTITION__', 'ü, x'])}")

    def zip(self, name, paths, lines):
        """The files of paths as members of an archive, among others."""
        rng, chosen = self.rng, self.chance(0.5)
        bytes_, method = io.BytesIO(), rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
        with zipfile.ZipFile(bytes_, "w", method) as archive:
            for path in paths:
                archive.writestr(zipfile.ZipInfo("in/" + path), self.files.pop(path), method)
            archive.writestr(zipfile.ZipInfo("__MACOSX/._x"), b"\0")
            if chosen:
                archive.writestr(zipfile.ZipInfo("read me.txt"), b"of no interest")
        self.files[f"{name}.zip"] = bytes_.getvalue()
        lines[:] = [line for line in lines if not line.startswith("compression =")]
        lines.insert(0, f"path = {name}.zip")
        lines += [f"compression = {rng.choice(['auto', 'zip'])}"] if self.chance(0.4) else []
        globs = ["**/*.csv", f"in/{name}*/**" if "/" in paths[0] else f"in/{name}-*"]
        lines += [f"members = {rng.choice(globs + ['; '.join('in/' + one for one in paths)])}"] if chosen else []

    def bad_rows(self, lines, name):
        """Whether some rows may be bad, and what becomes of them."""
        rng = self.rng
        if not self.chance(0.35):
            return False
        way = rng.choice(["fail", "skip", "skip", "quarantine", "quarantine"])
        lines.append(f"on-bad-row = {way}")
        if way == "quarantine":
            lines.append(f"rejects = rejects-{name}.csv")
        if way != "fail" and self.chance(0.3):
            lines.append("max-bad-rows = " + rng.choice(["2", "50%", "1%"]))
        if self.chance(0.5):
            lines.append("max-record-size = 2KiB")
        return True

    def parts(self, dialect, names, lines):
        """Files of a source, and its columns as the job sees them."""
        rng = self.rng
        # More than a batch is seldom, and more than a store takes before it is swept.
        n_rows = rng.choice([0, 1, 2, 7, 30, 120, 400]) if self.chance(0.96) else rng.choice([3000, 12000])
        n_rows = 0 if self.empty else n_rows
        rows = [[str(number)] + [value(rng, kind) for kind in list(names.values())[1:]] for number in range(n_rows)]
        cuts = sorted(rng.randint(0, n_rows) for _ in range(rng.choice([0, 0, 1, 2])))
        way = rng.choice(["same", "by-name", "union", "union"]) if cuts and dialect.header else "same"
        if cuts and (way != "same" or self.chance(0.3)):
            lines.append(f"schema = {way}")
        parts, seen = [], {}
        for first, last in zip([0] + cuts, cuts + [n_rows]):
            has = list(names) if way == "same" else rng.sample(list(names), len(names))
            if way == "union":
                has = [one for one in has if one == "id" or self.chance(0.6)]
            places = [list(names).index(one) for one in has]
            parts.append(({one: names[one] for one in has},
                          [[row[place] for place in places] for row in rows[first:last]]))
            seen.update({one: names[one] for one in has})
        return parts, seen

    # ---- stages ----

    def filter(self):
        lines = []
        node = self.input(lines)
        where = Expressions(self.rng, node.columns).of("bool")
        if self.has_vars and self.chance(0.5):
            where += " or ${word} = 'a'"
        self.stage("filter", [f"where = {where}"] + lines, dict(node.columns), node.reduced)

    def derive(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        columns = dict(node.columns)
        taken = set()
        for _ in range(rng.randint(1, 5)):
            kind = rng.choice(EVERY + ["number"] * 4)
            name = rng.choice([*columns, f"c{self.number}", f"c{self.number}b", "derived name"])
            if name in taken:
                continue
            taken.add(name)
            lines.append(f"{quoted(name)} = {Expressions(rng, columns).of(kind)}")
            columns[name] = kind
        self.stage("derive", lines, columns, node.reduced)

    def select(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        names = list(node.columns)
        way = rng.choice(["columns", "drop", "rename", "types"])
        if way == "columns":
            kept = rng.sample(names, rng.randint(1, len(names)))
            new = {f"r{place}" if self.chance(0.2) else name: name for place, name in enumerate(kept)}
            columns = {name: node.columns[old] for name, old in new.items()}
            lines.append("columns = " + "; ".join(quoted(old) if old == name else f"{quoted(old)} as {name}"
                                                  for name, old in new.items()))
        elif way == "drop" and len(names) > 1:
            dropped = set(rng.sample(names, rng.randint(1, len(names) - 1)))
            columns = {name: kind for name, kind in node.columns.items() if name not in dropped}
            lines.append("drop = " + "; ".join(map(quoted, sorted(dropped))))
        else:
            old = rng.choice(names)
            new = old if way == "types" else f"renamed{self.number}"
            columns = {new if name == old else name: kind for name, kind in node.columns.items()}
            if new != old:
                lines.append(f"rename = {quoted(old)} as {new}")
            if way == "types" or self.chance(0.3):
                target = rng.choice(["text", "float"]) if columns[new] in ("int", "float", "decimal") else "text"
                lines.append(f"types = {quoted(new)}:{TYPES[target]}")
                columns[new] = target
        self.stage("select", lines, columns, node.reduced)

    def terms(self, node, most, ordered):
        """A list of columns and expressions, with directions where they mean something."""
        rng, terms = self.rng, []
        for _ in range(rng.randint(1, most)):
            drawn = Expressions(rng, node.columns).of(rng.choice(ORDERED), 1)
            # A constant is refused as a key.
            term = drawn if self.chance(0.25) and reads_column(drawn, node.columns) else quoted(
                rng.choice(list(node.columns)))
            terms.append(term + (rng.choice(["", " desc", " asc", " nulls first", " desc nulls first", " nulls last"])
                                 if ordered else ""))
        return "; ".join(terms)

    def sort(self):
        lines = []
        node = self.input(lines)
        self.stage("sort", [f"by = {self.terms(node, 3, True)}"] + lines, dict(node.columns), True)

    def distinct(self):
        lines = []
        node = self.input(lines)
        if self.chance(0.8):
            lines.append(f"by = {self.terms(node, 2, False)}")
        if self.chance(0.7):
            lines.append("keep = " + self.rng.choice(["first", "last"]))
        self.stage("distinct", lines, dict(node.columns), True)

    def limit(self):
        lines = []
        node = self.input(lines)
        rows = "${few}" if self.has_vars and self.chance(0.4) else self.rng.choice([0, 1, 5, 40, 1000])
        lines += [f"rows = {rows}"] if self.chance(0.8) else ["offset = 2"]
        if len(lines) == 1 and lines[0].startswith("rows") and self.chance(0.4):
            lines.append(f"offset = {self.rng.randint(0, 20)}")
        self.stage("limit", lines, dict(node.columns), True)

    def tail(self):
        lines = []
        node = self.input(lines)
        rows = "${few}" if self.has_vars and self.chance(0.4) else self.rng.choice([0, 1, 5, 40, 1000])
        self.stage("tail", [f"rows = {rows}"] + lines, dict(node.columns), True)

    def row_number(self):
        lines = []
        node = self.input(lines)
        name = "n" if "n" not in node.columns and self.chance(0.5) else f"row {self.number}"
        lines += [] if name == "n" else [f"as = {quoted(name)}"]
        # The greatest start leaves room for one row.
        lines += [f"start = {self.rng.choice([0, 1, -7, 2**53, 2**63 - 1])}"] if self.chance(0.4) else []
        lines += [f"by = {self.terms(node, 2, False)}"] if self.chance(0.6) else []
        self.stage("row-number", lines, {**node.columns, name: "int"}, True)

    def union(self):
        """Any groups, those of one source among them; by name where that is possible, or by position where there are as
        many columns."""
        rng = self.rng
        inputs = rng.sample(self.nodes, min(len(self.nodes), rng.choice([1, 2, 2, 3, 4])))
        lines = ["inputs = " + "; ".join(node.name for node in inputs)]
        alike = all(set(node.columns) == set(inputs[0].columns) for node in inputs)
        by_position = (all(len(node.columns) == len(inputs[0].columns) for node in inputs)
                       and (self.chance(0.5) or not alike))
        if by_position:
            kinds = zip(*(node.columns.values() for node in inputs))
            columns = {name: of[0] if len(set(of)) == 1 else "unknown" for name, of in zip(inputs[0].columns, kinds)}
            lines.append("match = position")
        else:
            columns = {}
            for node in inputs:
                for name, kind in node.columns.items():
                    columns[name] = kind if columns.get(name, kind) == kind else "unknown"
            lines += ["match = name"] if self.chance(0.3) else []
            lines += (["missing = null"] if not alike or self.chance(0.3) else ["missing = error"] if self.chance(0.3)
                      else [])
        self.stage("union", lines, columns, True)

    def join(self):
        """One a job, with few rows on the right, so that rows do not become too many."""
        rng, lines = self.rng, []
        if self.has_joined:
            return
        self.has_joined = True
        left, right = rng.choice(self.nodes), rng.choice(self.nodes)
        few = self.name("limit")
        self.groups.append((f"limit {few}", [f"input = {right.name}", f"rows = {rng.choice([0, 1, 5, 20])}"]))
        self.nodes.append(Node(few, dict(right.columns), True))
        pairs = [(a, b) for a, kind in left.columns.items() for b, other in right.columns.items()
                 if kind == other and kind in EVERY]
        how = rng.choice(["inner", "left", "right", "full", "semi", "anti"]) if pairs and self.chance(0.9) else "cross"
        on = rng.sample(pairs, rng.randint(1, min(2, len(pairs)))) if how != "cross" else []
        lines += [f"input = {left.name}", f"right = {few}"]
        if on:
            lines.append("on = " + "; ".join(quoted(a) if a == b and self.chance(0.7) else f"{quoted(a)} = {quoted(b)}"
                                             for a, b in on))
        lines += [f"how = {how}"] if how != "inner" or self.chance(0.3) else []
        lines += [f"null-keys = {rng.choice(['ignore', 'match'])}"] if on and self.chance(0.3) else []
        lines += [f"validate = {rng.choice(['m:m', 'm:m', 'm:1', '1:m', '1:1'])}"] if on and self.chance(0.3) else []
        taken = [name for name in right.columns if name not in {b for _, b in on}]
        if how in ("semi", "anti"):
            taken = []
        elif self.chance(0.4):
            taken = rng.sample(list(right.columns), rng.randint(0, len(right.columns)))
            lines.append("take = " + "; ".join(f"{quoted(name)} as {quoted(f'{name} {few}')}" for name in taken))
            columns = {f"{name} {few}": right.columns[name] for name in taken}
            taken = []
        if taken:
            suffix = "_right"
            if self.chance(0.3) or any(name + suffix in {**left.columns, **right.columns} for name in right.columns):
                suffix = f"_{few}"
                lines.append(f"suffix = {suffix}")
            columns = {name + suffix if name in left.columns else name: right.columns[name] for name in taken}
        elif how in ("semi", "anti") or not any(line.startswith("take") for line in lines):
            columns = {}
        self.stage("join", lines, {**left.columns, **columns}, True)

    def unpivot(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        names = list(node.columns)
        kept = rng.sample(names, rng.randint(0, len(names) - 1))
        turned = [name for name in names if name not in kept]
        if self.chance(0.5):
            turned = rng.sample(turned, rng.randint(1, len(turned)))
            lines.append("columns = " + "; ".join(map(quoted, turned)))
        lines += ["keep = " + "; ".join(map(quoted, kept))] if kept else []
        columns = {name: node.columns[name] for name in kept}
        for key, default, kind in (("names-to", "name", "text"), ("values-to", "value", "unknown")):
            name = f"{default}{self.number}" if default in columns or self.chance(0.3) else default
            lines += [f"{key} = {name}"] if name != default else []
            columns[name] = kind
        lines += [f"drop-nulls = {rng.choice(['true', 'false'])}"] if self.chance(0.5) else []
        kinds = {node.columns[name] for name in turned}
        if len(kinds) == 1:
            columns[name] = kinds.pop()
        self.stage("unpivot", lines, columns, node.reduced)

    def drop_null(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        names = list(node.columns)
        if self.chance(0.7):
            names = rng.sample(names, rng.randint(1, len(names)))
            lines.append("columns = " + "; ".join(map(quoted, names)))
        lines += rng.choice([[], ["how = any"], ["how = all"], [f"at-least = {rng.randint(1, len(names))}"]])
        self.stage("drop-null", lines, dict(node.columns), node.reduced)

    def explode(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        column = rng.choice([name for name, kind in node.columns.items() if kind == "text"] or list(node.columns))
        lines.append(f"column = {quoted(column)}")
        lines += [f"separator = {rng.choice(['a', '0', '|', QUOTED_BLANK])}"] if self.chance(0.8) else []
        name = f"part{self.number}" if self.chance(0.4) else column
        lines += [f"as = {name}"] if name != column else []
        columns = {name if key == column else key: "text" if key == column else kind
                   for key, kind in node.columns.items()}
        if self.chance(0.4):
            lines.append(f"position-as = at{self.number}")
            columns[f"at{self.number}"] = "int"
        lines += [f"drop-nulls = {rng.choice(['true', 'false'])}"] if self.chance(0.3) else []
        self.stage("explode", lines, columns, node.reduced)

    def top_k(self):
        lines = []
        node = self.input(lines)
        lines += [f"sort = {self.terms(node, 2, True)}", f"k = {self.rng.choice([1, 2, 10, 5000])}"]
        if self.chance(0.6):
            lines.append(f"by = {self.terms(node, 2, False)}")
        self.stage("top-k", lines, dict(node.columns), True)

    def call(self, columns):
        """An aggregate call, and the kind of what it gives."""
        rng = self.rng
        expressions = Expressions(rng, columns)
        name, result, parameters = rng.choice(AGGREGATES)
        kinds = {"every": EVERY, "ordered": ORDERED}
        arguments, first = [], None
        for parameter in parameters:
            kind = rng.choice(kinds[parameter]) if parameter in kinds else parameter
            first = first or kind
            is_value = parameter in kinds or parameter in ("numeric", "text", "float", "bool")
            if not is_value:
                arguments.append(parameter)
                continue
            # Columns as they are have ways of their own through aggregates.
            column = expressions.column(*GROUPS.get(kind, [kind])) if self.chance(0.75) else None
            arguments.append(column or expressions.of(kind, 1))
        call = f"{name}({', '.join(arguments)})"
        if name == "nunique" and self.chance(0.4):
            call = f"count(distinct {arguments[0]})"
        if self.chance(0.2):
            call += f" filter (where {expressions.of('bool', 1)})"
        return call, first if result == "same" else result

    def group_by(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        columns, keys = {}, []
        for place in range(rng.choice([0, 1, 1, 2, 3])):
            if self.chance(0.75):
                name = rng.choice(list(node.columns))
                if name in columns:
                    continue
                keys.append(quoted(name))
                columns[name] = node.columns[name]
            else:
                kind = rng.choice(EVERY)
                keys.append(f"{Expressions(rng, node.columns).of(kind, 1)} as key{self.number}_{place}")
                columns[f"key{self.number}_{place}"] = kind
        lines += ["by = " + "; ".join(keys)] if keys else []
        lines += ["order = " + rng.choice(["key", "appearance", "any"])] if self.chance(0.7) else []
        for place in range(rng.randint(1, 5)):
            call, kind = self.call(node.columns)
            name = f"a{self.number}_{place}"
            if kind in ("int", "float", "number") and self.chance(0.2):
                other, other_kind = self.call(node.columns)
                if other_kind in ("int", "float", "number"):
                    call, kind = f"{call} {rng.choice(['+', '-', '/'])} {other}", "number"
            lines.append(f"{name} = {call}")
            columns[name] = kind
        if self.chance(0.3):
            lines.append("having = " + rng.choice(["count() > 1", Expressions(rng, columns).of("bool", 1)]))
        self.stage("group-by", lines, columns, True)

    def exec(self):
        """Programs that answer what they are sent, which is all that can be said without knowing the rows."""
        rng, lines = self.rng, []
        node = self.input(lines)
        known = [name for name, kind in node.columns.items() if kind in TYPES]
        if len(known) < 2:
            return
        sent = rng.sample(known, rng.randint(2, len(known)))
        types = "; ".join(f"{quoted(name)}:{TYPES[node.columns[name]]}" for name in sent)
        columns, way = dict(node.columns), rng.choice(["append", "columns", "same"])
        lines += [f"command = {rng.choice(['cat', 'sed -u s/a/a/'])}", "send = " + "; ".join(map(quoted, sent))]
        lines += [f"{way} = {types}"] if way != "same" else []
        if way != "append":
            columns = {name: node.columns[name] for name in sent}
        lines += rng.choice([[], ["format = csv"], ["format = jsonl"], ["header = false"], ["header = true"]])
        lines += rng.choice([[], ["answers = auto"], ["answers = row"], ["answers = end"]])
        for line, share in [("processes = 2", 0.2), ("environment = A=b; C=d", 0.2), ("folder = .", 0.2),
                            ("timeout = 5m", 0.2),
                            (f"retries = {rng.randint(0, 2)}", 0.3)]:
            lines += [line] if self.chance(share) else []
        self.stage("exec", lines, columns, node.reduced)

    def plug_in(self):
        """configs/score.c; behind a stage that needs all rows it runs in no worker process."""
        lines = []
        node = self.input(lines)
        if node.reduced or any(kind == "unknown" for kind in node.columns.values()):
            return
        self.stage("derive", [f"distance = {Expressions(self.rng, node.columns).of('int', 1)}",
                              f"delay = {self.rng.randint(0, 9)}"] + lines,
                   {**node.columns, "distance": "int", "delay": "int"}, False)
        node = self.nodes[-1]
        self.stage("plugin",
                   ["library = score.so"] + ([f"rounds = {self.rng.randint(1, 20)}"] if self.chance(0.5) else [])
                   + ([f"input = {node.name}"] if self.chance(0.3) else []),
                   {**node.columns, "score": "float"}, False)

    # ---- sinks ----

    def sink(self):
        rng, lines = self.rng, []
        node = self.input(lines)
        self.outputs += 1
        kind = rng.choice(["csv", "csv", "csv", "tsv", "jsonl", "table", "markdown"])
        ending = {"csv": ".csv", "tsv": ".tsv", "jsonl": ".jsonl"}.get(kind, ".txt")
        packed = rng.choice(["", "", "", "", ".gz", ".zst", ".bz2", ".xz", ".lz4"])
        path = f"out{self.outputs}{ending}{packed}"
        if not self.stdout_taken and self.chance(0.2):
            self.stdout_taken, path, packed = True, "-", ""
        lines.append(f"path = {path}")
        lines += [f"format = {kind}"] if ending == ".txt" or path == "-" or self.chance(0.2) else []
        if kind != "jsonl":
            lines += [f"header = {rng.choice(['true', 'false'])}"] if self.chance(0.3) else []
            lines += [f"null = {rng.choice(['NA', '-', '(none)'])}"] if self.chance(0.25) else []
        lines += [f"float-format = {rng.choice(['%.2f', '%10.3e', '%g'])}"] if self.chance(0.25) else []
        if kind in ("csv", "tsv"):
            lines += [f"delimiter = {rng.choice([';', 'tab', 'space', '.', '-'])}"] if self.chance(0.2) else []
            lines += [f"quoting = {rng.choice(['minimal', 'all', 'none'])}"] if self.chance(0.3) else []
            lines += [f"escape-formulas = {rng.choice(['true', 'false'])}"] if self.chance(0.2) else []
        lines += [f"line-end = {rng.choice(['lf', 'crlf'])}"] if self.chance(0.2) else []
        if kind != "jsonl":
            lines += [f"byte-order-mark = {rng.choice(['true', 'false'])}"] if self.chance(0.1) else []
            if "quoting = none" not in lines:
                lines += [f"decimal-comma = {rng.choice(['true', 'true', 'false'])}"] if self.chance(0.15) else []
        if "quoting = none" not in lines:
            formats = ["%d.%m.%Y", "%Y%m%d", "%F; %FT%T%z", "%j %a %H.%M.%S,%f %z", "%e %h %Z %s", "%D; %D %R %Z",
                       "%-d.%-m.%y %-I:%-M:%-S %p %Z"]
            lines += [f"date-format = {rng.choice(formats)}"] if self.chance(0.15) else []
        if {"delimiter = space", "quoting = none"} <= set(lines) and any(" " in name for name in node.columns):
            lines[lines.index("quoting = none")] = "quoting = all"
        if {"null = -", "delimiter = -", "quoting = none"} <= set(lines):
            lines[lines.index("null = -")] = "null = NA"
        word = {"": "none", ".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz", ".lz4": "lz4"}[packed]
        lines += [f"compression = {rng.choice(['auto', word])}"] if self.chance(0.4) else []
        if path != "-" and self.chance(0.3):
            modes = ["replace", "fail-if-exists"] + (["append"] if kind not in ("table", "markdown") else [])
            mode = rng.choice(modes)
            lines.append(f"mode = {mode}")
            if mode != "fail-if-exists" and not packed:
                self.files[path] = b"{}\n" if kind == "jsonl" else b"what stood there\n"
            if mode == "append" and kind in ("csv", "tsv"):
                lines[:] = [line for line in lines if not line.startswith("header")] + ["header = false"]
        self.groups.append((f"sink o{self.outputs}", lines))

    def write(self, folder):
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        if "[plugin " in self.text:
            shutil.copy(self.plugin, folder / "score.so")
        (folder / "job.ini").write_text(self.text)

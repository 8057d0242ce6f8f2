"""Miller's verb and I/O cases as jobs.

Each verb becomes stages, or raises Unmapped with the reason. Accumulators that follow another rule (percentiles without
interpolation, the first of equally frequent values, uncorrected skewness) are left out of a case, which goes on with
the rest. Numbers are printed with eight decimals there. An empty field is an empty string there and null here.
"""
import csv
import io
import json
import re

from jobs import Case, Unmapped, header_of, listed, literal, quoted, section

ACCUMULATORS = {
    "mean": "mean({0})", "sum": "sum({0})", "count": "count({0})", "min": "min({0})", "max": "max({0})",
    "var": "var({0})", "stddev": "std({0})", "meaneb": "sem({0})", "first": "first({0})", "last": "last({0})",
    "distinct_count": "nunique({0})", "null_count": "count() - count({0})",
}


class Chain:
    """Stages so far, and the columns behind them."""

    def __init__(self, columns):
        self.columns = list(columns)
        self.sections = []
        self.types = {}  # of source columns that must not be inferred
        self.infer = True
        self.ordered = True
        self.left_out = set()
        self.file = []  # the columns of a join's own file
        self.missing_is_empty = False

    def stage(self, kind, pairs):
        self.sections.append(section(kind, f"s{len(self.sections)}", pairs))

    def need(self, names):
        for name in names:
            if name not in self.columns:
                raise Unmapped(f"column '{name}' is missing, which is an error here")

    def select(self, pairs):
        """pairs: (old, new), in order."""
        self.stage("select",
                   [("columns", "; ".join(f"{quoted(a)} as {quoted(b)}" if a != b else quoted(a) for a, b in pairs))])
        self.columns = [b for _, b in pairs]


def flags(argv, with_value, without=()):
    """Takes an argv apart: flags with a value, flags without, the rest."""
    found, rest, i = {}, [], 1
    while i < len(argv):
        word = argv[i]
        if word in with_value:
            found[word] = argv[i + 1]
            i += 2
        elif word in without:
            found[word] = True
            i += 1
        elif word.startswith("-"):
            raise Unmapped(f"{argv[0]} {word} has no counterpart")
        else:
            rest.append(word)
            i += 1
    return found, rest


def verb_cat(chain, argv):
    found, _ = flags(argv, ("-g",), ("-n",))
    if "-n" in found:
        groups = found["-g"].split(",") if "-g" in found else []
        chain.need(groups)
        chain.stage("row-number", [("as", "n")] + ([("by", listed(groups))] if groups else []))
        chain.columns.append("n")
        chain.select([(name, name) for name in ["n"] + chain.columns[:-1]])


def verb_tac(chain, argv):
    flags(argv, ())
    columns = list(chain.columns)
    chain.stage("row-number", [("as", '"n of tac"')])
    chain.stage("sort", [("by", '"n of tac" desc')])
    chain.select([(name, name) for name in columns])


def verb_cut(chain, argv):
    found, _ = flags(argv, ("-f",), ("-x", "-o"))
    names = found["-f"].split(",")
    if "-x" in found:
        names = [name for name in chain.columns if name not in names]
    elif "-o" not in found:
        names = [name for name in chain.columns if name in names]
    chain.need(names)
    chain.select([(name, name) for name in names])


def verb_head(chain, argv):
    found, _ = flags(argv, ("-n",))
    chain.stage("limit", [("rows", found.get("-n", "10"))])


def verb_rename(chain, argv):
    _, rest = flags(argv, ())
    words = rest[0].split(",")
    names = [(name, name) for name in chain.columns]
    for old, new in zip(words[::2], words[1::2]):
        if old in [b for _, b in names]:
            names = [pair for pair in names if pair[1] != new or old == new]
            names = [(a, new if b == old else b) for a, b in names]
    chain.select(names)


def verb_label(chain, argv):
    _, rest = flags(argv, ())
    new = rest[0].split(",")
    if len(set(new)) != len(new):
        raise Unmapped("Miller's check of its own argument")
    new = new[: len(chain.columns)]
    kept = [name for name in chain.columns[len(new):] if name not in new]
    chain.select(list(zip(chain.columns, new)) + [(name, name) for name in kept])


def verb_reorder(chain, argv):
    found, _ = flags(argv, ("-f", "-a", "-b"), ("-e",))
    names = [name for name in found["-f"].split(",") if name in chain.columns]
    anchor = found.get("-a") or found.get("-b")
    rest = [name for name in chain.columns if name not in names]
    if anchor is not None and anchor not in rest:
        order = chain.columns
    elif anchor is not None:
        at = rest.index(anchor) + ("-a" in found)
        order = rest[:at] + names + rest[at:]
    elif "-e" in found:
        order = rest + names
    else:
        order = names + rest
    chain.select([(name, name) for name in order])


def verb_template(chain, argv):
    found, _ = flags(argv, ("-f",))
    names = found["-f"].split(",")
    chain.need(names)
    rest = [name for name in chain.columns if name not in names]
    chain.select([(name, name) for name in names])


def verb_sort(chain, argv):
    items, i = [], 1
    chain.infer = False
    while i < len(argv):
        names = argv[i + 1].split(",")
        chain.need(names)
        if argv[i] in ("-nf", "-nr"):
            chain.types.update({name: "float" for name in names})
        elif argv[i] not in ("-f", "-r"):
            raise Unmapped(f"sort {argv[i]} has no counterpart")
        items += [quoted(name) + (" desc" if argv[i] in ("-r", "-nr") else "") for name in names]
        i += 2
    chain.stage("sort", [("by", "; ".join(items))])


def group_by(chain, names, pairs):
    chain.stage("group-by", ([("by", listed(names))] if names else []) + [("order", "appearance")] * bool(names)
                + pairs)
    chain.columns = list(names) + [key.strip('"') for key, _ in pairs]


def verb_stats1(chain, argv):
    found, _ = flags(argv, ("-a", "-f", "-g"), ("-i", "-F"))
    groups = found["-g"].split(",") if "-g" in found else []
    names = found["-f"].split(",")
    chain.need(groups + names)
    pairs = []
    for name in names:
        for word in found["-a"].split(","):
            percentile = re.fullmatch(r"p(\d+)", "p50" if word == "median" else word)
            if word in ACCUMULATORS:
                pairs.append((quoted(f"{name}_{word}"), ACCUMULATORS[word].format(quoted(name))))
            elif percentile and ("-i" in found or int(percentile[1]) in (0, 100)):
                pairs.append((quoted(f"{name}_{word}"), f"quantile({quoted(name)}, {int(percentile[1]) / 100})"))
            elif (word in ("mode", "antimode", "mad", "median", "skewness", "kurtosis", "minlen",
                           "maxlen") or percentile):
                chain.left_out.add(f"{name}_{word}")
            else:
                raise Unmapped(f"accumulator {word} does not exist")
    if not pairs:
        raise Unmapped("every accumulator of it follows another rule")
    group_by(chain, groups, pairs)


def verb_stats2(chain, argv):
    found, _ = flags(argv, ("-a", "-f", "-g"))
    groups = found["-g"].split(",") if "-g" in found else []
    names = found["-f"].split(",")
    chain.need(groups + names)
    ours = [word for word in found["-a"].split(",") if word in ("cov", "corr")]
    if not ours:
        raise Unmapped("regressions do not exist")
    pairs = [
        (quoted(f"{x}_{y}_{word}"), f"{word}({quoted(x)}, {quoted(y)})")
        for x, y in zip(names[::2], names[1::2])
        for word in ours
    ]
    chain.left_out |= {"*"}
    group_by(chain, groups, pairs)


def verb_count(chain, argv):
    found, _ = flags(argv, ("-g", "-o"))
    groups = found["-g"].split(",") if "-g" in found else []
    chain.need(groups)
    group_by(chain, groups, [(quoted(found.get("-o", "count")), "count()")])


def verb_count_distinct(chain, argv):
    found, _ = flags(argv, ("-f", "-o"), ("-n", "-u"))
    names = found["-f"].split(",")
    chain.need(names)
    if "-u" in found:
        count_distinct_of_each(chain, names)
    elif "-n" in found:
        chain.stage("distinct", [("by", listed(names))])
        group_by(chain, [], [('"count"', "count()")])
    else:
        group_by(chain, names, [(quoted(found.get("-o", "count")), "count()")])


def verb_uniq(chain, argv):
    found, _ = flags(argv, ("-g", "-x", "-o"), ("-a", "-c", "-n"))
    names = chain.columns
    if "-g" in found:
        names = found["-g"].split(",")
    elif "-x" in found:
        names = [name for name in chain.columns if name not in found["-x"].split(",")]
    chain.need(names)
    output = found.get("-o", "count")
    if "-n" in found:
        chain.stage("distinct", [("by", listed(names))])
        group_by(chain, [], [(quoted(output), "count()")])
    elif "-c" in found:
        group_by(chain, names, [(quoted(output), "count()")])
        if "-a" in found:
            chain.select([(output, output)] + [(name, name) for name in names])
    else:
        chain.stage("distinct", [("by", listed(names))])
        if "-x" in found:
            chain.select([(name, name) for name in names])


def verb_top(chain, argv):
    found, _ = flags(argv, ("-n", "-f", "-g", "-o"), ("-a", "-F", "--min", "--max"))
    names, groups = found["-f"].split(","), found["-g"].split(",") if "-g" in found else []
    if len(names) > 1:
        raise Unmapped("columns that are ranked each on their own")
    chain.need(names + groups)
    sort = quoted(names[0]) + ("" if "--min" in found else " desc")
    chain.stage("top-k", ([("by", listed(groups))] if groups else []) + [("sort", sort), ("k", found.get("-n", "1"))])
    if "-a" not in found:
        chain.left_out.add("top_idx")
        chain.select([(name, name) for name in groups] + [(names[0], names[0] + "_top")])
    chain.ordered = not groups


def verb_most_frequent(chain, argv, direction=" desc"):
    found, _ = flags(argv, ("-f", "-n", "-o"), ("-b",))
    names, output = found["-f"].split(","), found.get("-o", "count")
    chain.need(names)
    group_by(chain, names, [(quoted(output), "count()")])
    chain.stage("sort", [("by", quoted(output) + direction)])
    chain.stage("limit", [("rows", found.get("-n", "10"))])
    if "-b" in found:
        chain.select([(name, name) for name in names])


def verb_least_frequent(chain, argv):
    verb_most_frequent(chain, argv, "")


def verb_fill_empty(chain, argv):
    found, _ = flags(argv, ("-v",))
    chain.infer = False
    chain.stage("derive",
                [(quoted(name), f"coalesce({quoted(name)}, {literal(found['-v'])})") for name in chain.columns])


def verb_join(chain, argv):
    """The stream is our left input, and Miller's left file our right one: it is the one that is kept."""
    argv = [word for given in argv for word in (given.split("=", 1) if given.startswith("--") else [given])]
    found, _ = flags(argv, ("-f", "-l", "-r", "-j", "--lk", "--lp", "--rp"),
                     ("--np", "--ul", "--ur", "-s", "--ignore-empty"))
    ours = found.get("-r") or found["-j"]
    theirs = found.get("-l") or found.get("-j")
    output = found.get("-j") or theirs
    chain.need([ours])
    taken = [name for name in chain.file if name != theirs]
    if "--lk" in found:
        taken = [name for name in taken if name in found["--lk"].split(",")]
    called = {name: found.get("--lp", "left_") + name if name in chain.columns else name for name in taken}
    rest = [(name, found.get("--rp", "right_") + name if name in taken else name)
            for name in chain.columns if name != ours]
    how = "full" if "--ul" in found and "--ur" in found else "right" if "--ul" in found else "left"
    pairs = [("input", "in"), ("right", "file"), ("on", f"{quoted(ours)} = {quoted(theirs)}"),
             ("how", how if how != "left" or "--ur" in found else "inner")]
    if "--np" not in found:
        chain.stage("join", pairs + [("take", "; ".join(f"{quoted(a)} as {quoted('left ' + b)}"
                                                        for a, b in called.items()))])
        chain.select([(ours, output)] + [("left " + b, b) for b in called.values()] + rest)
    else:
        alone = []
        if "--ur" in found:
            alone.append(("ours", pairs[:3], [(ours, output)] + rest))
        if "--ul" in found:
            swapped = [("input", "file"), ("right", "in"), ("on", f"{quoted(theirs)} = {quoted(ours)}")]
            alone.append(("theirs", swapped, [(theirs, output)] + list(called.items())))
        for name, settings, names in alone:
            chain.sections.append(section("join", name + "-alone", settings + [("how", "anti")]))
            chain.sections.append(section("select", name, [
                ("columns", "; ".join(f"{quoted(a)} as {quoted(b)}" for a, b in names))]))
        chain.stage("union", [("inputs", "; ".join(name for name, _, _ in alone)), ("missing", "null")])
        chain.columns = [output] + [b for _, _, names in alone for _, b in names[1:]]
    # A merge of sorted inputs gives rows without a match between the others.
    chain.ordered = "-s" not in found
    chain.missing_is_empty = True


def verb_unsparsify(chain, argv):
    flags(argv, ())
    if not chain.missing_is_empty:
        raise Unmapped("records of different columns do not exist")


def count_distinct_of_each(chain, names):
    chain.infer = False
    chain.stage("unpivot", [("columns", listed(names)), ("names-to", "field"), ("values-to", "value")])
    group_by(chain, ["field", "value"], [("count", "count()")])
    chain.ordered = False


VERBS = {name[5:].replace("_", "-"): verb for name, verb in list(globals().items()) if name.startswith("verb_")}
WITHOUT_STAGE = {
    "step": "windows do not exist yet", "count-similar": "windows do not exist yet",
    "fill-down": "windows do not exist yet", "rank": "windows do not exist yet", "decimate": "sampling does not exist",
    "histogram": "histograms do not exist", "seqgen": "makes its own input",
    "merge-fields": "aggregates across columns do not exist",
    "nest": "columns that depend on the data do not exist", "sparsify": "records of different columns do not exist",
    "having-fields": "records of different columns do not exist",
    "summary": "a command of its own (describe), not a stage",
    "describe": "a command of its own, not a stage", "group-by": "rows are never regrouped without an aggregate",
    "skip-trivial-records": "tests whole records at once",
    "remove-empty-columns": "columns that depend on the data do not exist",
}


def columns_of(path, names):
    """The header; @names for an empty file: what the cases' other files have there."""
    return header_of(path) if path.stat().st_size else names


def without_header(path, names):
    return [] if path.stat().st_size else [("header", "false"), ("columns", listed(names))]


def verb_case(folder, item):
    paths = [folder / "miller" / "input" / name for name in item["input"]]
    for argv in item["verbs"]:
        if argv[0] not in VERBS:
            raise Unmapped(WITHOUT_STAGE[argv[0]])
    if item["expect"]["kind"] != "rows":
        raise Unmapped("Miller's check of its own arguments")
    if not paths:
        raise Unmapped("makes its own input")
    if not all(path.exists() for path in paths):
        raise Unmapped("its input is not here")
    headers = [columns_of(path, ["r", "y"]) for path in paths]
    if any(header != headers[0] for header in headers):
        raise Unmapped("records of different columns do not exist")
    chain = Chain(headers[0])
    sources = []
    if "left" in item:
        left = folder / "miller" / "input" / item["left"]
        chain.file = columns_of(left, ["l", "x"])
        sources.append(section("source", "file", [("path", left)] + without_header(left, chain.file)))
    for argv in item["verbs"]:
        VERBS[argv[0]](chain, argv)
    rows = item["expect"]["rows"]
    columns = [name for name in chain.columns if name not in chain.left_out]
    for row in rows:
        extra = [name for name in row if name not in columns and name not in chain.left_out]
        missing = not chain.missing_is_empty and any(name not in row for name in columns)
        if (extra and "*" not in chain.left_out) or missing:
            raise Unmapped("records of different columns do not exist")
    source = [("path", "; ".join(str(path) for path in paths))] + without_header(paths[0], headers[0])
    if not chain.infer:
        source.append(("infer", "false"))
    if chain.types:
        source.append(("types", "; ".join(f"{quoted(name)}:{kind}" for name, kind in chain.types.items())))
    return Case(
        id=item["id"], sections=sources + [section("source", "in", source)] + chain.sections, kind="rows",
        rows=[[None if row.get(name, "") == "" else str(row[name]) for name in columns] for row in rows],
        columns=columns if rows else None, ordered=chain.ordered, tolerance=1e-8, null_is_empty=True,
        bytes=sum(path.stat().st_size for path in paths),
    )


def dkvp(text):
    records = [[pair.partition("=")[::2] for pair in line.split(",")] for line in text.splitlines()]
    if any([k for k, _ in record] != [k for k, _ in records[0]] for record in records):
        raise Unmapped("records of different columns do not exist")
    return [[k for k, _ in records[0]]] + [[v for _, v in record] for record in records] if records else []


def xtab(text):
    """A key and a value a line, an empty line between records."""
    return dkvp("\n".join(",".join("=".join(line.split(None, 1)) for line in record.splitlines())
                          for record in text.split("\n\n")))


def written(words, text):
    """Names and rows of what Miller printed."""
    if "--odkvp" in words:
        return dkvp(text)
    if "--oxtab" in words:
        return xtab(text)
    if "--opprint" in words:
        return [line.split() for line in text.splitlines()]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "--otsv" in words else ","))
    return rows if not {"-N", "--headerless-csv-output"} & set(words) else [None] + rows


def take_apart(words):
    """Flags, those with a value, and the verb with its own."""
    alone = {"--csv", "--csvlite", "--icsv", "--icsvlite", "--ocsv", "--otsv", "--odkvp", "--skip-comments", "-N",
             "--oxtab", "--opprint", "--headerless-csv-output"}
    given, i = {}, 0
    while i < len(words) and words[i] not in VERBS:
        if words[i] in ("--irs", "--ors", "--ifs", "--prepipe"):
            given[words[i]] = words[i + 1]
            i += 1
        elif words[i] not in alone:
            raise Unmapped(f"{words[i]} has no counterpart")
        i += 1
    return given, words[i:]


def io_source(words, given, paths, expected):
    source = [("infer", "false")]
    if "--prepipe" in given:
        # Miller reads and writes its input there, which changes nothing.
        source.append(("command", f"cat {paths[0]}"))
    else:
        source.append(("path", "; ".join(str(path) for path in paths)))
    if "--ifs" in given:
        source.append(("delimiter", given["--ifs"]))
    if "-N" in words:
        source.append(("header", "false"))
        source.append(("columns", "; ".join(str(i + 1) for i in range(len(header_of(paths[0]))))))
    if not any(path.read_bytes().strip() for path in paths):
        source += [("header", "false"), ("columns", "none")]
    if expected and [] in expected:
        source.append(("blank-lines", "row"))
    if "--skip-comments" in words:
        source.append(("comment", "#"))
    return source


def io_case(folder, item):
    words = item["flags"]
    given, verb = take_apart(words)
    if not verb:
        raise Unmapped(f"{words[-1]} has no counterpart")
    paths = [folder / "miller" / "io_input" / name for name in item["input"]]
    if not all(path.exists() for path in paths):
        raise Unmapped("its input is not here")
    expected = None if item["expect_error"] else written(words, item["expect_stdout"])
    if any(header_of(path) != header_of(paths[0])
           for path in paths if path.stat().st_size and "--skip-comments" not in words):
        raise Unmapped("records of different columns do not exist")
    source = io_source(words, given, paths, expected)
    header = [] if verb == ["cat"] else header_of(paths[0], given.get("--ifs", ","))
    chain = Chain([str(i + 1) for i in range(len(header))] if "-N" in words else header)
    VERBS[verb[0]](chain, verb)
    return Case(
        id=item["id"], sections=[section("source", "in", source)] + chain.sections,
        kind="error" if expected is None else "rows",
        rows=[row or [""] for row in expected[1:]] if expected else [], columns=expected[0] if expected else None,
        null_is_empty=True, tolerance=1e-8,
        bytes=sum(path.stat().st_size for path in paths),
    )


def cases(folder):
    for item in json.loads((folder / "miller" / "verb_cases.json").read_text("utf-8")):
        yield item["id"], lambda item=item: verb_case(folder, item)
    for item in json.loads((folder / "miller" / "io_cases.json").read_text("utf-8")):
        yield item["id"], lambda item=item: io_case(folder, item)

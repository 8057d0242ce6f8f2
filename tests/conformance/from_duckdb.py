"""DuckDB's CSV reader cases as jobs: options become keys of the source, simple selects become stages.

What DuckDB guesses and a case does not say (delimiter, header, lines to skip, # for comments) is passed by hand: the
first of a few dialects with which Python's csv module reads the rows the case expects. DuckDB reads a quoted empty
field as null, so "" is among the null values here.
"""
import csv
import io
import itertools
import json
import re

from jobs import Case, Unmapped, quoted, section, text_of

csv.field_size_limit(1 << 30)

TYPES = {
    "varchar": "string", "string": "string", "text": "string", "char": "string", "bool": "bool", "boolean": "bool",
    "tinyint": "int", "smallint": "int", "int": "int", "integer": "int", "bigint": "int", "uinteger": "int",
    "ubigint": "int",
    "hugeint": "decimal(38,0)", "float": "float", "double": "float", "real": "float", "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp with zone", "decimal": "decimal(18,3)", "decimal(18,15)": "decimal(18,15)",
}
IGNORED = {
    "buffer_size", "sample_size", "parallel", "auto_detect", "format", "new_line", "header", "delim", "delimiter",
    "sep", "columns", "column_types", "dtypes", "types", "names", "all_varchar", "skip", "nullstr", "null",
    "ignore_errors", "store_rejects", "strict_mode", "quote", "escape", "comment", "dateformat", "decimal_separator",
    "thousands", "encoding", "compression", "max_line_size", "maximum_line_size", "allow_quoted_nulls", "null_padding",
    "timestampformat", "force_not_null",
}
PERFECT = 7  # of Reader.score() of rows
DATA_ERRORS = ("Line:", "unicode", "nterminated", "Number of Columns", "onvert", "Maximum line size", "strict mode",
               "max_line_size", "do not exist in the CSV File", "Type with name", "This type was either manually set",
               "must not appear in the DECIMAL_SEPARATOR",
               "COMMENT must not appear", "reached an invalid state", "correct file encoding",
               "correct file compression", "automatically detect the CSV parsing dialect", "Error when sniffing")
SELECT = re.compile(
    r"^(?:select (?P<list>.+?) )?from <(?:csv|table)>(?: where (?P<where>\w+ = \d+))?(?: group by (?P<group>\w+))?"
    r"(?: order by (?P<order>.+?))?(?: limit (?P<limit>\d+))?$", re.IGNORECASE)


def truth(value):
    return value in (True, 1, "true", "1", "TRUE")


def our_type(name):
    name = re.sub(r"\s*(/\*.*\*/|not null|primary key|unique)\s*", "", name.lower()).replace(" ", "")
    name = re.sub(r"^(varchar|char)\(\d+\)$", "varchar", name)
    if re.fullmatch(r"decimal\(\d+,\d+\)", name):
        return name
    if name not in TYPES:
        raise Unmapped(f"type {name} does not exist")
    return TYPES[name]


def loose(value):
    """A cell as far as two readers agree on it before types are known."""
    if value in ("", "NULL", "(empty)", None):
        return ""
    try:
        return float(value)
    except ValueError:
        return value


class Reader:
    """The dialect of a case: as given, or as guessed from what it expects."""

    def __init__(self, path, options, item):
        self.options = options
        given = next((options[key] for key in ("delim", "delimiter", "sep") if key in options), None)
        if given is None and "auto_detect" in options and not truth(options["auto_detect"]):
            given = ","
        # The SQL's tabs have become spaces in cases.json.
        self.delimiter = "\t" if given in ("\\t", " ") else given
        self.quote = options.get("quote", '"')
        if self.delimiter in ("", "NULL"):
            raise Unmapped("no delimiter at all")
        if len(self.quote) > 1 or len(options.get("escape", "")) > 1:
            raise Unmapped("DuckDB's check of its own options")
        auto = truth(options.get("auto_detect", True))
        self.header = truth(options["header"]) if "header" in options else None if auto else False
        self.padding = truth(options.get("null_padding", False))
        self.skip = int(options.get("skip", 0))
        encoding = options.get("encoding", "utf-8")
        self.text = None if path.suffix == ".zst" else text_of(path, encoding)
        has_comments = not self.header and re.search(r"^[ \t]*#", self.text or "", re.MULTILINE)
        self.comment = options.get("comment", "#" if has_comments else "")
        self.guess(item)

    def records(self, delimiter):
        lines = self.text.split("\n", self.skip)[-1] if self.skip else self.text
        if self.comment:
            kept = [line for line in lines.splitlines(True) if not line.lstrip(" \t").startswith(self.comment)]
            lines = "".join(kept)
        if len(delimiter) > 1:
            # Python's module takes one character; no case has this one.
            lines, delimiter = lines.replace(delimiter, "\x1f"), "\x1f"
        reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter, quotechar=self.quote or None,
                            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE)
        records = [record for record in reader if record]
        width = max(map(len, records), default=0) if self.padding else 0
        return [record + [""] * (width - len(record)) for record in records]

    def guess(self, item):
        delimiters = [self.delimiter] if self.delimiter else [",", "|", ";", "\t"]
        auto = truth(self.options.get("auto_detect", True)) and "table" not in item
        headers = [self.header] if self.header is not None else [True, False] if auto else [False, True]
        names = self.options.get("columns") or [column["name"] for column in item.get("table", [])]
        if self.header is None and names and not isinstance(names, int) and self.text:
            first = self.text.split("\n")[min(self.skip, self.text.count("\n"))].lower()
            is_open = "table" in item or "names" in self.options
            headers = [True] if all(name.lower() in first for name in names) else headers if is_open else [False]
        best = self.best(delimiters, headers, item)
        if best[0] < PERFECT and not self.given_up(item):
            # Lines above the table, if all is well below them.
            for self.skip in range(1, 6):
                better = self.best(delimiters, headers, item)
                if better[0] == PERFECT:
                    best = better
                    break
        _, self.delimiter, self.header, self.skip = best

    def given_up(self, item):
        """Whether rows may be missing, so that nothing tells which lines were skipped."""
        return ("skip" in self.options or item["expect"]["kind"] != "rows" or "where" in str(item.get("select")).lower()
                or truth(self.options.get("store_rejects", False)) or "rejects_table" in self.options
                or (truth(self.options.get("ignore_errors", False)) and not self.padding))

    def best(self, delimiters, headers, item):
        """score, delimiter, header, lines to skip"""
        best = (-1, delimiters[0], headers[0], self.skip)
        for delimiter, header in itertools.product(delimiters, headers):
            try:
                records = self.records(delimiter)[1 if header else 0:] if self.text is not None else []
            except (csv.Error, ValueError):
                continue
            score = self.score(records, item)
            if score > best[0]:
                best = (score, delimiter, header, self.skip)
        return best

    @staticmethod
    def score(records, item):
        expect = item["expect"]
        width = max((len(record) for record in records[:50]), default=0)
        if expect["kind"] == "rows_loaded":
            return 2 * (len(records) == expect["n"]) + (width == len(item["table"]))
        if expect["kind"] == "rows" and re.search(r"count\(\*\)", item.get("select") or "", re.IGNORECASE):
            return 2 * (str(len(records)) == expect["rows"][0][0]) + (width > 1)
        if expect["kind"] == "rows" and expect["rows"]:
            first = [loose(cell) for cell in expect["rows"][0]]
            same = bool(records) and [loose(cell) for cell in records[0][: len(first)]] == first
            return 2 * (len(records) == len(expect["rows"])) + 4 * same + (width == len(first))
        return width > 1

    def width(self):
        if self.text is None:
            return 0
        try:
            return max((len(record) for record in self.records(self.delimiter)[:1]), default=0)
        except (csv.Error, ValueError):
            return 0

    def names(self):
        try:
            records = self.records(self.delimiter)
        except (csv.Error, ValueError) as problem:
            raise Unmapped("its header cannot be read to name the columns") from problem
        if not records:
            raise Unmapped("a header and types by position for an empty file")
        return records[0]


def columns_of(item, options, reader):
    """Names and types of the columns, in order, as far as the case gives them."""
    given = item.get("table")
    if given:
        return [(column["name"], our_type(column["type"])) for column in given]
    columns = options.get("columns")
    if isinstance(columns, dict):
        return [(name, our_type(kind)) for name, kind in columns.items()]
    if columns is not None:
        raise Unmapped("columns that are no list of names and types")
    names = options.get("names")
    width = reader.width()
    if names is None:
        digits = len(str(max(width - 1, 0)))
        names = ([name or f"column{i}" for i, name in enumerate(reader.names())]
                 if reader.header and reader.text is not None
                 else [f"column{i:0{digits}}" for i in range(width)])
    types = next((options[key] for key in ("column_types", "dtypes", "types") if key in options), {})
    if isinstance(types, list):
        types = dict(zip(names, types))
    if not isinstance(types, dict) or any(name not in names for name in types):
        raise Unmapped("DuckDB's check of its own options")
    return [(name, our_type(types[name]) if name in types else None) for name in names]


def source(path, item, options, reader):
    for key in options:
        if key not in IGNORED:
            raise Unmapped(f"option {key} has no counterpart")
    pairs = [("path", path), ("header", str(reader.header).lower()),
             ("delimiter", {"\t": "\\t"}.get(reader.delimiter, reader.delimiter))]
    columns = columns_of(item, options, reader)
    wider = reader.header and reader.padding and "" in reader.names()
    if wider or (reader.header and ("table" in item or "columns" in options or "names" in options)):
        # Names of the case's own stand in for the header's.
        pairs[1] = ("header", "false")
        options = dict(options, skip=reader.skip + 1)
    if dict(pairs)["header"] == "false" and columns:
        pairs.append(("columns", "; ".join(quoted(name) for name, _ in columns)))
    if any(kind for _, kind in columns):
        pairs.append(("types", "; ".join(f"{quoted(name)}:{kind}" for name, kind in columns if kind)))
    if truth(options.get("all_varchar", False)):
        pairs.append(("infer", "false"))
    padded = any(text != text.strip() for row in item["expect"].get("rows", []) for text in row)
    if (any(kind not in (None, "string") for _, kind in columns) and reader.delimiter + " " in (reader.text or "")
            and not padded):
        # DuckDB's casts overlook outer spaces.
        pairs.append(("trim", "true"))
    if reader.comment:
        pairs.append(("comment", reader.comment))
    if reader.padding:
        pairs.append(("short-rows", "null"))
    simple(pairs, dict({"skip": reader.skip}, **options), [name for name, _ in columns])
    return pairs, [name for name, _ in columns]


def simple(pairs, options, names):
    if "quote" in options and options["quote"] != '"':
        pairs.append(("quote", options["quote"] or "none"))
    if options.get("escape", '"') not in ('"', "", options.get("quote", '"')):
        pairs.append(("escape", options["escape"]))
    if int(options.get("skip", 0)):
        pairs.append(("skip-rows", options["skip"]))
    nulls = options.get("nullstr", options.get("null", ""))
    nulls = nulls if isinstance(nulls, list) else [nulls]
    if truth(options.get("allow_quoted_nulls", True)):
        nulls = [""] + [text for text in nulls if text]
    # Columns that shall have no nulls go without null values; what is empty without quotes is null in any case.
    without = options.get("force_not_null", [])
    pairs.append(("null-values", "; ".join(f"{quoted(name)}:{quoted(text)}" for text in nulls for name in names
                                           if name not in without) if without
                  else "; ".join(quoted(text) for text in nulls)))
    if truth(options.get("ignore_errors", False)) or truth(options.get("store_rejects", False)):
        pairs.append(("on-bad-row", "skip"))
    if "strict_mode" in options and not truth(options["strict_mode"]):
        pairs.append(("lax-quotes", "true"))
    formats = [options[key] for key in ("dateformat", "timestampformat") if key in options]
    if formats:
        pairs.append(("date-format", "; ".join(formats)))
    if options.get("new_line") == "\\r\\n" and truth(options.get("strict_mode", True)):
        pairs.append(("line-end", "crlf"))
    if options.get("decimal_separator", ".") == ",":
        pairs.append(("decimal-comma", "true"))
    elif options.get("decimal_separator", ".") != ".":
        raise Unmapped("DuckDB's check of its own options")
    if options.get("thousands"):
        pairs.append(("thousands", options["thousands"]))
    if "encoding" in options:
        pairs.append(("encoding", options["encoding"]))
    size = options.get("max_line_size", options.get("maximum_line_size"))
    if size is not None:
        pairs.append(("max-record-size", size))
    compression = options.get("compression", "auto").lower()
    if compression not in ("auto", "infer", "auto_detect"):
        pairs.append(("compression", compression))


def stages(select, names):
    """A simple select as stages."""
    select = re.sub(r"from \(from <csv>\) as t$", "FROM <CSV>", select.strip(), flags=re.IGNORECASE)
    found = SELECT.match(select)
    if not found:
        raise Unmapped(f"the query {select!r} has no counterpart here")
    sections, chosen = [], found["list"] or "*"
    if found["where"]:
        sections.append(section("filter", "s0", [("where", found["where"])]))
    aggregate = re.fullmatch(r"(?:(\w+), )?(count\(\*\)|count\(1\)|sum\((\w+)\))(?: cnt)?", chosen, re.IGNORECASE)
    if aggregate:
        value = f"sum({quoted(aggregate[3])})" if aggregate[3] else "count()"
        sections.append(section("group-by", "s1",
                                ([("by", found["group"])] if found["group"] else []) + [('"cnt"', value)]))
        if found["order"]:
            sections.append(section("sort", "s2", [("by", found["order"])]))
    elif found["group"] or not re.fullmatch(r"\*|\w+(, ?\w+)*", chosen):
        raise Unmapped(f"the query {select!r} has no counterpart here")
    else:
        if found["order"]:
            order = ("; ".join(quoted(name) for name in names) if found["order"] == "all"
                     else found["order"].replace(",", ";"))
            sections.append(section("sort", "s2", [("by", order)]))
        if chosen != "*":
            sections.append(section("select", "s3", [("columns", chosen.replace(",", ";"))]))
    if found["limit"]:
        sections.append(section("limit", "s4", [("rows", found["limit"])]))
    return sections


def cell(text):
    return None if text == "NULL" else "" if text == "(empty)" else text


def case(folder, item):
    path = folder / "duckdb" / item["file"]
    options, expect = item["options"], item["expect"]
    if not path.exists():
        raise Unmapped("its file is not here")
    if (expect["kind"] == "error"
            and not any(word in text for word in DATA_ERRORS for text in expect["message_contains"])):
        raise Unmapped("an error of DuckDB's own options, types or guesses")
    reader = Reader(path, options, item)
    pairs, names = source(path, item, options, reader)
    sections = [section("source", "in", pairs)]
    if item.get("select"):
        sections += stages(item["select"], names)
    kind = {"rows": "rows", "rows_loaded": "count", "error": "error", "success": "success",
            "no_crash": "alive"}[expect["kind"]]
    return Case(
        id=item["id"], sections=sections, kind=kind, count=expect.get("n"),
        rows=[[cell(text) for text in row] for row in expect.get("rows", [])],
        ordered=not expect.get("unordered", False), bytes=path.stat().st_size,
    )


def seed(path):
    """A file that once crashed a reader: it may be refused, in good order."""
    return Case(id="seed-" + path.parent.name + "-" + path.name, sections=[section("source", "in", [("path", path)])],
                kind="alive", bytes=path.stat().st_size)


def cases(folder):
    for item in json.loads((folder / "duckdb" / "cases.json").read_text("utf-8")):
        yield item["id"], lambda item=item: case(folder, item)
    for path in sorted((folder / "duckdb" / "fuzz_seeds").rglob("*")):
        if path.is_file():
            yield "seed-" + path.parent.name + "-" + path.name, lambda path=path: seed(path)

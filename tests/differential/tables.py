"""Random input: tables of every type, written in every dialect that a source's keys describe, whole or with rows that
are bad.

A table is columns (name → kind) and rows (lists of values: texts, numbers as they are to be written, or None). What the
values are does not matter here, as results are only compared with each other; reference.py has what another program can
compute.
"""
import bz2
import datetime
import gzip
import lzma
import struct
import subprocess

TYPES = {"text": "string", "int": "int", "float": "float", "decimal": "decimal(12,3)", "bool": "bool", "date": "date",
         "ts": "timestamp",
         "zoned": "timestamp with zone"}
TEXTS = ["a", "b", "B", "ab", "x,y", 'say "hi"', "two\nlines", "Zürich", "10", "007", "zz top", "-", " pad ", "", "",
         "=1+1", "+49", "@x", "a/b/c", "NA", "x" * 130, "semi;colon", "tab\there", "back\\slash", "|pipe|",
         "29.02.2024"]
FLOATS = ["0.1", "1.50", "-2.25", "1e5", "-0.0", "1e-300", "0.12345678901234567890", "3", "12345.678", "1e300",
          "-7.125", "0.3333333333333333"]
# The first two words are what `date-format` is; the third whether times are written.
DATE_FORMATS = [("%d.%m.%Y", False), ("%Y/%m/%d", False), ("%d.%m.%Y %H:%M:%S", True)]


def value(rng, kind):
    """One value as its text by default habits, or None."""
    if rng.random() < 0.15:
        return None
    if kind == "text":
        return rng.choice(TEXTS)
    if kind == "int":
        return str(rng.choice([rng.randint(-9, 9), rng.randint(-9, 9), rng.randint(-5000, 5000),
                               rng.randint(-10**15, 10**15)]))
    if kind == "float":
        return rng.choice(FLOATS) if rng.random() < 0.5 else f"{rng.randint(-4000, 4000) / 100:.2f}"
    if kind == "decimal":
        return f"{rng.randint(-99999, 99999) / 1000:.3f}" if rng.random() < 0.7 else str(rng.randint(-99, 99))
    if kind == "bool":
        return rng.choice(["true", "false"])
    day = (datetime.datetime(2020, 1, 1) + datetime.timedelta(days=rng.randint(-9000, 9000) if rng.random() < 0.5
                                                              else rng.randint(0, 5)))
    if kind == "date":
        return day.strftime("%Y-%m-%d")
    moment = day + datetime.timedelta(seconds=rng.randint(0, 86399) if rng.random() < 0.7 else 0)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (rng.choice(["+00:00", "Z", "+02:00"]) if kind == "zoned" else "")


def zstd(data):
    """A frame of blocks that are stored as they are, so that no library is needed."""
    blocks = [data[i:i + 65536] for i in range(0, len(data), 65536)] or [b""]
    frame = struct.pack("<IBB", 0xFD2FB528, 0, 0x50)
    for number, block in enumerate(blocks):
        frame += struct.pack("<I", len(block) << 3 | (number == len(blocks) - 1))[:3] + block
    return frame


def lz4(data):
    return subprocess.run(["lz4", "-q", "-c", "-z", "-"], input=data, capture_output=True, check=True).stdout


class Dialect:
    """How files of one source are written, and the keys that say so."""

    def __init__(self, rng, plain):
        self.rng, self.keys = rng, []
        self.delimiter, self.quote, self.escape, self.comment = ",", '"', None, None
        self.decimal_comma, self.thousands, self.dates, self.encoding = False, None, None, "utf-8"
        self.trim, self.blank_rows, self.nulls, self.header, self.skip, self.compression = (False, False, [], True, 0,
                                                                                            None)
        self.end = rng.choice(["\n", "\n", "\r\n"])
        habits = [self.draw_delimiter, self.draw_quote, self.draw_numbers, self.draw_dates, self.draw_encoding,
                  self.draw_lines, self.draw_nulls, self.draw_compression, self.draw_ragged,
                  self.draw_bytes]
        self.footer = self.behind = 0
        for draw in [] if plain else rng.sample(habits, rng.randint(1, 4)):
            draw()
        if not plain and rng.random() < 0.2:
            self.draw_edges()
        if self.quote is None and self.delimiter == ",":
            # Nothing could hold the comma.
            self.decimal_comma, self.thousands = False, None
            self.keys = [key for key in self.keys if not key.startswith(("decimal-comma", "thousands"))]

    def say(self, key, word):
        self.keys.append(f"{key} = {word}")

    def draw_delimiter(self):
        word, self.delimiter = self.rng.choice([("tab", "\t"), ("comma", ","), ("semicolon", ";"), ("pipe", "|"),
                                                ("space", " "), (";", ";"),
                                                ("~", "~"), ("||", "||"), ("<>", "<>"), ("\\x1f", "\x1f"),
                                                ("¦", "¦")])
        self.say("delimiter", word)
        if self.rng.random() < 0.1:
            self.delimiter = self.rng.choice(",;\t|")
            self.keys[-1] = "delimiter = auto"

    def draw_quote(self):
        way = self.rng.choice(["single", "none", "escape", "double"])
        if way == "single":
            self.quote = "'"
            self.say("quote", "'")
        elif way == "none":
            self.quote = None
            self.say("quote", "none")
        elif way == "escape":
            self.escape = "\\"
            self.say("escape", "\\")
        else:
            self.say("quote", '"')
        if self.rng.random() < 0.5:
            self.say("lax-quotes", self.rng.choice(["true", "false"]))

    def draw_edges(self):
        self.footer = self.rng.randint(0, 2)
        self.say("skip-footer", self.footer)
        if self.header:
            self.behind = self.rng.randint(0, 2)
            self.say("skip-after-header", self.behind)
        self.say("empty-files", self.rng.choice(["fail", "skip"]))

    def draw_bytes(self):
        self.say("invalid-utf8", self.rng.choice(["bad", "replace"]))
        self.say("nul-bytes", self.rng.choice(["bad", "drop"]))

    def draw_ragged(self):
        self.say("short-rows", self.rng.choice(["null", "null", "bad"]))
        self.say("long-rows", self.rng.choice(["cut", "cut", "bad"]))
        if self.rng.random() < 0.5:
            only = self.end == "\r\n" and self.rng.random() < 0.5
            self.say("line-end", "crlf" if only else self.rng.choice(["lf", "any"]))

    def draw_numbers(self):
        self.decimal_comma = self.rng.random() < 0.7
        self.say("decimal-comma", "true" if self.decimal_comma else "false")
        if self.rng.random() < 0.5:
            self.thousands = "." if self.decimal_comma else "'"
            self.say("thousands", self.thousands)

    def draw_dates(self):
        self.dates = self.rng.choice(DATE_FORMATS)
        self.say("date-format", self.dates[0])

    def draw_encoding(self):
        self.encoding = self.rng.choice(["utf-8", "latin1", "utf-16"])
        self.say("encoding", self.encoding)

    def draw_lines(self):
        if self.rng.random() < 0.5:
            self.comment = self.rng.choice(["#", "#", "##", "//"])
            self.say("comment", self.comment)
        if self.rng.random() < 0.4:
            self.skip = self.rng.randint(0, 2)
            self.say("skip-rows", self.skip)
        if self.rng.random() < 0.4:
            self.blank_rows = self.rng.random() < 0.7
            self.say("blank-lines", "row" if self.blank_rows else "skip")
        self.header = self.rng.random() < 0.6
        self.say("header", "true" if self.header else "false")

    def draw_nulls(self):
        self.nulls = self.rng.choice([["NA"], ["NA", "-"], ["NA", '""']])
        self.say("null-values", "; ".join(self.nulls))
        if self.rng.random() < 0.3:
            self.say("true-values", "ja; oui")
            self.say("false-values", "nein")
        self.trim = self.rng.random() < 0.5
        self.say("trim", "true" if self.trim else "false")

    def draw_compression(self):
        self.compression = self.rng.choice(["none", "gzip", "zstd", "bzip2", "xz", "lz4"])
        self.say("compression", self.compression if self.rng.random() < 0.5 else "auto")

    def text(self, word, kind):
        """A value by the habits of numbers and dates."""
        if word is None or kind in ("text", "bool", "zoned"):
            return word
        if kind in ("date", "ts"):
            if self.dates is None:
                return word
            moment = datetime.datetime.fromisoformat(word)
            if kind == "date" or not self.dates[1]:
                moment = moment.replace(hour=0, minute=0, second=0)
            return moment.strftime(self.dates[0])
        head, point, tail = word.partition(".")
        if self.thousands and "e" not in word and len(head.lstrip("-")) > 3 and self.rng.random() < 0.7:
            head = f"{int(head):,}".replace(",", self.thousands)
        return head + (("," if self.decimal_comma else ".") + tail if point else "")

    def field(self, word):
        if word is None:
            return self.rng.choice(["", "", *(null for null in self.nulls if null != '""')])
        special = (any(c in word for c in (self.delimiter[0], "\n", "\r", self.quote or "\n", self.comment or "\n"))
                   or word == "" or word != word.strip())
        if self.quote is None:
            return word.translate({ord(c): "_" for c in (*self.delimiter, "\n", "\r")})
        if not special and self.rng.random() < 0.93:
            return word
        if self.escape is not None:
            inner = word.replace(self.escape, self.escape * 2).replace(self.quote, self.escape + self.quote)
        else:
            inner = word.replace(self.quote, self.quote * 2)
        blank = self.rng.choice(["", " "]) if self.trim and self.delimiter != " " else ""
        return blank + self.quote + inner + self.quote + blank

    def record(self, words):
        line = self.delimiter.join(map(self.field, words))
        if line == "" and not self.blank_rows and self.quote is not None:
            line = self.quote * 2
        # A quote that is not at the field's start is data.
        if (self.trim and self.rng.random() < 0.2 and self.delimiter not in " \t"
                and not line.startswith(self.quote or "\n")):
            line = " " + line
        return line

    def file(self, columns, rows, defects):
        """The bytes of a file. @defects: how many lines are made bad."""
        lines = ["dropped line"] * self.skip
        if self.header:
            lines.append(self.record(list(columns)))
            lines += ["a line, that is dropped"] * self.behind
        first = len(lines)
        for row in rows:
            lines.append(self.record([self.text(word, kind) for word, kind in zip(row, columns.values())]))
            if self.comment and self.rng.random() < 0.1:
                lines.append(self.rng.choice(["", "", "  "]) + self.comment + " a comment, with a comma")
            if self.rng.random() < 0.03:
                lines.append("")
        for _ in range(defects if len(lines) > first else 0):
            place = self.rng.randint(first, len(lines) - 1)
            lines[place] = self.rng.choice([lines[place] + self.delimiter + "more", "few", lines[place] + "\0",
                                            self.delimiter.join(["misfit"] * len(columns)),
                                            f'"text" behind{self.delimiter}' + lines[place],
                                            "y" * 3000 + self.delimiter + lines[place]])
        lines += ["the end"] * self.footer
        text = self.end.join(lines) + (self.end if self.rng.random() < 0.8 else "")
        data = text.encode(self.encoding, errors="replace")
        if defects and self.encoding == "utf-8" and self.rng.random() < 0.2:
            data = data.replace("ü".encode(), b"\xfc", 1)
        return self.compressed(data)

    def compressed(self, data):
        whole = {"none": bytes, "zstd": zstd, "bzip2": bz2.compress, "xz": lzma.compress, "lz4": lz4}
        if self.compression != "gzip":
            return whole[self.compression or "none"](data)
        cut = self.rng.randint(0, len(data))
        return b"".join(gzip.compress(part, mtime=0)
                        for part in ([data] if self.rng.random() < 0.6 else [data[:cut], data[cut:]]))

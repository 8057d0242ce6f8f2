"""What the translators of conformance cases share: a case, and the pieces of a job file."""
import csv
import dataclasses
import gzip
import io


class Unmapped(Exception):
    """The case asks for something the program does not have, or means differently."""


@dataclasses.dataclass
class Case:
    """A job and what it must give.

    kind: "rows"; "count" (of rows); "error" (a failure with a message); "success"; "alive" (ends by itself, well or
        not)
    columns: names to compare; None: by position only
    left_out: columns of the result that follow another rule and are not compared, by name
    """

    id: str
    sections: list
    kind: str
    rows: list = None
    count: int = None
    columns: list = None
    ordered: bool = True
    tolerance: float = 1e-9
    null_is_empty: bool = False
    bytes: int = 0


def quoted(name):
    """A column in an expression or a list."""
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def section(kind, name, pairs):
    lines = [f"[{kind} {name}]"] + [f"{key} = {value}" for key, value in pairs]
    return "\n".join(lines) + "\n"


def listed(names):
    return "; ".join(quoted(name) for name in names)


def text_of(path, encoding="utf-8"):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.decode(encoding, "surrogateescape").removeprefix("\ufeff")


def header_of(path, delimiter=","):
    # Python's module takes one character.
    text = text_of(path).replace(delimiter, "\x1f")
    return next(csv.reader(io.StringIO(text, newline=""), delimiter="\x1f"))

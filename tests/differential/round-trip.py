#!/usr/bin/python3
"""What sinks write is read back as it was: random tables of every type, through every setting of CSV and TSV.

  round-trip.py PIPELINE [--jobs N] [--seed S] [--only N]

A table is written as CSV or TSV and as JSON lines, which tell null from empty text. What is read back with the same
types gives the same JSON lines; and what is read back without types, and passes through, is written with the same
bytes. Two things do not come back: a null that is all of a row of one text is an empty text, because a blank line is no
row; and a text that is the word for null is null, quoted or not, as it is to pandas and DuckDB. The seed gives the
jobs. Ends with `N passed, N failed`.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

MODES = [("serial", None), ("threads", "7"), ("threads", "1KiB"), ("processes", "64")]
TEXTS = ["", "x", " ", " x ", "a,b", "a;b", "a\tb", 'say "x"', '"', '""', "a\nb", "a\r\nb", "\r", "null", "NULL", "NA",
         "nan", "-", "0", "007", "1.5", "2024-01-31", "true", "\ufeff", "\ufeffx", "=1+1", "'", "é日本", "\u200b", "#",
         "# x", "//", "\\", "a\\", "\\n", "x" * 300]
NUMBERS = {
    "int": ["0", "7", "-7", "007", "+5", "9223372036854775807", "-9223372036854775808", "1e2"],
    "float": ["0.5", "-0.0", "1.50", "1e300", "5e-324", "nan", "inf", "-inf", "0.1", "12345678901234567890", ".5", "7"],
    "decimal(38,10)": ["0", "1.5", "-0.0000000001", "9999999999999999999999999999.9999999999", "7.0"],
    "bool": ["true", "false", "TRUE", "f", "1"],
    "date": ["2024-01-31", "0001-01-01", "9999-12-31"],
    "timestamp": ["2024-01-31 12:00:00", "2024-01-31T12:00:00.123456", "1969-12-31 23:59:59.5", "2024-01-31"],
}
TYPES = ["string", *NUMBERS]


def quote(text):
    return '"' + text.replace('"', '""') + '"'


class Trip:
    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.word = rng.choice(["NA", "-", "NULL"]) if rng.random() < 0.25 else None
        self.types = [rng.choice(TYPES) for _ in range(rng.choice([1, 1, 2, 3, 5]))]
        if rng.random() < 0.2:
            self.types = [self.types[0]] * len(self.types)
        self.computed = rng.random() < 0.4
        self.rows = [[self.value(kind) for kind in self.types] for _ in range(rng.choice([0, 1, 3, 10, 60]))]
        self.kind = rng.choice(["csv", "tsv"])
        self.sink, self.source = self.settings()

    def value(self, kind):
        """A cell as it stands in the input."""
        rng = self.rng
        if rng.random() < 0.25:
            return ""
        if kind == "string":
            known = rng.choice([one for one in TEXTS if one != self.word])
            return quote(known if rng.random() < 0.8 else "".join(rng.choices('a",;\t\n\r .', k=4)))
        return quote(rng.choice(NUMBERS[kind])) if rng.random() < 0.2 else rng.choice(NUMBERS[kind])

    def settings(self):
        """The keys of a sink, and those of a source that reads what it writes."""
        rng, sink, source = self.rng, [], []
        delimiter = "tab" if self.kind == "tsv" else ","
        if rng.random() < 0.3:
            delimiter = rng.choice([";", "|", "tab", " "])
            sink.append(f"delimiter = {'space' if delimiter == ' ' else delimiter}")
        source.append(f"delimiter = {'space' if delimiter == ' ' else delimiter}")
        if rng.random() < 0.3:
            sink.append("quoting = all")
        if rng.random() < 0.25:
            sink.append("line-end = crlf")
        if rng.random() < 0.2:
            sink.append("byte-order-mark = true")
        if rng.random() < 0.2 and delimiter != ",":
            sink.append("decimal-comma = true")
            source.append("decimal-comma = true")
        if self.word is not None:
            sink.append(f"null = {self.word}")
            source.append(f"null-values = {self.word}")
        return sink, source

    def names(self):
        return [f"c{i}" for i in range(len(self.types))]

    def first_job(self):
        pins = "; ".join(f"{name}:{kind}" for name, kind in zip(self.names(), self.types))
        lines = ["[source in]", "path = in.csv", f"types = k:int; {pins}"]
        if self.computed:
            lines += ["[derive d]", *(f"{name} = coalesce({name}, null)" for name in self.names())]
        lines += ["[select s]", "drop = k"]
        lines += ["[sink out]", f"path = out.{self.kind}", *self.sink, "[sink first]", "path = first.jsonl"]
        return "\n".join(lines) + "\n"

    def second_job(self):
        pins = "; ".join(f"{name}:{kind}" for name, kind in zip(self.names(), self.types))
        read = [f"path = out.{self.kind}", *self.source]
        lines = ["[source typed]", *read, f"types = {pins}", "[sink second]", "path = second.jsonl"]
        lines += ["[source guessed]", *read, "[sink again]", f"path = again.{self.kind}", *self.sink]
        return "\n".join(lines) + "\n"

    def data(self):
        rows = ["k," + ",".join(self.names())]
        rows += [f"{k}," + ",".join(row) for k, row in enumerate(self.rows)]
        return "\n".join(rows) + "\n"

    def expected(self, first):
        """What comes back of the lines of @first."""
        if self.types == ["string"] and self.word is None:
            return first.replace('{"c0":null}', '{"c0":""}')
        return first


def run(program, folder, name, text, mode, size):
    (folder / name).write_text(text, newline="")
    command = [program, "run", name, "-q", "--set", f"run.mode={mode}", "--set", "run.workers=2"]
    command += ["--set", f"run.block-size={size}"] if size else []
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else f"{name} in mode {mode}: exit {done.returncode}\n{done.stderr}"


def complaint_of(program, trip, mode, size):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "in.csv").write_text(trip.data(), newline="")
        wrong = run(program, folder, "first.ini", trip.first_job(), mode, size)
        wrong = wrong or run(program, folder, "second.ini", trip.second_job(), mode, size)
        if wrong:
            return wrong
        read = {one: (folder / one).read_bytes() for one in (f"out.{trip.kind}", f"again.{trip.kind}")}
        first = trip.expected((folder / "first.jsonl").read_text())
        second = (folder / "second.jsonl").read_text()
        if first != second:
            return f"read back otherwise:\n{first}---\n{second}--- by way of\n{read[f'out.{trip.kind}']}"
        if len(set(read.values())) != 1:
            return f"written otherwise: {read}"
        return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    failed, numbers = 0, [options.only] if options.only is not None else range(options.jobs)
    for number in numbers:
        trip = Trip(f"{options.seed} {number}")
        wrong = complaint_of(options.program, trip, *MODES[number % len(MODES)])
        if wrong:
            failed += 1
            print(f"--- job {number} of seed {options.seed}: {wrong}")
            print(trip.first_job() + trip.second_job() + trip.data())
    print(f"{len(numbers) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

"""csv-spectrum: files and the JSON they must be read as. Everything is text there, so nothing is inferred."""
import json

from jobs import Case, section


def case(path, records):
    # An empty field is null here and an empty string there.
    return Case(
        id="spectrum-" + path.stem, sections=[section("source", "in", [("path", path), ("infer", "false")])],
        kind="rows", rows=[list(record.values()) for record in records], columns=list(records[0]), null_is_empty=True,
        bytes=path.stat().st_size,
    )


def cases(folder):
    for path in sorted((folder / "csv-spectrum" / "csvs").glob("*.csv")):
        records = json.loads((folder / "csv-spectrum" / "json" / (path.stem + ".json")).read_text("utf-8"))
        yield "spectrum-" + path.stem, lambda path=path, records=records: case(path, records)

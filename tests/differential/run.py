#!/usr/bin/python3
"""Runs jobs on the real datasets and compares the results, cell by cell, with sqlite3's and pandas', which are not this
program.

Numbers agree within 1e-9 of their size (both peers round as they go), everything else exactly. Each job also runs in
every mode and at odd block sizes, and must give the same bytes each time.
"""
import csv
import io
import math
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us
import sqlite3
import subprocess
import tempfile
import warnings

import pandas

# Groups of one row have no deviation; pandas says so on stderr each time.
warnings.simplefilter("ignore")

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATASETS = ROOT / "datasets"
RUNS = (("serial", 1, None), ("threads", 2, "65536"), ("threads", 3, "1000"), ("processes", 2, "30011"))

# name, file, stages, SQL over the table t
SQL = [
    ("by-origin", "flights-100k.csv", """
[group-by g]
by = origin
n = count()
delays = count(delay)
total = sum(delay)
mean = mean(delay)
least = min(delay)
most = max(delay)
far = max(distance)
""", "select origin, count(*), count(delay), sum(delay), avg(delay), min(delay), max(delay), max(distance) from "
     "t group by origin order by origin"),
    ("by-route", "flights-100k.csv", """
[group-by g]
by = origin; destination
n = count()
mean = mean(delay)
speed = sum(distance) / count()
""", "select origin, destination, count(*), avg(delay), sum(distance) * 1.0 / count(*) from t group by 1, 2 "
     "order by 1, 2"),
    ("late-share", "flights-100k.csv", """
[derive d]
late = delay > 15
[group-by g]
by = origin
late = sum(if(late, 1, 0))
seen = count(late)
having = seen > 500
[sort s]
by = late desc; origin
""", "select origin, sum(delay > 15) l, count(delay) from t group by origin having count(delay) > 500 order by "
     "l desc, origin"),
    ("filter", "flights-100k.csv", """
[filter f]
where = distance between 2000 and 2400 and (origin in ('LAX', 'SFO') or destination like 'J%') and delay is not null
""", "select date, delay, distance, origin, destination from t where distance between 2000 and 2400 and (origin "
     "in ('LAX','SFO') or destination like 'J%') and delay is not null"),
    ("by-month", "flights-100k.csv", """
[derive d]
month = month(date)
hour = hour(date)
[group-by g]
by = month; hour
n = count()
total = sum(delay)
""", "select cast(strftime('%m', date) as integer) m, cast(strftime('%H', date) as integer) h, count(*), "
     "sum(delay) from t group by m, h order by m, h"),
    ("distinct-origins", "flights-100k.csv", """
[group-by g]
by = destination
origins = count(distinct origin)
first = min(origin)
""", "select destination, count(distinct origin), min(origin) from t group by destination order by destination"),
    ("sorted", "flights-100k.csv", """
[sort s]
by = distance desc; delay; origin
[limit l]
rows = 500
""", "select date, delay, distance, origin, destination from t order by distance desc, delay is null, delay, "
     "origin, rowid limit 500"),
    ("top-k", "flights-100k.csv", """
[top-k worst]
by = origin
sort = delay desc
k = 2
[select c]
columns = origin; date; delay
""", "select origin, date, delay from (select *, row_number() over (partition by origin order by delay is null, "
     "delay desc, rowid) r from t) where r <= 2 order by origin, r"),
    ("row-number", "flights-100k.csv", """
[row-number place]
as = place
[row-number in-route]
by = origin; destination
as = flight
start = 0
[filter some]
where = flight % 100 = 7 or place > 99990
""", "select * from (select date, delay, distance, origin, destination, row_number() over (order by rowid) p, "
     "row_number() over (partition by origin, destination order by rowid) - 1 f from t) where f % 100 = 7 or p "
     "> 99990 order by p"),
    ("tail", "flights-100k.csv", """
[filter far]
where = distance > 1000
[tail last]
rows = 3000
""", "select date, delay, distance, origin, destination from (select *, rowid r from t where distance > 1000 "
     "order by rowid desc limit 3000) order by r"),
    ("airports", "airports.csv", """
[group-by g]
by = state; country
n = count()
north = max(latitude)
longest = max(length(name))
""", "select state, country, count(*), max(latitude), max(length(name)) from t group by state, country order by "
     "state is null, state, country is null, country"),
    ("airports-names", "airports.csv", """
[filter f]
where = lower(name) like '%county%' and state is not null
[select s]
columns = iata; name; city
[distinct d]
by = city
""", "select iata, name, city from (select *, row_number() over (partition by city order by rowid) r, rowid o "
     "from t where lower(name) like '%county%' and state is not null) where r = 1 order by o"),
    ("weather", "seattle-weather.csv", """
[derive d]
year = year(date)
[group-by g]
by = year; weather
days = count()
rain = sum(precipitation)
warm = mean(temp_max)
wind = max(wind)
""", "select cast(strftime('%Y', date) as integer) y, weather, count(*), sum(precipitation), avg(temp_max), "
     "max(wind) from t group by y, weather order by y, weather"),
]


def by(frame, keys):
    return frame.groupby(keys, dropna=False, sort=True)


# name, file, stages, function of a data frame giving the rows
PANDAS = [
    ("statistics", "flights-100k.csv", """
[group-by g]
by = origin
median = median(delay)
p95 = quantile(delay, 0.95)
std = std(delay)
var = var(delay)
sem = sem(delay)
corr = corr(delay, distance)
cov = cov(delay, distance)
""", lambda t: [[k, g.delay.median(), g.delay.quantile(0.95), g.delay.std(), g.delay.var(), g.delay.sem(),
                 g.delay.corr(g.distance), g.delay.cov(g.distance)]
                for k, g in by(t, "origin")]),
    ("weather-statistics", "seattle-weather.csv", """
[group-by g]
by = weather
median = median(temp_max)
q10 = quantile(precipitation, 0.1)
std = std(wind)
skew = skew(temp_min)
kurt = kurtosis(temp_min)
corr = corr(temp_max, temp_min)
""", lambda t: [[k, g.temp_max.median(), g.precipitation.quantile(0.1), g.wind.std(), g.temp_min.skew(),
                 g.temp_min.kurt(), g.temp_max.corr(g.temp_min)]
                for k, g in by(t, "weather")]),
    ("first-last", "flights-100k.csv", """
[group-by g]
by = origin
first = first(date)
last = last(destination)
least = arg_min(date, distance)
most = arg_max(destination, distance)
mode = mode(destination)
""", lambda t: [[k, g.date.iloc[0], g.destination.iloc[-1], g.date[g.distance.idxmin()],
                 g.destination[g.distance.idxmax()], g.destination.mode().iloc[0]]
                for k, g in by(t, "origin")]),
    ("numbered", "seattle-weather.csv", """
[row-number r]
by = weather; temp_max > 15
as = seen
[tail last]
rows = 500
[select s]
columns = date; seen
""", lambda t: t.assign(seen=t.groupby([t.weather, t.temp_max > 15]).cumcount() + 1)
                .tail(500)[["date", "seen"]].values.tolist()),
    ("harmonic", "flights-100k.csv", """
[group-by g]
by = origin
mean = harmonic_mean(distance)
""", lambda t: [[k, len(g) / (1 / g.distance).sum()] for k, g in by(t, "origin")]),
    ("whole", "seattle-weather.csv", """
[group-by g]
n = count()
median = median(wind)
product = product(1 + precipitation / 1000)
""", lambda t: [[len(t), t.wind.median(), (1 + t.precipitation / 1000).prod()]]),
]


def load(name):
    frame = pandas.read_csv(DATASETS / name, keep_default_na=False, na_values=[""])
    return frame


def sqlite_rows(name, sql):
    with open(DATASETS / name, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    frame = load(name)
    kinds = {"i": "integer", "f": "real", "O": "text", "b": "integer"}
    columns = ", ".join(f'"{c}" {kinds[frame[c].dtype.kind]}' for c in rows[0])
    database = sqlite3.connect(":memory:")
    database.execute("pragma case_sensitive_like = on")
    database.execute(f"create table t ({columns})")
    database.executemany(f"insert into t values ({','.join('?' * len(rows[0]))})",
                         ([None if v == "" else v for v in row] for row in rows[1:]))
    return [list(row) for row in database.execute(sql)]


def run(program, file, stages, folder):
    """The result as rows of text, after checking that every mode gives the same bytes."""
    job = folder / "job.ini"
    job.write_text(f"[source rows]\npath = {DATASETS / file}\n{stages}\n[sink out]\npath = out.csv\n")
    outputs = set()
    for mode, workers, size in RUNS:
        command = [program, "run", str(job), "--mode", mode, "-j", str(workers)]
        command += ["--set", f"run.block-size={size}"] if size else []
        result = subprocess.run(command, capture_output=True, timeout=300)
        if result.returncode or result.stderr:
            return None, f"{mode}: exit {result.returncode}: {result.stderr.decode()}"
        outputs.add((folder / "out.csv").read_bytes())
    if len(outputs) != 1:
        return None, "the modes give different bytes"
    return list(csv.reader(io.StringIO(outputs.pop().decode())))[1:], None


def same(ours, theirs):
    if theirs is None or (isinstance(theirs, float) and math.isnan(theirs)):
        return ours == ""
    if isinstance(theirs, str):
        return ours == theirs
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


def compare(ours, theirs):
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, expected {len(theirs)}"
    for number, (a, b) in enumerate(zip(ours, theirs), 1):
        if len(a) != len(b) or not all(map(same, a, b)):
            return f"row {number}: {a}, expected {b}"
    return None


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    passed = failed = 0
    expected = [(n, f, s, lambda f=f, q=q: sqlite_rows(f, q)) for n, f, s, q in SQL]
    expected += [(n, f, s, lambda f=f, q=q: q(load(f))) for n, f, s, q in PANDAS]
    for name, file, stages, peer in expected:
        with tempfile.TemporaryDirectory(prefix="pipeline-differential-") as folder:
            ours, wrong = run(program, file, stages, pathlib.Path(folder))
        wrong = wrong or compare(ours, peer())
        if wrong:
            print(f"{name}: {wrong}")
            failed += 1
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

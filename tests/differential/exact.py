#!/usr/bin/python3
"""Rounding functions and aggregates of numbers on random tables, against Python's decimals and fractions, byte by byte.

  exact.py PIPELINE [--jobs N] [--seed S] [--only N]

Numbers come in every form that files have: with zeros at the end, with exponents, with digits near and far from the
point, all in one column. A number is what its text says, whatever stands beside it. Each job runs in every mode and at
odd block sizes. The seed gives the jobs. Ends with `N passed, N failed`.
"""
import argparse
import decimal
import fractions
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import leash  # noqa: F401, E402: what is started here ends with us

Fraction, Decimal = fractions.Fraction, decimal.Decimal
decimal.getcontext().prec = 2000
MINUS_ZERO = re.compile(r"(?<![^,\n])-0\.0(?![^,\n])")
SIZES = ["13", "101", "4099", None]


def random_number(rng):
    """A text of at most 17 digits that count."""
    kind = rng.random()
    if kind < 0.25:
        return f"{rng.randint(-10**4, 10**4) / 100}"
    if kind < 0.4:
        return str(rng.randint(-10**rng.randint(1, 15), 10**15)) + rng.choice(["", ".0", ".000000000000000000000"])
    if kind < 0.55:
        return f"0.{rng.randint(0, 9999):04}" + "0" * rng.choice([0, 5, 20, 34])
    if kind < 0.7:
        return repr(rng.uniform(-1, 1) * 10.0 ** rng.randint(-20, 20))
    if kind < 0.8:
        return f"{rng.randint(-999, 999)}{rng.choice('eE')}{rng.choice(['', '+', '-'])}{rng.randint(0, 40)}"
    if kind < 0.85:
        return repr(rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 300))
    return rng.choice(["0.1", "0.10", "1e-1", "0.100000000000000000000", "-0.0", "0", "2.675", "1.005", "2.5e0"])


def rounded(value):
    """The nearest double, as the program prints it."""
    try:
        return repr(value.numerator / value.denominator)
    except OverflowError:
        return "inf" if value > 0 else "-inf"


def root(value):
    try:
        return math.sqrt(value.numerator / value.denominator)
    except OverflowError:
        return math.inf


def moments(values):
    """sum, mean, var, std, sem, skew, kurtosis of fractions."""
    n = len(values)
    if n == 0:
        return [""] * 7
    mean = sum(values) / n
    m2, m3, m4 = (sum((v - mean) ** k for v in values) for k in (2, 3, 4))
    found = [rounded(sum(values)), rounded(mean)]
    if n < 2:
        return found + [""] * 5
    var = m2 / (n - 1)
    found += [rounded(var), repr(root(var)), repr(root(var / n))]
    if n < 3 or m2 == 0:
        return found + ["", ""]
    square = Fraction(n * (n - 1), (n - 2) ** 2) * (m3 / n) ** 2 / (m2 / n) ** 3
    found.append(repr(math.copysign(root(square), 1 if m3 > 0 else -1) if m3 else 0.0))
    if n < 4:
        return found + [""]
    excess = Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * (m4 / n) / (m2 / n) ** 2 - 3 * (n - 1))
    return found + [rounded(excess)]


def products(pairs):
    """cov and corr."""
    n = len(pairs)
    if n < 2:
        return ["", ""]
    mean_x, mean_y = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    xy = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    xx, yy = sum((x - mean_x) ** 2 for x, _ in pairs), sum((y - mean_y) ** 2 for _, y in pairs)
    if xx == 0 or yy == 0:
        return [rounded(xy / (n - 1)), ""]
    corr = root(xy * xy / (xx * yy))
    return [rounded(xy / (n - 1)), repr(-corr if xy < 0 else corr)]


def quantile(values, share):
    """Type 7, of doubles, as the program defines it; the middle is rounded once."""
    if not values:
        return ""
    floats = sorted(float(v) for v in values)
    place = share * (len(floats) - 1)
    rank = int(place)
    low, high, part = floats[rank], floats[min(rank + 1, len(floats) - 1)], place - rank
    if low == high or part == 0:
        return repr(low)
    if math.isinf(low) or math.isinf(high):
        return repr(low + high)
    if part == 0.5:
        return repr((low + high) / 2 if math.isfinite(low + high) else low / 2 + high / 2)
    scale = 1 if math.isfinite(high - low) else 2
    distance = high / scale - low / scale
    return repr(scale * (high / scale - distance * (1 - part) if part >= 0.5 else low / scale + distance * part))


def round_text(text, digits, rule):
    """A double goes by the decimal that it is printed as."""
    value = float(text)
    printed = Decimal(repr(value))
    if printed.as_tuple().exponent < -digits:
        printed = printed.quantize(Decimal(1).scaleb(-digits), rule)
    return repr(math.copysign(float(printed), value))


def rounding_job(rng):
    digits = [rng.randint(-4, 18) for _ in range(3)]
    texts = [random_number(rng) for _ in range(rng.choice([1, 40, 300]))]
    wide, scale = rng.choice([(4, 2), (18, 6), (38, 20), (38, 38), (9, 0)])
    most = 10**wide - 1
    units = [rng.choice([1, -1]) * rng.choice([rng.randint(0, most), most, (most + 1) // 2]) for _ in texts]
    decimals = [f"{Decimal(u).scaleb(-scale):f}" for u in units]
    lines = ["[source t]", "path = t.csv", f"types = x:float; d:decimal({wide},{scale})", "[derive r]"]
    calls = [(column, i, name) for column in "xd" for i in range(3) for name in ("round", "trunc")]
    lines += [f"{name}_{column}{i} = {name}({column}, {digits[i]})" for column, i, name in calls]
    lines += ["up = ceil(d)", "down = floor(d)", "[select s]", "drop = x; d", "[sink out]", "path = out.csv"]
    rows = [",".join([f"{name}_{column}{i}" for column, i, name in calls] + ["up", "down"])]
    for text, number in zip(texts, decimals):
        cells = [round_text(text, d, rule) for d in digits for rule in (decimal.ROUND_HALF_UP, decimal.ROUND_DOWN)]
        exact = Decimal(number)
        for d in digits:
            for rule in (decimal.ROUND_HALF_UP, decimal.ROUND_DOWN):
                value = exact if d >= scale else exact.quantize(Decimal(1).scaleb(-d), rule)
                cells.append(plain(value, scale if d >= scale else max(d, 0)))
        cells += [plain(exact.quantize(Decimal(1), rule), 0) for rule in (decimal.ROUND_CEILING, decimal.ROUND_FLOOR)]
        rows.append(",".join(cells))
    table = "x,d\n" + "".join(f"{x},{d}\n" for x, d in zip(texts, decimals))
    return "\n".join(lines) + "\n", table, "\n".join(rows) + "\n"


def plain(value, scale):
    text = f"{value.quantize(Decimal(1).scaleb(-scale)):f}"
    return text.lstrip("-") if not value else text


def aggregate_job(rng):
    names = rng.choice([["a"], ["a", "b", "c"], [f"g{i}" for i in range(40)]])
    spread = rng.random() < 0.3
    rows = []
    for _ in range(rng.choice([0, 1, 3, 30, 400])):
        x = rng.choice(["0.1", "0.10", "0.1000000000000000000000000"]) if spread else random_number(rng)
        x, y = ("" if rng.random() < 0.1 else text for text in (x, random_number(rng)))
        rows.append((rng.choice(names), x, y))
    simple = [f"{name} = {name}(x)" for name in ("sum", "mean", "var", "std", "sem", "skew", "kurtosis")]
    more = ["median = median(x)", "q = quantile(x, 0.3)"]
    lines = ["[source t]", "path = t.csv", "types = x:float; y:float"]
    lines += rng.choice([[], ["[sort s]", "by = y"], ["[filter f]", "where = k != 'zz'"]])
    kept = rng.random() < 0.5
    lines += ["[group-by g]", "by = k", *simple, "cov = cov(x, y)", "corr = corr(x, y)"] + (more if kept else [])
    lines += ["[sink out]", "path = out.csv"]
    wanted = ["k,sum,mean,var,std,sem,skew,kurtosis,cov,corr" + (",median,q" if kept else "")]
    for name in sorted({row[0] for row in rows}):
        values = [Fraction(x) for k, x, _ in rows if k == name and x]
        pairs = [(Fraction(x), Fraction(y)) for k, x, y in rows if k == name and x and y]
        cells = [name, *moments(values), *products(pairs)]
        wanted.append(",".join(cells + ([quantile(values, 0.5), quantile(values, 0.3)] if kept else [])))
    table = "k,x,y\n" + "".join(",".join(row) + "\n" for row in rows)
    return "\n".join(lines) + "\n", table, "\n".join(wanted) + "\n"


def check(program, rng, number):
    job, table, wanted = aggregate_job(rng) if number % 2 else rounding_job(rng)
    with tempfile.TemporaryDirectory(prefix="pipeline-exact-") as name:
        folder = pathlib.Path(name)
        (folder / "t.csv").write_text(table)
        (folder / "job.ini").write_text(job)
        for mode, workers in (("serial", 1), ("threads", rng.randint(2, 5)), ("processes", rng.randint(1, 3))):
            size = rng.choice(SIZES)
            command = [program, "run", "job.ini", f"--mode={mode}", f"-j{workers}"]
            command += [f"--set=run.block-size={size}"] if size else []
            result = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
            got = (folder / "out.csv").read_text() if result.returncode == 0 else ""
            # What is left of -0.04 has a sign for the program, and in Python's fractions none.
            alike = re.sub(MINUS_ZERO, "0.0", got) == re.sub(MINUS_ZERO, "0.0", wanted)
            if result.returncode or result.stderr or not alike:
                lines = [f"{g}\n{w}" for g, w in zip(got.split("\n"), wanted.split("\n")) if g != w][:3]
                return f"{command[3:]}: exit {result.returncode} {result.stderr.decode()}\n{job}\n" + "\n".join(lines)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one job")
    options = parser.parse_args()
    program, failed = str(options.program.resolve()), 0
    numbers = range(options.jobs) if options.only is None else [options.only]
    for number in numbers:
        wrong = check(program, random.Random(f"{options.seed}/{number}"), number)
        if wrong:
            failed += 1
            print(f"job {number} of seed {options.seed}: {wrong}", flush=True)
    print(f"{len(numbers) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

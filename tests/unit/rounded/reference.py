#!/usr/bin/env python3
"""Writes reference.txt: functions of doubles to 60 digits, by Python's decimal, which neither the program nor MPFR
knows of. Numbers drawn at random, numbers built to be hard, and those nearest to the middle of two doubles among 60
million (hard.txt)."""
import math
import pathlib
import random
from decimal import Decimal, getcontext

getcontext().prec = 110
getcontext().Emin, getcontext().Emax = -10000, 10000
SIXTY = getcontext().copy()
SIXTY.prec = 60
HERE = pathlib.Path(__file__).parent


def logarithm(x, base):
    return Decimal(x).ln() / Decimal(base).ln()


FUNCTIONS = {"exp": lambda x: Decimal(x).exp(), "ln": lambda x: Decimal(x).ln(), "log10": lambda x: Decimal(x).log10(),
             "log2": lambda x: logarithm(x, 2), "power": lambda x, y: (Decimal(x).ln() * Decimal(y)).exp(),
             "log": logarithm}


def drawn(numbers):
    for _ in range(60):
        wide = math.ldexp(numbers.uniform(1, 2), numbers.randrange(-1022, 1023))
        near = 1 + math.ldexp(numbers.uniform(-1, 1), -numbers.randrange(2, 50))
        price = round(numbers.uniform(0.01, 1000), 2)
        yield "exp", numbers.uniform(-745, 709)
        yield "exp", numbers.uniform(-20, 20)
        for name in ("ln", "log10", "log2"):
            for x in (wide, near, price):
                yield name, x
        yield "power", wide, numbers.uniform(-700, 700) / (math.log(wide) or 1)
        yield "power", near, numbers.uniform(-1000, 1000)
        yield "power", price, float(numbers.randrange(-20, 20))
        yield "log", price, numbers.choice((1.5, 2.0, 7.0, 10.0, 1000.0))
        yield "log", wide, near


def built():
    """e^x, and powers, that are 2^-106 beside the middle of 1 and a neighbour; subnormal numbers; exact ones."""
    for n in (1, 3, 5, 7, -1, -3, -5, 11, 1001):
        x = float(Decimal(1 + Decimal(n) * Decimal(2) ** -53).ln())
        yield "exp", x
        for base in (2.0, 10.0, 0.3, 1e200):
            yield "power", base, float(Decimal(x) / Decimal(base).ln())
    for x in (-708.5, -720.25, -744.0, -745.1, -745.133, 709.78):
        yield "exp", x
    for x in (5e-324, 1e-310, 2.0 ** -1023, 2.0 ** -1022):
        for name in ("ln", "log10", "log2"):
            yield name, x
        yield "power", x, 0.5
        yield "power", x, -0.9
        yield "log", x, 3.0
    for x, y in ((2.0 ** 27 + 1, 2.0), (2.0 ** 27 + 3, 2.0), (1.5, 34.0), (208065.0, 3.0), (1.0000001, 2.0),
                 (0.1, 320.0), (3.0, -600.0), (2.0, -1074.0), (2.0, 1023.0),
                 (9007199254740993.0, 0.5), (1.0000000000000002, 0.5)):
        yield "power", x, y
    for k in range(1, 23):
        yield "log10", 10.0 ** k
    for x, base in ((8.0, 2.0), (8.0, 4.0), (0.5, 16.0), (1000.0, 10.0), (243.0, 3.0)):
        yield "log", x, base


def searched():
    for line in (HERE / "hard.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, *numbers = line.split()
            yield (name, *(float.fromhex(number) for number in numbers))


def main():
    lines = []
    for name, *numbers in (*drawn(random.Random(60)), *built(), *searched()):
        value = SIXTY.plus(FUNCTIONS[name](*numbers))
        lines.append(" ".join((name, *(number.hex() for number in numbers), str(value))))
    (HERE / "reference.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes log-table.c and power-table.c: logarithms and powers to 90 digits, cut into two doubles each.

The unit tests of this folder hold every entry against MPFR, which this script does not use."""
import math
import pathlib
import struct
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 90
PIECES = 512
# As in kernels.h: the mantissa at which the pieces begin, half a piece below a multiple, so that 1 is inside one.
FIRST = 0x3fe6000000000000 - (1 << 42)
HEAD = """/* Written by tables.py. {what} */
#include "{name}.h"

/* clang-format off */
"""


def double_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def split(value, exponent):
    """A multiple of 2 ** exponent, and the rest."""
    unit = Fraction(2) ** exponent
    high = round(Fraction(value) / unit) * unit
    assert Fraction(float(high)) == high
    return float(high), float(Fraction(value) - high)


def inverse(piece):
    """The number of 16 binary places by which the piece's mantissas are near to 1."""
    low, high = (Fraction(double_of(FIRST + (place << 43))) for place in (piece, piece + 1))
    return Fraction(1) if low < 1 < high else Fraction(round(2 / (low + high) * 2 ** 16), 2 ** 16)


def array(name, values, in_a_row):
    texts = [value.hex().replace(".0000000000000p", "p") for value in values]
    rows = [", ".join(texts[i:i + in_a_row]) for i in range(0, len(texts), in_a_row)]
    return f"const double {name}[] = {{\n  " + ",\n  ".join(rows) + ",\n};\n"


def write(name, what, *arrays):
    target = pathlib.Path(__file__).with_name(name + ".c")
    target.write_text(HEAD.format(name=name, what=what) + "\n".join(arrays), encoding="utf-8")


def constants():
    """What kernels.h has as macros."""
    ln2 = Decimal(2).ln()
    for name, value, places in (("LN2", ln2, 42), ("STEP", ln2 / PIECES, 33 - 1 - math.floor(math.log2(ln2 / PIECES))),
                                ("PER_LN10", 1 / Decimal(10).ln(), 27), ("PER_LN2", 1 / ln2, 25)):
        high, low = split(value, -places)
        print(f"#define {name}_HIGH {high.hex()}\n#define {name}_LOW {low.hex()}")
    print(f"#define STEPS_PER_ONE {float(PIECES / ln2).hex()}")


def main():
    inverses = [inverse(piece) for piece in range(PIECES)]
    logs = [split(-(Decimal(c.numerator) / Decimal(c.denominator)).ln(), -42) for c in inverses]
    write("log-table", "-ln of each inverse: a multiple of 2^-42, and the rest.",
          array("pl_log_inverse", [float(c) for c in inverses], 5),
          array("pl_log_high", [high for high, _ in logs], 5), array("pl_log_low", [low for _, low in logs], 4))
    powers = [split((Decimal(2).ln() * i / PIECES).exp(), -25) for i in range(PIECES)]
    write("power-table", "2^(i/512): a multiple of 2^-25, and the rest.",
          array("pl_power_high", [high for high, _ in powers], 5),
          array("pl_power_low", [low for _, low in powers], 4))
    constants()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Tests places.py and switch.c: every fault of a small program, which is compiled once, must change what it prints as
worked out by hand; one that is none must change nothing; nothing may be planted where a constant is needed; and
identities must not depend on the rest of a file."""
import os
import pathlib
import subprocess
import sys
import tempfile

import places

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = """/* Prints sum, sign, product and what was found. */
#include <stdio.h>
#define MOST 4

static const int numbers[MOST + 1] = {5, 7, 11, 13, 1 + 1};

static int
sum (int n)
{
  int total = 0;
  for (int i = 0; i < n; i++)
    total += numbers[i];
  return total;
}

static int
sign (int x)
{
  if (x < 0 || x > 6)
    return -1;
  switch (x)
    {
    case 2 * 3:
      x = 9;
      break;
    default:
      x = 3;
    }
  return x;
}

static void
show (int x)
{
  printf ("%d ", x);
}

int
main (void)
{
  show (sum (MOST));
  show (sign (6));
  show (2 * 3 + 1 == 7 ? 1 : 0);
  return 0;
}
"""
# (function, kind, original, mutated) → what the program prints then.
EXPECTED = {
    ("sum", "comparison", "i < n", "i <= n"): "38 9 1 ",
    ("sum", "constant", "0", "(0 + 1)", "for (int i = 0; i < n; i++)"): "31 9 1 ",
    ("sum", "constant", "0", "(0 + 1)", "int total = 0;"): "37 9 1 ",
    ("sum", "assignment", "total += numbers[i];", ";"): "0 9 1 ",
    ("sum", "operator", "total += numbers[i];", "total -= numbers[i];"): "-36 9 1 ",
    ("sum", "return", "total", "0"): "0 9 1 ",
    ("sign", "condition", "x < 0 || x > 6", "!(x < 0 || x > 6)"): "36 -1 1 ",
    # Six is not below zero: no test could notice this one without another number.
    ("sign", "comparison", "x < 0", "x <= 0"): "36 9 1 ",
    ("sign", "comparison", "x > 6", "x >= 6"): "36 -1 1 ",
    ("sign", "operator", "x < 0 || x > 6", "(x < 0) && (x > 6)"): "36 9 1 ",
    ("sign", "jump", "break;", ";"): "36 3 1 ",
    ("sign", "assignment", "x = 9;", ";"): "36 6 1 ",
    ("sign", "return", "x", "0"): "36 0 1 ",
    ("main", "call", "show (sum (MOST));", ";"): "9 1 ",
    ("main", "constant", "MOST", "(MOST + 1)"): "38 9 1 ",
    ("main", "operator", "2 * 3", "2 + 3"): "36 9 0 ",
    ("main", "operator", "2 * 3 + 1", "2 * 3 - 1"): "36 9 0 ",
    ("main", "comparison", "2 * 3 + 1 == 7", "2 * 3 + 1 != 7"): "36 9 0 ",
    ("show", "call", 'printf ("%d ", x);', ";"): "",
}
results = []


def check(name, right, more=""):
    results.append(bool(right))
    if not right:
        print(f"{name}: {more}")


def main():
    found = places.find("small.c", PROGRAM, places.macros_of({"small.c": PROGRAM}))
    for number, place in enumerate(found, 1):
        place.number = number
    check("nothing is planted outside of functions, or in case labels",
          all(p.function != "" and not p.context.startswith(("case", "static const")) for p in found))
    text, left_out = places.render(PROGRAM, found)
    check("nothing overlaps here", not left_out, left_out)
    with tempfile.TemporaryDirectory(prefix="pipeline-mutants-test-") as folder:
        (pathlib.Path(folder) / "small.c").write_text(text)
        compiler = subprocess.run(["cc", "-O1", "-w", "-o", "small", "small.c", HERE / "switch.c"], cwd=folder,
                                  capture_output=True, text=True)
        check("the planted program compiles", compiler.returncode == 0, compiler.stderr)

        def printed(**environment):
            return subprocess.run([f"{folder}/small"], env=dict(os.environ, **environment), capture_output=True,
                                  text=True, timeout=10).stdout

        check("without a fault", printed() == "36 9 1 ", printed())
        for key, output in EXPECTED.items():
            these = [p for p in found if (p.function, p.kind, p.original,
                                          p.mutated) == key[:4] and (len(key) == 4 or p.context == key[4])]
            check(f"{key}: planted once", len(these) == 1, [p.key() for p in found if p.function == key[0]])
            if these:
                got = printed(PL_MUTANT=str(these[0].number))
                check(key, got == output, f"{got!r}, expected {output!r}")
        hits = pathlib.Path(folder) / "hits"
        hits.write_bytes(bytes(len(found) + 1))
        check("looking changes nothing", printed(PL_MUTANT_HITS=str(hits)) == "36 9 1 ")
        met = {p.key()[1:4] for p in found if hits.read_bytes()[p.number]}
        check("what is met is noted", ("sum", "comparison", "i < n") in met and ("sign", "jump", "break;") in met, met)
        check("what is not met is not",
              ("sign", "constant", "1") not in met and ("sign", "assignment", "x = 3;") not in met, met)
    longer = places.find("small.c",
                         PROGRAM.replace("static int\nsum",
                                         "static int\nnone (int x)\n{\n  return x + 1;\n}\n\nstatic int\nsum"),
                         {"MOST"})
    check("identities are those of the places", {p.ident for p in found} < {p.ident for p in longer})
    check("each has its own", len({p.ident for p in longer}) == len(longer))
    drawn = places.sample(found, 1, 8)
    check("every kind is drawn", {p.kind for p in drawn} == set(places.KINDS), [p.kind for p in drawn])
    check("and the same again",
          [p.ident for p in places.sample(list(reversed(found)), 1, 8)] == [p.ident for p in drawn])
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

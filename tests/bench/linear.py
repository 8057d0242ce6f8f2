#!/usr/bin/python3
"""That work grows with what is asked for, and not with its square: a check that does not ask the clock.

  tests/bench/linear.py PROGRAM [NAME…] [--all]

Each line of the table builds an input of n parts (columns, lines of a job, items of a list, files …), and runs it at n
and at 4 n. Two things are counted: instructions, by valgrind's cachegrind in serial mode, and the most memory that was
held, as the kernel tells it. What the smallest job takes is taken off both. Either may grow by no more than RATIO
times; the square would be 16. Without --all, lines that share their code with another one are left out.
"""
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# What doubles as it grows (buffers, hash tables, the first bytes of a file that are looked at) makes steps.
RATIO = 7
# Below this much more memory than the smallest run, sizes are those of pages, stacks and malloc's arenas.
LEAST_MEMORY = 24 << 20

TABLE = {}


def line(name, n=2000, often=True, fails=False):
    """Enters a builder, which returns the program's arguments, into the table."""
    def enter(build):
        TABLE[name] = (build, n, often, fails)
        return build
    return enter


def write(name, text):
    pathlib.Path(name).write_text(text)


def job(stages, source="path = in.csv", data="a,b\n1,2\n", end="[sink o]\npath = out.csv\n"):
    if data is not None:
        write("in.csv", data)
    write("job.ini", f"[source s]\n{source}\n{stages}{end}[run]\nmode = serial\n")
    return ["run", "job.ini"]


def wide(n, rows=1):
    return ",".join(f"c{i}" for i in range(n)) + "\n" + (",".join(map(str, range(n))) + "\n") * rows


def names(n, form="c%d", between=";"):
    return between.join(form % i for i in range(n))


def lines(n, form):
    return "".join(form.replace("%d", str(i)) + "\n" for i in range(n))


# Columns

@line("header: equal names", 2000)
def _(n):
    write("in.csv", ",".join(["a"] * n) + "\n" + ",".join(["1"] * n) + "\n")
    return ["schema", "in.csv"]


@line("header: no names", 2000, often=False)
def _(n):
    write("in.csv", "," * (n - 1) + "\n" + ",".join(["1"] * n) + "\n")
    return ["schema", "in.csv"]


@line("header: names like renamed ones", 2000, often=False)
def _(n):
    write("in.csv", ",".join(f"a_{i}" for i in range(n)) + ",a" * n + "\n" + ",".join(["1"] * 2 * n) + "\n")
    return ["head", "in.csv", "-n", "1"]


@line("schema", 2000)
def _(n):
    write("in.csv", wide(n))
    return ["schema", "in.csv"]


@line("describe", 1000)
def _(n):
    write("in.csv", wide(n, 2))
    return ["describe", "in.csv"]


@line("head", 4000, often=False)
def _(n):
    write("in.csv", wide(n))
    return ["head", "in.csv"]


@line("plan", 4000, often=False)
def _(n):
    job("", data=wide(n))
    return ["plan", "job.ini"]


for shape in ["csv", "tsv", "jsonl", "table", "markdown"]:
    @line(f"sink: {shape}", 2000, often=shape in ["csv", "table"])
    def _(n, shape=shape):
        return job("", data=wide(n, 3), end=f"[sink o]\npath = out.x\nformat = {shape}\n")


# Lists of a source

@line("columns =", 4000)
def _(n):
    return job("", f"path = in.csv\nheader = false\ncolumns = {names(n)}", ",".join(["1"] * n) + "\n")


@line("types =", 4000)
def _(n):
    return job("", f"path = in.csv\ntypes = {names(n, 'c%d:int')}", wide(n))


@line("use =", 4000, often=False)
def _(n):
    return job("", f"path = in.csv\nuse = {names(n)}", wide(n))


@line("null-values =", 4000, often=False)
def _(n):
    return job("", f"path = in.csv\nnull-values = {names(n)}")


@line("null-values = of many rows", 1000)
def _(n):
    return job("", f"path = in.csv\nnull-values = {names(n)}", "a,b\n" + lines(n, "x%d,c%d"))


@line("path = of many files", 200)
def _(n):
    for i in range(n):
        write(f"f{i}.csv", "a,b\n1,2\n")
    return job("", f"path = {names(n, 'f%d.csv')}", None)


@line("a glob of many files", 200, often=False)
def _(n):
    for i in range(n):
        write(f"f{i}.csv", "a,b\n1,2\n")
    return job("", "path = f*.csv", None)


for mode in ["by-name", "union"]:
    @line(f"schema = {mode}", 500, often=mode == "by-name")
    def _(n, mode=mode):
        for i in range(3):
            order = list(range(n))[::1 - 2 * (i % 2)]
            write(f"f{i}.csv", ",".join(f"c{k}" for k in order) + "\n" + ",".join("1" for k in order) + "\n")
        return job("", f"path = f*.csv\nschema = {mode}", None)


# Stages

@line("derive: lines", 1000)
def _(n):
    return job("[derive d]\n" + lines(n, "x%d = a + 1"))


@line("derive: lines that use the one before", 1000)
def _(n):
    return job("[derive d]\nx0 = a\n" + "".join(f"x{i + 1} = x{i} + 1\n" for i in range(n)))


@line("derive: lines that choose", 500)
def _(n):
    return job("[derive d]\n" + lines(n, "x%d = if(a > 0, a + 1, 2)"))


@line("derive: one column over and over", 500, often=False)
def _(n):
    return job("".join(f"[derive d{i}]\na = a + 1\n" for i in range(n // 10)))


@line("derive: one long expression of columns", 500, often=False)
def _(n):
    return job(f"[derive d]\nx = coalesce({names(n, between=', ')})\n", data=wide(n))


@line("select: columns", 4000)
def _(n):
    return job(f"[select p]\ncolumns = {names(n)}\n", data=wide(n))


@line("select: columns as", 4000, often=False)
def _(n):
    return job("[select p]\ncolumns = " + ";".join(f"c{i} as d{i}" for i in range(n)) + "\n", data=wide(n))


@line("select: drop", 4000)
def _(n):
    return job(f"[select p]\ndrop = {names(n)}\n", data=wide(n + 1))


@line("select: rename", 4000, often=False)
def _(n):
    return job("[select p]\nrename = " + ";".join(f"c{i} as d{i}" for i in range(n)) + "\n", data=wide(n))


@line("select: types", 4000)
def _(n):
    return job(f"[select p]\ntypes = {names(n, 'c%d:string')}\n", data=wide(n))


@line("group-by: calls", 1000)
def _(n):
    return job("[group-by g]\n" + lines(n, "x%d = sum(c%d)"), data=wide(n))


@line("group-by: calls of one column", 500, often=False)
def _(n):
    return job("[group-by g]\n" + "".join(f"x{i} = sum(a + {i})\n" for i in range(n)))


@line("group-by: keys", 1000, often=False)
def _(n):
    return job(f"[group-by g]\nby = {names(n)}\nx = count()\n", data=wide(n, 2))


@line("group-by: named keys", 500, often=False)
def _(n):
    return job("[group-by g]\nby = " + ";".join(f"c{i} + 1 as k{i}" for i in range(n)) + "\nx = count()\n",
               data=wide(n, 2))


@line("sort: keys", 1000)
def _(n):
    return job(f"[sort g]\nby = {names(n, 'c%d desc')}\n", data=wide(n, 2))


@line("distinct: keys", 1000, often=False)
def _(n):
    return job(f"[distinct g]\nby = {names(n)}\n", data=wide(n, 2))


@line("top-k: groups", 1000, often=False)
def _(n):
    return job(f"[top-k g]\nby = {names(n)}\nsort = c0\nk = 1\n", data=wide(n, 2))


@line("limit of many columns", 2000, often=False)
def _(n):
    return job("", "path = in.csv\nlimit = 1", data=wide(n, 2))


@line("exec: columns", 500, often=False)
def _(n):
    return job(f"[exec e]\ncommand = cat\nsend = {names(n)}\nappend = {names(n, 'c%d:int')}\n", data=wide(n))


@line("exec: environment", 1000)
def _(n):
    return job(f"[exec e]\ncommand = cat\nenvironment = {names(n, 'V%d=1')}\n")


# Expressions

@line("exec: every row refused", 500, often=False)
def _(n):
    write("words.sh", "read h; echo x; while read -r l; do echo word; done\n")
    return job("[exec e]\ncommand = sh words.sh\nappend = x:int\n", "path = in.csv\non-bad-row = skip",
               "a\n" + lines(n, "%d"))


@line("in (…)", 4000)
def _(n):
    return job(f"[filter f]\nwhere = a in ({names(n, '%d', ',')})\n")


@line("in (…): texts", 4000, often=False)
def _(n):
    return job(f"[filter f]\nwhere = b in ({names(n, chr(39) + 'x%d' + chr(39), ',')})\n", data="a,b\n1,x\n")


@line("in (…): dates", 1000)
def _(n):
    items = ",".join(f"'{2000 + i // 300}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}'" for i in range(n))
    return job(f"[filter f]\nwhere = a in ({items})\n", data="a\n2001-01-01\n")


@line("in (…): numbers of several types", 1000, often=False)
def _(n):
    return job(f"[filter f]\nwhere = a in ({names(n, '%d', ',')}, 1.5)\n")


@line("in (…): of columns", 500, often=False)
def _(n):
    return job(f"[filter f]\nwhere = c0 in ({names(n, 'c%d', ',')})\n", data=wide(n))


@line("case: whens", 500, often=False)
def _(n):
    return job("[derive d]\nx = case " + " ".join(f"when a = {i} then {i}" for i in range(n)) + " else 0 end\n")


@line("case of one value", 500, often=False)
def _(n):
    return job("[derive d]\nx = case a " + " ".join(f"when {i} then {i}" for i in range(n)) + " else 0 end\n")


@line("case of dates", 300)
def _(n):
    return job("[derive d]\nx = case a "
               + " ".join(f"when '2001-01-{i % 28 + 1:02}' then '2002-02-{i % 28 + 1:02}'::date" for i in range(n))
               + " else '2001-01-01' end\n", data="a\n2001-01-01\n")


for word, text in {"+": " + ", "and": " and ", "or": " or ", "||": " || "}.items():
    @line(f"a long chain of {word}", 450, often=word in "+and")
    def _(n, text=text):
        item = "a > %d" if "d" in text or "r" in text else "a"
        return job("[derive d]\nx = " + text.join(item.replace("%d", str(i)) for i in range(n)) + "\n")


@line("like of many %", 1000, often=False)
def _(n):
    return job(f"[filter f]\nwhere = b like '{'%a' * n}'\n", data="a,b\n1,x\n")


@line("one long text", 20000, often=False)
def _(n):
    return job(f"[derive d]\nx = '{'é' * n}'\n")


# Job files

@line("[vars]: each uses the one before", 250)
def _(n):
    return job("[vars]\nv0 = 1\n" + "".join(f"v{i + 1} = ${{v{i}}}\n" for i in range(n))
               + f"[derive d]\nx = ${{v{n}}}\n")


@line("[vars]: all in one value", 2000)
def _(n):
    return job("[vars]\n" + lines(n, "v%d = 1") + "[derive d]\nx = concat(" + names(n, "'${v%d}'", ", ") + ")\n")


@line("--var", 1000, often=False)
def _(n):
    return job("[vars]\n" + lines(n, "v%d = 1")) + [w for i in range(n) for w in ("--var", f"v{i}=2")]


@line("--set", 1000)
def _(n):
    return job("[derive d]\n" + lines(n, "x%d = 1")) + [w for i in range(n) for w in ("--set", f"derive d.x{i}=2")]


@line("PIPELINE_ variables", 500)
def _(n):
    job("")
    return [*[f"PIPELINE_X{i}_Y=1" for i in range(n)], "run", "job.ini"]


@line("stages in a row", 300)
def _(n):
    return job(lines(n, "[filter f%d]\nwhere = a > 0"))


@line("derive stages in a row", 100, often=False)
def _(n):
    return job(lines(n, "[derive f%d]\na = a + 1"))


@line("reduce stages in a row", 300, often=False)
def _(n):
    return job(lines(n, "[limit f%d]\nrows = 5"))


def diamond(i, last, behind=""):
    """Two ways from the group @last to a union."""
    return (f"[filter x{i}]\ninput = {last}\nwhere = a = 1\n[filter y{i}]\ninput = {last}\nwhere = a = 3\n"
            f"[union u{i}]\ninputs = x{i}; y{i}\n{behind}")


@line("unions: diamonds in a row", 100)
def _(n):
    return job("".join(diamond(i, f"u{i - 1}" if i else "s") for i in range(n)))


@line("unions: diamonds with reduce stages between", 60, often=False)
def _(n):
    return job("".join(diamond(i, f"l{i - 1}" if i else "s", f"[limit l{i}]\nrows = 9\n") for i in range(n)))


@line("unions: of the two before each", 60, often=False)
def _(n):
    return job("[limit l0]\nrows = 1\n[limit l1]\nrows = 1\n"
               + "".join(f"[union u{i}]\ninputs = l{i}; l{i + 1}\n[limit l{i + 2}]\nrows = 1\n" for i in range(n)))


@line("unions: many inputs, and as many stages behind them", 100)
def _(n):
    inputs = "".join(f"[filter x{i}]\ninput = s\nwhere = a = {i}\n" for i in range(n))
    return job(inputs + f"[union u]\ninputs = {names(n, 'x%d')}\n" + lines(n, "[filter f%d]\nwhere = a > 0"))


@line("unions: one behind the other, each with a source more", 60, often=False)
def _(n):
    return job("[union u0]\ninputs = s; t0\n"
               + "".join(f"[union u{i}]\ninputs = u{i - 1}; t{i}\n" for i in range(1, n)),
               source="path = in.csv\n" + "".join(f"[source t{i}]\npath = in.csv\n" for i in range(n)))


@line("sinks", 100)
def _(n):
    return job(lines(n, "[sink f%d]\ninput = s\npath = out%d.csv"))


@line("sources", 100, often=False)
def _(n):
    return job(lines(n, "[source t%d]\npath = in.csv\n[sink f%d]\npath = out%d.csv"))


@line("comments", 5000, often=False)
def _(n):
    return job(lines(n, "# %d"))


@line("a long list of unknown columns", 1000, fails=True)
def _(n):
    return job(f"[select p]\ncolumns = {names(n, 'd%dxxxxxxxx')}\n", data=wide(n))


@line("lines with unknown columns", 1000, fails=True)
def _(n):
    return job("[derive p]\n" + lines(n, "x%d = d%dxxxxxxxx + 1"), data=wide(n))


@line("unknown keys", 1000, often=False, fails=True)
def _(n):
    return job("[limit p]\n" + lines(n, "x%d = 1"))


@line("unknown groups", 1000, often=False, fails=True)
def _(n):
    return job(lines(n, "[x%d]"))


@line("repeated keys", 1000, often=False, fails=True)
def _(n):
    return job("[limit p]\n" + lines(n, "rows = 1"))


@line("repeated groups", 1000, fails=True)
def _(n):
    return job(lines(n, "[limit p]\nrows = 1"))


@line("unknown inputs", 500, fails=True)
def _(n):
    return job(lines(n, "[limit p%d]\ninput = q%dxxxxxx\nrows = 1"))


def run(program, build, n, fails, counted):
    """Returns: instructions, or bytes where they are not to be counted."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        environment = {"PATH": "/usr/bin:/bin", "TMPDIR": folder}
        arguments = build(n)
        while "=" in arguments[0]:
            environment |= [arguments.pop(0).split("=")]
        command = [program, *arguments]
        if counted:
            command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command]
        with open("said", "wb") as said:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=environment)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        said = pathlib.Path("said").read_text(errors="replace")
        os.chdir("/")
        if (child.returncode != 0) != fails:
            raise RuntimeError(f"exit code {child.returncode}: {said[-2000:]}")
        if not counted:
            return usage.ru_maxrss * 1024
        return int(re.findall(r"I\s+refs:\s+([\d,]+)", said)[-1].replace(",", ""))


def check(program, name, least):
    build, n, _, fails = TABLE[name]
    instructions, memory = [[run(program, build, size, fails, counted) - least[counted] for size in (n, 4 * n)]
                            for counted in (True, False)]
    work = instructions[1] / max(instructions[0], 1)
    held = memory[1] / max(memory[0], LEAST_MEMORY)
    print(f"{name}: n = {n}: {instructions[0] / 1e6:.1f} million instructions, {work:.2f} times as many at 4 n; "
          f"{memory[0] / 1e6:.1f} MB, {memory[1] / 1e6:.1f} MB", flush=True)
    return max(work, held) <= RATIO


def is_good(name, program, least):
    try:
        good = check(program, name, least)
    except RuntimeError as problem:
        good = False
        print(f"{name}: {problem}", flush=True)
    if not good:
        print(f"  {name}: FAILED", flush=True)
    return good


def main():
    arguments = [a for a in sys.argv[1:] if a != "--all"]
    program, wanted = str(pathlib.Path(arguments[0]).resolve()), arguments[1:]
    chosen = [name for name, entry in TABLE.items() if (name in wanted if wanted else entry[2] or "--all" in sys.argv)]
    least = {counted: run(program, lambda n: job(""), 1, False, counted) for counted in (True, False)}
    # A process for each processor, because a line changes its folder; what it counts does not depend on the others.
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        good = list(pool.map(is_good, chosen, *map(itertools.repeat, (program, least))))
    failed = good.count(False)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

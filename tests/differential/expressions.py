"""Random expressions, of a type that is asked for: every operator, form and function that there is.

Kinds of values are those of tables.py, and `number`: of a type that only the program knows (of a rounded decimal, say),
which may stand where any number may.
"""

WORDS = ["'a'", "'B'", "'x,y'", "'zz top'", "''", "'10'", "'Zürich'", "'2024-02-29'", "'it''s'"]
UNITS = ["'year'", "'quarter'", "'month'", "'week'", "'day'"]
TIMES = UNITS + ["'hour'", "'minute'", "'second'"]
KEYWORDS = {"by", "order", "having", "input", "as", "and", "or", "not", "in", "is", "case", "rows", "end"}

# name, kind of the result, arguments: a kind, "any" (one kind for all that say so), or text as it stands.
FUNCTIONS = [
    ("abs", "number", ["numeric"]), ("ceil", "number", ["numeric"]), ("floor", "number", ["numeric"]),
    ("sign", "number", ["numeric"]), ("round", "number", ["numeric"]), ("round", "number", ["float", "1"]),
    ("trunc", "number", ["numeric"]), ("trunc", "number", ["number", "1"]), ("exp", "float", ["small"]),
    ("ln", "float", ["numeric"]),
    ("log", "float", ["numeric"]),
    ("log", "float", ["numeric", "2"]), ("log2", "float", ["numeric"]), ("log10", "float", ["numeric"]),
    ("sqrt", "float", ["numeric"]), ("pow", "float", ["numeric", "2"]), ("power", "float", ["small", "0.5"]),
    ("concat", "text", ["text", "int", "date"]), ("concat", "text", ["float", "bool", "text"]),
    ("contains", "bool", ["text", "text"]), ("starts_with", "bool", ["text", "word"]),
    ("ends_with", "bool", ["text", "word"]), ("left", "text", ["text", "2"]), ("right", "text", ["text", "3"]),
    ("length", "int", ["text"]), ("lower", "text", ["text"]), ("upper", "text", ["text"]),
    ("reverse", "text", ["text"]), ("lpad", "text", ["text", "6"]), ("lpad", "text", ["text", "4", "'xy'"]),
    ("rpad", "text", ["text", "6"]), ("rpad", "text", ["text", "5", "'ü'"]), ("trim", "text", ["text"]),
    ("trim", "text", ["text", "'a-'"]), ("ltrim", "text", ["text"]), ("ltrim", "text", ["text", "'0'"]),
    ("rtrim", "text", ["text"]), ("rtrim", "text", ["text", "'.'"]), ("position", "int", ["text", "word"]),
    ("repeat", "text", ["text", "2"]), ("replace", "text", ["text", "word", "text"]),
    ("split_part", "text", ["text", "'/'", "2"]), ("split_part", "text", ["text", "','", "-1"]),
    ("substr", "text", ["text", "2"]), ("substr", "text", ["text", "1", "3"]), ("day", "int", ["moment"]),
    ("month", "int", ["moment"]), ("year", "int", ["moment"]), ("quarter", "int", ["moment"]),
    ("week", "int", ["moment"]), ("weekday", "int", ["moment"]), ("yearday", "int", ["moment"]),
    ("hour", "int", ["ts"]), ("minute", "int", ["ts"]), ("second", "int", ["ts"]),
    ("date_add", "date", ["unit", "3", "date"]), ("date_add", "ts", ["time", "-5", "ts"]),
    ("date_diff", "int", ["unit", "date", "date"]), ("date_diff", "int", ["time", "ts", "ts"]),
    ("date_trunc", "date", ["unit", "date"]), ("date_trunc", "ts", ["time", "ts"]),
    ("strftime", "text", ["date", "'%d.%m.%Y'"]), ("strftime", "text", ["ts", "'%Y-%m-%dT%H:%M:%S'"]),
    ("try_strptime", "date", ["text", "'%d.%m.%Y'"]), ("is_nan", "bool", ["float"]), ("nullif", "any", ["any", "any"]),
    ("coalesce", "any", ["any", "any", "any"]), ("ifnull", "any", ["any", "any"]),
    ("greatest", "any", ["any", "any"]),
    ("least", "any", ["any", "any", "any"]), ("max", "any", ["any", "any"]), ("min", "any", ["any", "any"]),
    ("if", "any", ["bool", "any", "any"]),
]
GROUPS = {"numeric": ["int", "float", "decimal", "number", "number"], "moment": ["date", "ts"]}
LITERALS = {
    "int": ["0", "1", "7", "-3", "100"], "float": ["0.5", "1e3", "cast('2.25' as float)"],
    "decimal": ["cast('1.250' as decimal(12,3))"],
    "number": ["2", "0.25"],
    "bool": ["true", "false"], "date": ["cast('2024-02-29' as date)"],
    "ts": ["cast('2021-01-31 23:59:00' as timestamp)"], "text": WORDS,
    "small": ["1", "0.5", "length('abc')"], "word": WORDS, "unit": UNITS, "time": TIMES,
}
CASTS = {"int": "int", "float": "float", "decimal": "decimal(12,3)", "bool": "bool", "date": "date", "ts": "timestamp",
         "text": "string"}


def quoted(name):
    """A column's name as expressions and lists have it."""
    return name if name.isidentifier() and name.isascii() and name not in KEYWORDS else f'"{name}"'


class Expressions:
    """Draws from @columns: name → kind."""

    def __init__(self, rng, columns):
        self.rng, self.columns = rng, columns

    def column(self, *kinds):
        found = [name for name, kind in self.columns.items() if kind in kinds]
        return quoted(self.rng.choice(found)) if found else None

    def of(self, kind, depth=0):
        rng = self.rng
        if kind in GROUPS:
            return self.of(rng.choice(GROUPS[kind]), depth)
        column = self.column(kind)
        if column is not None and (depth > 2 or rng.random() < 0.35):
            return column
        if depth > 2 or kind in ("small", "word", "unit", "time", "zoned"):
            return rng.choice(LITERALS.get(kind, ["null"]))
        ways = [self.call, self.call, self.case, self.cast]
        ways += [self.arithmetic] if kind in ("int", "float", "decimal", "number", "date") else []
        ways += [self.test, self.test, self.test] if kind == "bool" else []
        ways += [self.join] if kind == "text" else []
        return rng.choice(ways)(kind, depth + 1)

    def call(self, kind, depth):
        rng = self.rng
        found = [one for one in FUNCTIONS if one[1] in (kind, "any")]
        name, _, parameters = rng.choice(found)
        named = set(LITERALS) | set(GROUPS)
        given = (self.of(kind, depth) if p == "any" else self.of(p, depth) if p in named else p for p in parameters)
        return f"{name}({', '.join(given)})"

    def case(self, kind, depth):
        rng = self.rng
        if rng.random() < 0.3:
            return (f"case {self.of('text', depth)} when {rng.choice(WORDS)} then {self.of(kind, depth)} else "
                    f"{self.of(kind, depth)} end")
        end = f" else {self.of(kind, depth)}" if rng.random() < 0.7 else ""
        return f"case when {self.of('bool', depth)} then {self.of(kind, depth)}{end} end"

    def cast(self, kind, depth):
        rng = self.rng
        target = CASTS.get(kind)
        if target is None:
            return self.of("int", depth)
        if kind == "text":
            return f"cast({self.of(rng.choice(['int', 'float', 'decimal', 'bool', 'date', 'ts']), depth)} as string)"
        if kind in ("date", "ts") and rng.random() < 0.4:
            form = "%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S"
            return f"strptime(strftime({self.of(kind, depth)}, '{form}'), '{form}')"
        if kind == "float" and rng.random() < 0.5:
            return f"({self.of('int', depth)})::float"
        # A cast that fails ends the run, which is to be drawn as well, but seldom.
        form = "cast" if rng.random() < 0.03 else "try_cast"
        return f"{form}({self.of('text', depth)} as {target})"

    def arithmetic(self, kind, depth):
        rng = self.rng
        if kind == "date":
            return f"({self.of('date', depth)} {rng.choice(['+', '-'])} {rng.randint(0, 40)})"
        if kind == "int" and rng.random() < 0.2:
            return f"({self.of('date', depth)} - {self.of('date', depth)})"
        if kind == "number":
            return (f"({self.of('numeric', depth)} {rng.choice(['+', '-', '*', '/', '//', '%', '**'])} "
                    f"{self.of('numeric', depth)})")
        if kind == "float":
            return f"({self.of('float', depth)} {rng.choice(['+', '-', '*', '/'])} {self.of('float', depth)})"
        if kind == "decimal":
            return f"cast({self.of('int', depth)} % 1000 as decimal(12,3))"
        # Products of ints overflow, which ends the run: seldom.
        return (f"({self.of('int', depth)} {rng.choice(['+', '-', '*'] if rng.random() < 0.1 else ['+', '-'])} "
                f"{self.of('int', depth)})")

    def join(self, _, depth):
        return f"({self.of('text', depth)} || {self.of('text', depth)})"

    def test(self, _, depth):
        rng = self.rng
        kind = rng.choice(["text", "int", "float", "decimal", "bool", "date", "ts", "number"])
        way = rng.randint(0, 6)
        if way == 0:
            return f"({self.of('bool', depth)} {rng.choice(['and', 'or'])} {self.of('bool', depth)})"
        if way == 1:
            return f"(not {self.of('bool', depth)})"
        if way == 2:
            return f"({self.of(kind, depth)} is {rng.choice(['', 'not '])}null)"
        if way == 3:
            return f"({self.of('text', depth)} {rng.choice(['', 'not '])}in ({', '.join(rng.sample(WORDS, 3))}))"
        if way == 4:
            return (f"({self.of('int', depth)} {rng.choice(['', 'not '])}between {self.of('int', depth)} and "
                    f"{self.of('int', depth)})")
        if way == 5:
            pattern = rng.choice(["'a%'", "'%!_%' escape '!'", "'_'", "'%o%'"])
            return f"({self.of('text', depth)} {rng.choice(['', 'not '])}like {pattern})"
        return f"({self.of(kind, depth)} {rng.choice(['=', '!=', '<>', '<', '<=', '>', '>='])} {self.of(kind, depth)})"

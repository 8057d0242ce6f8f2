"""Jobs whose result SQLite can say: chains of filter, derive, group-by, sort, distinct, top-k, limit and join over one
table.

The table has texts (some quoted, with delimiters and line ends), dates, small ints with nulls and duplicates, and
decimals that are exact in binary, so that sums are the same in SQLite. It stands in up to three files: with one header,
with their columns in any order, or as a union in which a file lacks some.
"""
import random
import sqlite3

TEXTS = ["a", "b", "B", "ab", "x,y", 'say "hi"', "two\nlines", "Zürich", "10", "zz top", "-", " pad "]
DATES = ["2001-01-31", "1999-12-31", "2024-02-29", "2024-03-01"]
TYPES = {"k": "string", "d": "date", "n": "int", "m": "int", "x": "float"}


def random_rows(rng):
    """Columns k (text), d (date), n (int), m (int, no nulls), x (quarters); position is SQLite's rowid."""
    def maybe(value):
        return None if rng.random() < 0.15 else value
    return [(maybe(rng.choice(TEXTS)), maybe(rng.choice(DATES)), maybe(rng.randint(-9, 9)), rng.randint(-1000, 1000),
             maybe(rng.randint(-40, 40) / 4)) for _ in range(rng.choice([0, 1, 2, 5, 40, 200, 1000]))]


class Files:
    """The table as files; `columns` as the job sees them: those of the first file, then those that others add."""

    def __init__(self, rng, rows):
        self.schema = rng.choice(["same", "same", "by-name", "union"])
        cuts = sorted(rng.randint(0, len(rows)) for _ in range(rng.choice([0, 1, 2])))
        self.parts, self.rows, names = [], [], list(TYPES)
        for first, last in zip([0] + cuts, cuts + [len(rows)]):
            has = names[:] if self.schema == "same" else rng.sample(names, len(names))
            # `m` is in each file, so that no record is an empty line.
            if self.schema == "union":
                has = [name for name in has if name == "m" or rng.random() < 0.6]
            part = [tuple(value if name in has else None for name, value in zip(names, row))
                    for row in rows[first:last]]
            self.parts.append((has, part))
            self.rows += part
        self.columns = list(dict.fromkeys(name for has, _ in self.parts for name in has))

    def write(self, folder, rng):
        for number, (has, part) in enumerate(self.parts):
            lines = [has] + [[dict(zip(TYPES, row))[name] for name in has] for row in part]
            text = "".join(",".join(field(value, rng) for value in line) + rng.choice(["\n", "\n", "\r\n"])
                           for line in lines)
            (folder / f"t{number}.csv").write_text(text, newline="")

    def source(self):
        paths = "; ".join(f"t{number}.csv" for number in range(len(self.parts)))
        types = "; ".join(f"{name}:{TYPES[name]}" for name in self.columns)
        # Types are given: tables too small or too null to tell are compared as well.
        return f"[source t]\npath = {paths}\nschema = {self.schema}\ntypes = {types}\n"


def field(value, rng):
    if value is None:
        return ""
    text = str(value)
    if any(c in text for c in ',"\n') or rng.random() < 0.1 and isinstance(value, str):
        return '"' + text.replace('"', '""') + '"'
    return text


class Chain:
    """A job and the SQL that says the same. `columns` maps a name to text, date, int, float or mean; each step is a
    query of the one before it, because SQLite gives up at queries that are nested deeply; it keeps `pos`, the row's
    place."""

    def __init__(self, rng, names):
        self.rng, self.groups, self.number = rng, [], 0
        self.columns = {name: {"string": "text"}.get(TYPES[name], TYPES[name]) for name in names}
        self.queries = [f"select rowid as pos, {self.names()} from t"]
        self.right, self.has_joined = list(names), False

    @property
    def last(self):
        return f"q{len(self.queries) - 1}"

    @property
    def sql(self):
        steps = ", ".join(f"q{number} as ({query})" for number, query in enumerate(self.queries))
        return f"with {steps} select {self.names()} from {self.last} order by pos"

    def then(self, query):
        self.queries.append(query)

    def pick(self, *kinds):
        found = [name for name, kind in self.columns.items() if kind in kinds]
        return self.rng.choice(found) if found else None

    def add(self, kind, lines):
        self.number += 1
        self.groups.append(f"[{kind} s{self.number}]\n" + "\n".join(lines) + "\n")

    def names(self):
        return ", ".join(self.columns)

    def condition(self, depth=0):
        rng = self.rng
        if depth < 2 and rng.random() < 0.4:
            return f"({self.condition(depth + 1)} {rng.choice(['and', 'or'])} {self.condition(depth + 1)})"
        if rng.random() < 0.15:
            return f"not ({self.condition(depth + 1)})"
        name = self.pick("text", "date", "int", "float", "mean")
        kind = self.columns[name]
        if rng.random() < 0.25:
            return f"{name} is {rng.choice(['', 'not '])}null"
        operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        if kind == "text":
            if rng.random() < 0.3:
                return f"{name} in ('a', 'ab', 'x,y')"
            return f"{name} {operator} '{rng.choice(['a', 'B', 'zz top', '10', ''])}'"
        if kind == "date":
            return f"{name} {operator} '{rng.choice(DATES)}'"
        other = self.pick("int", "float") or "1"
        if rng.random() < 0.3:
            return f"{name} between {rng.randint(-9, 0)} and {rng.randint(0, 9)}"
        return f"{name} {operator} {rng.choice([other, str(rng.randint(-9, 9)), '0.25'])}"

    def filter(self):
        where = self.condition()
        self.add("filter", [f"where = {where}"])
        self.then(f"select * from {self.last} where {where}")

    def derive(self):
        rng, name = self.rng, f"c{self.number}"
        number, text = self.pick("int"), self.pick("text")
        choices = []
        if number:
            choices += [(f"{number} * 2 - 3", "int"), (f"abs({number})", "int"), (f"coalesce({number}, 0)", "int"),
                        (f"case when {self.condition()} then {number} else 7 end", "int")]
        if text:
            choices += [(f"{text} || '!'", "text"), (f"length({text})", "int"), (f"coalesce({text}, 'none')", "text")]
        if not choices:
            return
        expression, kind = rng.choice(choices)
        self.add("derive", [f"{name} = {expression}"])
        self.then(f"select *, {expression} as {name} from {self.last}")
        self.columns[name] = kind

    def order(self):
        names = self.rng.sample(sorted(self.columns), min(len(self.columns), self.rng.randint(1, 2)))
        terms = [(name, self.rng.choice(["", " desc"])) for name in names]
        return "; ".join(a + b for a, b in terms), ", ".join(f"{a}{b} nulls last" for a, b in terms)

    def renumber(self, order):
        self.then(f"select row_number() over (order by {order}) as pos, {self.names()} from {self.last}")

    def sort(self):
        ours, theirs = self.order()
        self.add("sort", [f"by = {ours}"])
        self.renumber(f"{theirs}, pos")

    def distinct(self):
        by = self.rng.sample(sorted(self.columns), min(len(self.columns), self.rng.randint(1, 3)))
        keep = self.rng.choice(["first", "last"])
        self.add("distinct", [f"by = {'; '.join(by)}", f"keep = {keep}"])
        pick = "min" if keep == "first" else "max"
        self.then(f"select * from {self.last} where pos in (select {pick}(pos) from {self.last} group by "
                  f"{', '.join(by)})")

    def top_k(self):
        ours, theirs = self.order()
        k, by = self.rng.randint(1, 4), self.pick("text", "date", "int")
        lines = [f"sort = {ours}", f"k = {k}"]
        group = ""
        if by and self.rng.random() < 0.7:
            lines.append(f"by = {by}")
            group = by
        self.add("top-k", lines)
        partition = f"partition by {group} " if group else ""
        self.then(f"select *, row_number() over ({partition}order by {theirs}, pos) as rank_ from {self.last}")
        self.then(f"select * from {self.last} where rank_ <= {k}")
        self.renumber(f"{group + ' nulls last, ' if group else ''}rank_")

    def limit(self):
        rows, offset = self.rng.randint(0, 50), self.rng.choice([0, 0, 3])
        self.add("limit", [f"rows = {rows}", f"offset = {offset}"])
        self.then(f"select * from {self.last} order by pos limit {rows} offset {offset}")

    def tail(self):
        rows = self.rng.choice([0, 1, 7, 50, 2000])
        self.add("tail", [f"rows = {rows}"])
        self.then(f"select * from {self.last} order by pos desc limit {rows}")

    def row_number(self):
        by = self.rng.sample(sorted(self.columns), min(len(self.columns), self.rng.randint(0, 2)))
        start, name = self.rng.choice([1, 1, 0, -20]), f"i{self.number}"
        self.add("row-number", [f"as = {name}", f"start = {start}"] + ([f"by = {'; '.join(by)}"] if by else []))
        partition = f"partition by {', '.join(by)} " if by else ""
        self.then(f"select *, row_number() over ({partition}order by pos) + {start - 1} as {name} from {self.last}")
        self.columns[name] = "int"

    def group_by(self):
        rng = self.rng
        by = rng.sample(sorted(self.columns), rng.randint(0, min(2, len(self.columns))))
        order = rng.choice(["key", "appearance"])
        lines = ([f"by = {'; '.join(by)}"] if by else []) + [f"order = {order}"]
        made = {}
        for index in range(rng.randint(1, 4)):
            what = rng.choice(["count()", "count", "sum", "min", "max", "mean", "nunique", "first"])
            name, kinds = f"g{self.number}_{index}", ["int", "float"]
            if what in ("count", "min", "max", "nunique", "first"):
                kinds += ["text", "date"]
            column = self.pick(*kinds)
            if what == "count()" or column is None:
                made[name] = ("count()", "count(*)", "int")
            elif what == "mean":
                # A mean is seldom exact in binary: of means SQLite's sums are others.
                made[name] = (f"mean({column})", f"avg({column})", "mean")
            elif what == "nunique":
                made[name] = (f"nunique({column})", f"count(distinct {column})", "int")
            elif what == "first":
                made[name] = (f"first({column})", f"first_({column}, pos)", self.columns[column])
            else:
                made[name] = (f"{what}({column})",) * 2 + ("int" if what == "count" else self.columns[column],)
        lines += [f"{name} = {ours}" for name, (ours, _, _) in made.items()]
        self.add("group-by", lines)
        sums = ", ".join(f"{theirs} as {name}" for name, (_, theirs, _) in made.items())
        keys = "".join(f"{name}, " for name in by)
        self.then(f"select min(pos) as pos_, {keys}{sums} from {self.last}"
                  + (f" group by {', '.join(by)}" if by else ""))
        self.columns = {**{name: self.columns[name] for name in by},
                        **{name: kind for name, (_, _, kind) in made.items()}}
        self.renumber("pos_" if order == "appearance" or not by else ", ".join(f"{name} nulls last" for name in by))

    def join(self):
        """With the first rows of the table, by columns of one type."""
        rng = self.rng
        pairs = [(a, b) for a, kind in self.columns.items() for b in self.right
                 if kind == {"string": "text"}.get(TYPES[b], TYPES[b])]
        if not pairs or self.has_joined:
            return
        self.has_joined = True
        rows, how = rng.choice([0, 1, 5, 30]), rng.choice(["inner", "left", "right", "full", "semi", "anti"])
        on = rng.sample(pairs, min(len(pairs), rng.randint(1, 2)))
        same = rng.choice(["=", "=", "is"])
        above = f"input = s{self.number}" if self.number else "input = t"
        few = f"few{self.number}"
        self.groups.append(f"[limit {few}]\ninput = t\nrows = {rows}\n")
        taken = [] if how in ("semi", "anti") else rng.sample(self.right, rng.randint(0, len(self.right)))
        names = {name: f"{name}_{few}" for name in taken}
        self.add("join", [above, f"right = {few}", f"how = {how}", "on = " + "; ".join(f"{a} = {b}" for a, b in on)]
                 + (["null-keys = match"] if same == "is" else [])
                 + ([f"take = {'; '.join(f'{a} as {b}' for a, b in names.items())}"] if how not in ("semi", "anti")
                    else []))
        where = " and ".join(f"l.{a} {same} r.{b}" for a, b in on)
        right = f"(select * from q0 order by pos limit {rows})"
        if how in ("semi", "anti"):
            word = "exists" if how == "semi" else "not exists"
            self.then(f"select * from {self.last} as l where {word} (select 1 from {right} as r where {where})")
            return
        filled = {}
        for a, b in on:
            filled.setdefault(a, b)
        mine = [f"coalesce(l.{name}, r.{filled[name]}) as {name}" if name in filled and how in ("right", "full")
                else f"l.{name} as {name}" for name in self.columns]
        theirs = [f"r.{a} as {b}" for a, b in names.items()]
        self.then(f"select row_number() over (order by l.pos is null, l.pos, r.pos) as pos, {', '.join(mine + theirs)} "
                  f"from {self.last} as l {how} join {right} as r on {where}")
        self.columns.update({b: {"string": "text"}.get(TYPES[a], TYPES[a]) for a, b in names.items()})

    def grow(self):
        steps = [self.filter, self.filter, self.derive, self.derive, self.sort, self.distinct, self.top_k, self.limit,
                 self.group_by, self.tail, self.row_number, self.row_number, self.join, self.join]
        for _ in range(self.rng.randint(1, 5)):
            self.rng.choice(steps)()


class First:
    """SQLite has no aggregate `first`: the value that is not null with the smallest position."""

    def __init__(self):
        self.best = None

    def step(self, value, position):
        if value is not None and (self.best is None or position < self.best[0]):
            self.best = (position, value)

    def finalize(self):
        return self.best and self.best[1]


def printed(value, kind):
    if value is None:
        return ""
    return repr(float(value)) if kind in ("float", "mean") else str(value)


def expected(rows, chain):
    base = sqlite3.connect(":memory:")
    base.create_aggregate("first_", 2, First)
    base.execute("create table t (k text, d text, n integer, m integer, x real)")
    base.executemany("insert into t values (?, ?, ?, ?, ?)", rows)
    cursor = base.execute(chain.sql)
    return ([list(chain.columns)] + [[printed(v, kind) for v, kind in zip(row, chain.columns.values())]
                                     for row in cursor])

"""Finds the places of a C source where a fault can be planted that is switched on at run time.

The tree is formatted by clang-format in GNU style, and this reads no other C: a function's brace stands in column 0,
its name at the start of a line, and an operator with white space on both sides is binary. What a compiler does not take
after all (constant expressions, pointers that are multiplied) is dropped by plant.py. Nothing here is chosen: sample()
does that, by hashes of the places alone, so that a change of one function leaves the faults that are planted in all
others what they were.
"""
import dataclasses
import hashlib
import re

KINDS = ("condition", "comparison", "operator", "constant", "call", "assignment", "return", "jump")

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<char>'(?:[^'\\]|\\.)*')
      | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<mark><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\s\w])""",
    re.X | re.S | re.M)

PRECEDENCE = {"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7, ">=": 7, "<<": 8,
              ">>": 8,
              "+": 9, "-": 9, "*": 10, "/": 10, "%": 10}
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
OPERATORS = {"||": "&&", "&&": "||", "|": "&", "&": "|", "^": "&", "<<": ">>", ">>": "<<", "+": "-", "-": "+", "*": "+",
             "/": "*", "%": "*"}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
SWAPPED = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<=", "*=": "+="}
# What ends an operand, besides brackets and operators that bind less.
STOPS = ASSIGNMENTS | {",", ";", "?", ":", "{", "}", "return", "case", "else", "do"}
# Assertions are no behaviour, and what is said to the compiler or the processor alone cannot be noticed.
SPEECHLESS = re.compile(r"g_assert|g_return|__builtin_prefetch|__builtin_unreachable|_mm_prefetch|_Static_assert|"
                        r"G_STATIC_ASSERT|va_start|va_end")


@dataclasses.dataclass
class Token:
    kind: str
    text: str
    start: int
    end: int
    partner: int = -1  # of a bracket: its other one


@dataclasses.dataclass
class Place:
    """source[start:end] becomes `mutated` while the fault is active. An expression, or a whole statement."""
    file: str
    function: str
    kind: str
    start: int
    end: int
    original: str
    mutated: str
    line: int
    context: str  # the line of the source that it begins in
    statement: bool = False
    ident: str = ""
    number: int = 0

    def key(self):
        return (self.file, self.function, self.kind, self.original, self.mutated, self.context)


def squeeze(text):
    return " ".join(re.sub(r"/\*.*?\*/", " ", text, flags=re.S).split())


def tokens_of(source):
    tokens = [Token(m.lastgroup, m.group(), m.start(), m.end())
              for m in TOKEN.finditer(source) if m.lastgroup not in ("comment", "directive")]
    opened = []
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([{":
            opened.append(index)
        elif token.kind == "mark" and token.text in ")]}" and opened:
            token.partner = opened.pop()
            tokens[token.partner].partner = index
    return tokens


def functions_of(source, tokens):
    """(name, index of its first token, index behind its last) of every function's body."""
    for index, token in enumerate(tokens):
        if (token.text != "{" or token.partner < 0 or (token.start > 0 and source[token.start - 1] != "\n")
                or tokens[index - 1].text != ")"):
            continue
        name = tokens[index - 1].partner - 1
        while name > 0 and not (tokens[name].kind == "name" and source[tokens[name].start - 1] == "\n"):
            name -= 1
        yield tokens[name].text, index + 1, token.partner


class Finder:
    """The places of one function."""

    def __init__(self, file, source, tokens, function, first, behind, macros):
        self.file, self.source, self.tokens, self.function = file, source, tokens, function
        self.first, self.behind, self.macros = first, behind, macros
        self.closed = set()  # tokens of constant expressions: nothing is planted there
        self.found = []

    def add(self, kind, start, end, mutated, statement=False):
        if any(index in self.closed for index in range(start, end + 1)):
            return
        source, a, b = self.source, self.tokens[start].start, self.tokens[end].end
        if "#" in source[a:b] and re.search(r"^[ \t]*#", source[a:b], re.M):
            return
        line_start, line_end = source.rfind("\n", 0, a) + 1, source.find("\n", a)
        self.found.append(Place(self.file, self.function, kind, a, b, squeeze(source[a:b]), squeeze(mutated),
                                source.count("\n", 0, a) + 1,
                                squeeze(source[line_start:line_end]), statement))

    def text(self, start, end):
        return self.source[self.tokens[start].start:self.tokens[end].end] if start <= end else ""

    def is_binary(self, index):
        token = self.tokens[index]
        return token.text in PRECEDENCE and self.source[token.start - 1].isspace() and self.source[token.end].isspace()

    def left(self, index, least):
        """Where the operand in front of index begins, which holds operators that bind at least as much as @least."""
        at = index - 1
        while at >= self.first:
            token = self.tokens[at]
            if token.text in ")]}" and token.kind == "mark" and token.partner >= 0 and not (token.text == "}"):
                at = token.partner - 1
                continue
            if token.text in STOPS or token.text in "([" or (self.is_binary(at) and PRECEDENCE[token.text] < least):
                break
            at -= 1
        return at + 1

    def right(self, index, most):
        """Where the operand behind index ends, which holds operators that bind more than @most."""
        at = index + 1
        while at < self.behind:
            token = self.tokens[at]
            if token.text in "([" and token.kind == "mark":
                at = token.partner + 1
                if self.tokens[at].text == "{":  # a compound literal
                    at = self.tokens[at].partner + 1
                continue
            if token.text in STOPS or token.text in ")]" or (self.is_binary(at) and PRECEDENCE[token.text] <= most):
                break
            at += 1
        return at - 1

    def close(self, start, end):
        self.closed.update(range(start, end + 1))

    def end_of_statement(self, index):
        while index < self.behind and self.tokens[index].text != ";":
            index = self.tokens[index].partner + 1 if self.tokens[index].text in "([{" else index + 1
        return index

    def statements(self):
        """Statements that begin after `;`, braces, `else`, `do`, labels, and the brackets of if, while, for and
        switch."""
        index = self.first
        while index < self.behind:
            text = self.tokens[index].text
            if text in ("if", "while", "switch", "for"):
                bracket = index + 1
                end = self.tokens[bracket].partner
                if text in ("if", "while"):
                    self.add("condition", bracket + 1, end - 1, f"!({self.text(bracket + 1, end - 1)})")
                index = end + 1
            elif text in ("{", "}", ";", "else", "do"):
                index += 1
            elif (text in ("case", "default")
                    or (self.tokens[index].kind == "name" and self.tokens[index + 1].text == ":")):
                end = index
                while self.tokens[end].text != ":":
                    end += 1
                self.close(index, end)
                index = end + 1
            else:
                end = self.end_of_statement(index)
                self.statement(index, end)
                index = end + 1

    def statement(self, index, end):
        first, second = self.tokens[index], self.tokens[index + 1]
        if first.text in ("static", "_Static_assert", "G_STATIC_ASSERT", "goto") or SPEECHLESS.match(first.text):
            self.close(index, end)
        elif first.text in ("break", "continue"):
            if not self.is_last(end, ("switch",) if first.text == "break" else ("for", "while")):
                self.add("jump", index, end, ";", statement=True)
        elif first.text == "return" and end > index + 1:
            value = self.text(index + 1, end - 1)
            other = {"TRUE": "FALSE", "FALSE": "TRUE", "0": "1", "NULL": None}.get(value, "0")
            if other is not None:
                self.add("return", index + 1, end - 1, other)
        elif first.kind == "name" and second.text == "(" and second.partner == end - 1:
            self.add("call", index, end, ";", statement=True)
        elif first.text in ("*", "(", "++", "--") or second.text in ASSIGNMENTS | {".", "->", "[", "++", "--"}:
            self.assignment(index, end)

    def is_last(self, end, heads):
        """Whether a jump goes where control would go anyway: a break at the end of a switch, a continue at the end of a
        loop."""
        brace = self.tokens[end + 1]
        if brace.text != "}":
            return False
        head = self.tokens[brace.partner - 1]
        return head.text == ")" and self.tokens[head.partner - 1].text in heads

    def assignment(self, index, end):
        at = index
        while at < end and self.tokens[at].text not in ASSIGNMENTS | {"++", "--"}:
            at = self.tokens[at].partner + 1 if self.tokens[at].text in "([{" else at + 1
        if at >= end:
            # A call through a member, or nothing known.
            if self.tokens[end - 1].text == ")":
                self.add("call", index, end, ";", statement=True)
            return
        self.add("assignment", index, end, ";", statement=True)
        swapped = SWAPPED.get(self.tokens[at].text)
        if swapped:
            self.add("operator", index, end, f"{self.text(index, at - 1)} {swapped} {self.text(at + 1, end)}",
                     statement=True)

    def expressions(self):
        for index in range(self.first, self.behind):
            token = self.tokens[index]
            if (token.kind == "name" and token.text in ("sizeof", "__attribute__", "__alignof__", "_Static_assert")
                    and self.tokens[index + 1].text == "("):
                self.close(index, self.tokens[index + 1].partner)
            elif SPEECHLESS.match(token.text) and self.tokens[index + 1].text == "(":
                self.close(index, self.tokens[index + 1].partner)
        for index in range(self.first, self.behind):
            token = self.tokens[index]
            before, after = self.tokens[index - 1].text, self.tokens[index + 1].text
            if self.is_binary(index):
                self.binary(index)
            elif token.text == "?":
                start = self.left(index, 1)
                self.add("condition", start, index - 1, f"!({self.text(start, index - 1)})")
            elif token.kind == "number" and not (before == "{" and after == "}"):
                self.number(index)
            elif token.text in ("TRUE", "FALSE") and before != "return":
                self.add("constant", index, index, {"TRUE": "FALSE", "FALSE": "TRUE"}[token.text])
            elif token.text in self.macros and after != "(":
                self.add("constant", index, index, f"({token.text} + 1)")

    def binary(self, index):
        token = self.tokens[index]
        binds = PRECEDENCE[token.text]
        start, end = self.left(index, binds), self.right(index, binds)
        if start >= index or end <= index:
            return
        front, back = self.text(start, index - 1), self.text(index + 1, end)
        if token.text in COMPARISONS:
            self.add("comparison", start, end, f"{front} {COMPARISONS[token.text]} {back}")
        elif token.text in OPERATORS:
            swapped = OPERATORS[token.text]
            if PRECEDENCE[swapped] > binds:
                front, back = f"({front})", f"({back})"
            self.add("operator", start, end, f"{front} {swapped} {back}")

    def number(self, index):
        text = self.tokens[index].text
        whole = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)[uUlL]*", text)
        if not whole:
            return
        # As many are one too many as one too few, but nothing goes below zero.
        around = self.text(max(index - 2, self.first), min(index + 2, self.behind))
        fewer = whole.group(1).strip("0xX") and hashlib.sha1(squeeze(around).encode()).digest()[0] & 1
        self.add("constant", index, index, f"({text} {'-' if fewer else '+'} 1)")

    def find(self):
        self.statements()
        self.expressions()
        return self.found


def macros_of(sources):
    """Names that some file defines as a number."""
    text = r"^#\s*define\s+([A-Z][A-Z0-9_]+)\s+(\(?(?:\(g\w+\) *)?\d[\w ()*<>+-]*)$"
    return {m.group(1) for source in sources.values() for m in re.finditer(text, source, re.M)}


def find(file, source, macros):
    """All places of a file, each with an identity that is its own and does not depend on the rest of the file."""
    tokens = tokens_of(source)
    found = []
    for function, first, behind in functions_of(source, tokens):
        found += Finder(file, source, tokens, function, first, behind, macros).find()
    # `if (a == b)` negated is the same fault twice.
    equalities = {(p.start, p.end)
                  for p in found if p.kind == "comparison" and ("==" in p.mutated or "!=" in p.mutated)}
    found = [p for p in found if p.kind != "condition" or (p.start, p.end) not in equalities]
    met = {}
    for place in found:
        turn = met[place.key()] = met.get(place.key(), 0) + 1
        place.ident = hashlib.sha1("\0".join((*place.key(), str(turn))).encode()).hexdigest()[:8]
    return found


def sample(places, seed, count):
    """@count places, as many of each folder and kind as there are, in an order that is drawn by @seed and each place
    alone."""
    def draw(place):
        return hashlib.sha1(f"{seed} {place.ident}".encode()).hexdigest()

    cells = {}
    for place in sorted(places, key=draw):
        cells.setdefault((place.file.rsplit("/", 1)[0].split("/aggregates")[0].split("/functions")[0], place.kind),
                         []).append(place)
    chosen = []
    while len(chosen) < count and any(cells.values()):
        for cell in sorted(cells):
            if cells[cell] and len(chosen) < count:
                chosen.append(cells[cell].pop(0))
    return chosen


def render(source, chosen):
    """The source with every chosen place switched. Places that overlap without one holding the other: the later one is
    left out. Returns: (text, places left out)."""
    chosen = sorted(chosen, key=lambda p: (p.start, -p.end, p.number))
    kept, left_out, open_ = [], [], []
    for place in chosen:
        while open_ and open_[-1].end <= place.start:
            open_.pop()
        if open_ and place.end > open_[-1].end:
            left_out.append(place)
            continue
        open_.append(place)
        kept.append(place)

    def text(start, end, inner):
        out, at = [], start
        while inner:
            place = inner[0]
            within = [p for p in inner[1:] if p.end <= place.end and p.start < place.end]
            inner = inner[1 + len(within):]
            out.append(source[at:place.start])
            out.append(switch(place, text(place.start, place.end, within)))
            at = place.end
        out.append(source[at:end])
        return "".join(out)

    def switch(place, plain):
        active = f"(pl_mutant == {place.number} || (pl_mutant < 0 && pl_mutant_meets ({place.number})))"
        if place.statement:
            return f"{{ if ({active}) {place.mutated} else {plain} }}"
        return f"({active} ? ({place.mutated}) : ({plain}))"

    declared = "extern int pl_mutant; extern int (*pl_mutant_meets) (int); "
    return declared + text(0, len(source), kept), left_out

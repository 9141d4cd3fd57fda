"""The expected tables: read them, and say whether what was seen is what was expected."""

import fnmatch
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
NAMELESS = ("unlinked", "numbered", "over", "stale")


class Cell:
    """One thing that is to be so: a file, in a state, when something is done to it."""

    def __init__(self, proto, table, state, column, word, section):
        self.proto, self.table, self.state, self.column = proto, table, state, column
        self.is_doubtful = word.startswith("?")
        self.expected = word.lstrip("?")
        self.section = section
        self.file = table.split(":")[0]

    def key(self):
        return f"{self.proto} {self.table} | {self.state} | {self.column}"

    def agrees(self, got):
        return any(word_agrees(word, got) for word in alternatives(self.expected))


def alternatives(word):
    return word.split("|")


def is_events(word):
    return bool(re.fullmatch(r"\[?[A-Z]+\]?(\+\[?[A-Z]+\]?)*", word)) and (
        set(re.findall("[A-Z]+", word)) <= {"IN", "OUT", "ERR", "HUP", "RDHUP", "NVAL"})


def events_agree(word, got):
    seen = set() if got == "none" else set(got.split("+"))
    allowed = set(re.findall("[A-Z]+", word))
    needed = {part for part in word.split("+") if not part.startswith("[")}
    return needed <= seen <= allowed


def plain(name):
    return name.lower().replace("_", "")


def word_agrees(word, got):
    if word == "any":
        return got in ("0", "LOCAL", "PEER") or got.startswith('"')
    if is_events(word):
        return events_agree(word, got)
    if word.startswith('"'):
        return fnmatch.fnmatchcase(got, word.replace("[", "[[]"))
    return plain(word) == plain(got)


def cells_of_row(proto, table, columns, sections, states, line):
    names, *words = line
    if len(words) == 1:
        words = words * len(columns)
    if len(words) != len(columns):
        raise ValueError(f"{proto} {table}: {names} has {len(words)} cells of {len(columns)}")
    for state in states:
        for column, section, word in zip(columns, sections, words):
            word, _, own = word.partition("/")
            if word != ".":
                yield Cell(proto, table, state, column, word, own or section)


def rows_of_table(proto, table, lines, states):
    """Every cell of a table; `*` is every state that has no row of its own."""
    (_, *columns), (_, *sections) = lines[0], lines[1]
    named = {state for line in lines[2:] for state in line[0].split(",")}
    rest = [state for state in states if state not in named and state not in NAMELESS]
    for line in lines[2:]:
        of_row = []
        for name in line[0].split(","):
            of_row += rest if name == "*" else [name]
        unknown = set(of_row) - set(states) - {"any"}
        if unknown:
            raise ValueError(f"{proto} {table}: no such state: {unknown}")
        yield from cells_of_row(proto, table, columns, sections, of_row, line)


def paragraphs(text):
    for part in re.split(r"\n\s*\n", text):
        lines = [line for line in part.split("\n") if line and not line.startswith("#")]
        if lines:
            yield lines


def expected(proto):
    """All cells of expected_PROTO.txt, in its order."""
    states, cells = [], []
    with open(f"{HERE}/expected_{proto}.txt") as file:
        text = file.read()
    for head, *lines in paragraphs(text):
        if head == "states":
            states = [line.split()[0] for line in lines]
            continue
        table = re.fullmatch(r"table ([^.]+)\..*|table (.+)", head)
        table = table[1] or table[2]
        cells += rows_of_table(proto, table, [line.split() for line in lines], states)
    keys = [cell.key() for cell in cells]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"said twice: {twice}")
    return cells


def known():
    """What is known to differ: {key of the cell: what is seen}. A line may name several states and
    columns."""
    differs = {}
    with open(f"{HERE}/known.txt") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                table, states, columns, got = [part.strip() for part in line.split(" | ")]
                for state in states.split(","):
                    for column in columns.split(","):
                        differs[f"{table} | {state} | {column}"] = got
    return differs

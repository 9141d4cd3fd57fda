"""What docs/ repeats from the source, made from the source."""
import pathlib
import re
import subprocess

BEGIN = re.compile(r"^<!-- made from (\S+).* -->$")
END = "<!-- end -->"


def replace_between_marks(page, table):
    """PAGE with TABLE between its marks; None when it has none."""
    lines, out, inside, found = page.splitlines(), [], False, False
    for line in lines:
        if BEGIN.match(line):
            out += [line, "", *table, ""]
            inside = found = True
        elif line == END:
            inside = False
        if not inside and not BEGIN.match(line):
            out.append(line)
    return "\n".join(out) + "\n" if found else None


def counters():
    text = pathlib.Path("stack/counters.h").read_text()
    rows = re.findall(r'X\((\w+),\s*"([^"]+)"\)', text)
    return ["| counter | counts |", "|---|---|"] + [f"| `{n}` | {s} |" for n, s in rows]


def limits():
    """Each #define of limits.h with the comment behind it, under its section."""
    rows = []
    for line in pathlib.Path("stack/limits.h").read_text().splitlines():
        section = re.match(r"/\* --- (.+?) -+ \*/", line)
        if section:
            rows += ["", f"**{section.group(1)}**", "", "| limit | value | why |", "|---|---|---|"]
        define = re.match(r"#define (LIMIT_\w+)\s+(.+?)(?:\s*/\* (.*?)(?: \*/)?)?$", line)
        if define and not define.group(2).endswith("\\"):
            name, value, why = define.groups()
            rows.append(f"| `{name}` | `{value.strip()}` | {why or ''} |")
    return rows[1:]


def tcp_states():
    path = pathlib.Path("stack/tcp/states.h")
    if not path.exists():
        return None
    out = subprocess.run(["python3", "tests/lint/states.py"], capture_output=True, text=True)
    return out.stdout.splitlines()


def rows():
    path = pathlib.Path("fs/rows.c")
    if not path.exists():
        return None
    out = subprocess.run(["python3", "tests/lint/rows.py"], capture_output=True, text=True)
    return out.stdout.splitlines()


PAGES = {
    "docs/counters.md": counters,
    "docs/limits.md": limits,
    "docs/tcp-states.md": tcp_states,
    "docs/tree.md": rows,
}

"""What docs/ repeats from the source, made from the source."""
import pathlib
import re
import subprocess

# As a comment of Markdown, of scdoc and of a shell.
BEGIN = re.compile(r"^(?:<!--|;|#) made from (\S+)")
ENDS = ("<!-- end -->", "; end", "# end")


def replace_between_marks(page, table):
    """PAGE with TABLE between its marks; None when it has none."""
    lines, out, inside, found = page.splitlines(), [], False, False
    for line in lines:
        if BEGIN.match(line):
            apart = [] if line.startswith("#") else [""]
            out += [line, *apart, *table, *apart]
            inside = found = True
        elif line in ENDS:
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


OPTION = re.compile(
    r'\{ "([\w-]+)",\s*(NULL|"[^"]*"),\s*((?:"(?:[^"\\]|\\.)*"|\w| )+), (KEY_\w+), ([^}]*) \}')


def options():
    """(name, what its value is called or "", help, flags) of each word of fs/options.c."""
    found = OPTION.findall(pathlib.Path("fs/options.c").read_text())
    return [(n, "" if a == "NULL" else a.strip('"'), h, f.split(" | ")) for n, a, h, _, f in found]


def exits():
    """The exit statuses as a table of scdoc."""
    numbers = {"EX_OK": 0}
    for line in pathlib.Path("/usr/include/sysexits.h").read_text().splitlines():
        define = re.match(r"#define (EX_\w+)\s+(\d+)", line)
        if define:
            numbers[define.group(1)] = int(define.group(2))
    rows = re.findall(r'\{ (EX_\w+),\s+"([^"]+)"', pathlib.Path("fs/exits.c").read_text())
    out = []
    for name, when in rows:
        out += [f"|[ *{numbers[name]}*", f":< {when}"]
    return out


def option_values():
    """What the file of --config may say of each option, as a table of scdoc."""
    out = ["|[ *key*", ":[ *value*", ":< *on SIGHUP*"]
    for name, arg, _, flags in options():
        if "IN_LINE_ONLY" in flags:
            continue
        value = "whole number" if "IS_NUMBER" in flags else "text" if arg else "switch"
        value = "whole number, or text with a unit" if "IS_SIZE" in flags else value
        value = "list of texts" if "IS_LIST" in flags else value
        changes = "changes" if "CAN_CHANGE" in flags else "stays"
        out += [f"|  {name}", f":  {value}", f":  {changes}"]
    return out


def completion_words():
    return [f"\t{n}={a}" if a else f"\t{n}" for n, a, _, f in options() if "IN_FILE_ONLY" not in f]


def missing_options():
    """Words of the table that catnetd(8) does not explain, and the other way round."""
    page = pathlib.Path("docs/man/catnetd.8.scd").read_text().split("# OPTIONS")[1].split("\n# ")[0]
    told = {}
    for line in page.splitlines():
        if not line.startswith("*"):
            continue
        forms = re.findall(r"\*--?([\w-]+)\*", line)
        told[forms[-1]] = (forms[0] if len(forms) > 1 else "", "_" in line)
    letters = dict(re.findall(r"(KEY_\w+) = '(\w)'", pathlib.Path("fs/options.c").read_text()))
    table = OPTION.findall(pathlib.Path("fs/options.c").read_text())
    for name, arg, _, key, flags in table:
        if "IN_FILE_ONLY" in flags:
            continue
        want = (letters.get(key, ""), arg != "NULL")
        if told.pop(name, None) != want:
            yield f"docs/man/catnetd.8.scd: --{name} is not there, or not as in fs/options.c"
    for name in told:
        yield f"docs/man/catnetd.8.scd: there is no option --{name}"


PLACES = {"DIR_ROOT": "", "DIR_PROTO": "PROTO/", "DIR_CONV": "PROTO/N/", "DIR_IFCS": "ipifc/",
          "DIR_IFC": "ipifc/N/"}
# Where net(4) has the verbs of which tables.
VERBS = {
    "PROTO/N/ctl, every protocol": "fs/ctl.c",
    "tcp/N/ctl": "stack/tcp/verbs.c",
    "ipifc/N/ctl": "fs/ifc_ctl.c",
    "arp": "fs/arp_ctl.c",
    "iproute": "fs/route_ctl.c",
    "log": "fs/log_file.c",
}


def file_rows():
    """(path, kind, mode, is it written) of each row of fs/rows.c."""
    text = pathlib.Path("fs/rows.c").read_text()
    for name, place, kind, mode, rest in re.findall(
            r'\{ "(\w+)",\s*(DIR_\w+),\s*(\w+),\s*(0\d+), (.*?) \}', text):
        yield PLACES[place] + name, kind.lower(), mode, ".write = " in rest


def net_files():
    out = ["|[ *file*", ":[ *mode*", ":[ *kind*", ":< *is*"]
    for path, kind, mode, is_written in file_rows():
        out += [f"|  {path}", f":  {mode}", f":  {kind}",
                ":  " + ("read and written" if is_written else "read")]
    return out


def verbs_of(path):
    text = pathlib.Path(path).read_text()
    table = re.search(r"verbs\[\] = \{\n(\t\{.*?)\n\};", text, re.S).group(1)
    return set(re.findall(r'^\t\{ "(\w+)"', table, re.M))


def verbs_of_udp():
    """All that a protocol may know, but what is TCP's."""
    text = pathlib.Path("fs/ctl.c").read_text()
    known = re.search(r"proto_verbs\[\] = \{(.*?)\};", text, re.S).group(1)
    return set(re.findall(r'"(\w+)"', known)) - verbs_of("stack/tcp/verbs.c")


def told(section):
    """The words in bold that begin the definitions of a section, and those behind commas there."""
    words = set()
    for line in section.splitlines():
        if line.startswith("*"):
            words.update(re.findall(r"(?:^|, )\*([\w/]+)\*", line))
    return words


def missing_in_net():
    """Files and verbs that net(4) does not explain, and the other way round."""
    page = pathlib.Path("docs/man/net.4.scd").read_text()
    files = page.split("\n# FILES\n")[1].split("\n# ")[0]
    yield from differences("the file", {f[0] for f in file_rows()}, told(files))
    commands = page.split("\n# COMMANDS\n")[1].split("\n# ")[0]
    sections = dict(part.split("\n", 1) for part in commands.split("\n## ")[1:])
    for name, path in VERBS.items():
        yield from differences(f"{name}: the verb", verbs_of(path), told(sections.pop(name)))
    yield from differences("udp: the verb", verbs_of_udp(), told(sections.pop("udp/N/ctl")))
    for name in sections:
        yield f"docs/man/net.4.scd: nobody compares {name} with the source"


def differences(what, there, is_told, page="docs/man/net.4.scd"):
    for name in sorted(there - is_told):
        yield f"{page}: {what} {name} is not there"
    for name in sorted(is_told - there):
        yield f"{page}: there is not {what} {name}"


def prototypes(text):
    flat = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    found = re.findall(r"^(?:int|ssize_t) net_\w+\([^)]*\);", flat, re.M)
    return {re.sub(r"\( ", "(", re.sub(r"\s+", " ", p)) for p in found}


def missing_in_net_socket():
    """Calls of catnet.h that net_socket(3) does not show as they are, or does not describe."""
    name = "docs/man/net_socket.3.scd"
    page = pathlib.Path(name).read_text()
    header = prototypes(pathlib.Path("clients/catnet.h").read_text())
    synopsis = page.split("# SYNOPSIS")[1].split("\n# ")[0]
    yield from differences("the call", header, prototypes(synopsis), name)
    title = page.split("# NAME")[1].split(" - ")[0]
    for call in sorted(re.search(r"net_\w+", p).group() for p in header):
        if call not in re.findall(r"\w+", title):
            yield f"{name}: {call} is not in NAME"
        if f"*{call}*()" not in page:
            yield f"{name}: nobody says what {call} does"


PAGES = {
    "docs/man/net.4.scd": net_files,
    "docs/man/catnetd.8.scd": exits,
    "docs/man/catnetd.json.5.scd": option_values,
    "fs/service/catnetd.bash-completion": completion_words,
    "docs/counters.md": counters,
    "docs/limits.md": limits,
    "docs/tcp-states.md": tcp_states,
    "docs/tree.md": rows,
}

#!/usr/bin/env python3
"""The table of files that docs/tree.md shows, made from fs/rows.c."""
import pathlib
import re

PLACES = {"DIR_ROOT": "", "DIR_PROTO": "PROTO/", "DIR_CONV": "PROTO/N/", "DIR_IFCS": "ipifc/",
          "DIR_IFC": "ipifc/N/"}
EVENTS = {"CONV_UP": "the connect", "CONV_IN": "something to read", "CONV_OUT": "room",
          "CONV_CALL": "a call", "FEED_LINE": "a line"}


def waits(rest, what):
    match = re.search(rf"\.{what}_waits = (\w+)", rest)
    return f"{what} for {EVENTS[match.group(1)]}" if match else None


def main():
    print("| file | mode | kind | written | may wait |")
    print("|---|---|---|---|---|")
    text = pathlib.Path("fs/rows.c").read_text()
    for name, place, kind, mode, rest in re.findall(
            r'\{ "(\w+)",\s*(DIR_\w+),\s*(\w+),\s*(0\d+), (.*?) \}', text):
        waiting = ", ".join(w for w in (waits(rest, o) for o in ("open", "read", "write")) if w)
        written = "yes" if ".write = " in rest else "no"
        print(f"| `{PLACES[place]}{name}` | {mode} | {kind.lower()} | {written} | {waiting or '-'} |")


main()

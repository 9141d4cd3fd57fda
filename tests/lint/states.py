#!/usr/bin/env python3
"""The table and the drawing of docs/tcp-states.md, made from stack/tcp/states.h."""
import pathlib
import re

TEXT = pathlib.Path("stack/tcp/states.h").read_text().replace("\\\n", " ")
ROW = re.compile(r'X\((\w+),\s*"(\w+)",\s*([^,]+),\s*"([^"]+)"\)')


def main():
    print("| state | as `status` prints it | may become (and Closed, from anywhere) | what is true in it |")
    print("|---|---|---|---|")
    states = [row for row in ROW.findall(TEXT) if row[0] != "STATE"]
    names = {state: name for state, name, _, _ in states}
    arrows = []
    for state, name, follow, truth in states:
        nexts = re.findall(r"TO\((\w+)\)", follow)
        print(f"| {state.replace('_', '-')} | `{name}` | "
              f"{', '.join(names[n] for n in nexts) or '-'} | {truth} |")
        arrows += [(name, names[n]) for n in nexts]
    print()
    print("```mermaid")
    print("stateDiagram-v2")
    for a, b in arrows:
        print(f"    {a} --> {b}")
    print("```")


main()

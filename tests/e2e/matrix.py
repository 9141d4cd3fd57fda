#!/usr/bin/env python3
"""matrix.py PROTO FILE: every cell of matrix/expected_PROTO.txt that is about FILE, against a server.

Without arguments: the files there are, a line each. With `count`: how many cells there are.
CATNET is the tree, KERNEL and OURS the addresses of both sides; to be run in the namespace, as root.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/matrix")

import table  # noqa: E402

FILES = "data ctl listen accept err local remote status stats proto/clone proto/stats clone".split()


def compare(cells, results):
    """Print what differs and is not known to, and what is known to and does not; how many."""
    known, wrong = table.known(), 0
    stray = {key for key in known if key.startswith(f"{cells[0].proto} {cells[0].file}:")}
    stray -= {cell.key() for cell in cells}
    for key in sorted(stray):
        print(f"STRAY {key}: known.txt names a cell that there is not")
        wrong += 1
    for cell in cells:
        got = results.get(cell.key(), "was not asked")
        known_got = known.get(cell.key())
        doubt = " (tree.md is not plain)" if cell.is_doubtful else ""
        if cell.agrees(got):
            if known_got is None:
                continue
            print(f"MENDED {cell.key()}: take it from known.txt")
        elif got == known_got:
            continue
        else:
            print(f"WRONG {cell.key()}: expected {cell.expected} by {cell.section}{doubt}, got {got}")
        wrong += 1
    return wrong


def main():
    if len(sys.argv) == 1:
        print("\n".join(FILES))
        return 0
    if sys.argv[1] == "count":
        print(sum(len(table.expected(proto)) for proto in ("tcp", "udp")))
        return 0
    import engine
    import jobs
    cells = [cell for cell in table.expected(sys.argv[1]) if cell.file == sys.argv[2]]
    results = engine.run_all(jobs.jobs_of(cells))
    wrong = compare(cells, results)
    print(f"{sys.argv[1]} {sys.argv[2]}: {len(cells)} cells, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

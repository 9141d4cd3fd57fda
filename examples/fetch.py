#!/usr/bin/env python3
"""fetch.py ADDRESS!PORT [PATH] - a web client in Python, with nothing but open, read and write.

As in: examples/fetch.py 10.99.0.1:80 /index.html (the tree is at $CATNET, or at /net). The
conversation lives as long as one of its files is open, so `with` is all the care it needs.
"""

import os
import sys

NET = os.environ.get("CATNET", "/net")


def fetch(address, path="/"):
    # buffering=0: what is written goes at once, and Python does not try to seek.
    with open(f"{NET}/tcp/clone", "r+b", buffering=0) as ctl:
        number = ctl.read(32).decode().strip()
        try:
            ctl.write(f"connect {address}\n".encode())
        except OSError:
            with open(f"{NET}/tcp/{number}/err", encoding="utf-8") as err:
                raise SystemExit(f"fetch: {err.read().strip()}") from None
        with open(f"{NET}/tcp/{number}/data", "r+b", buffering=0) as data:
            data.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            while piece := data.read(1 << 16):
                yield piece


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__.splitlines()[0])
    for piece in fetch(*sys.argv[1:]):
        sys.stdout.buffer.write(piece)

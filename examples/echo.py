#!/usr/bin/env python3
"""echo.py PORT - an echo server in Python: many callers, one process, poll on plain files.

As in: examples/echo.py 7 (the tree is at $CATNET, or at /net). A call's `data` is a file that poll
understands, so asyncio, selectors and select work on it as they do on a socket.
"""

import os
import selectors
import sys

NET = os.environ.get("CATNET", "/net")
TCP = f"{NET}/tcp"


def announce(port):
    ctl = os.open(f"{TCP}/clone", os.O_RDWR)
    number = os.read(ctl, 32).decode().strip()
    try:
        os.write(ctl, f"announce {port}\n".encode())
    except OSError:
        with open(f"{TCP}/{number}/err", encoding="utf-8") as err:
            raise SystemExit(f"echo: {err.read().strip()}") from None
    # The ctl stays open in this process: it is what keeps the announcement.
    return ctl, os.open(f"{TCP}/{number}/accept", os.O_RDONLY | os.O_NONBLOCK)


def take_call(poll, accept):
    try:
        number, who = os.read(accept, 128).decode().split()
        data = os.open(f"{TCP}/{number}/data", os.O_RDWR | os.O_NONBLOCK)
    except OSError as gone:
        print(f"a caller is lost: {gone.strerror}", file=sys.stderr)
        return
    print(f"{who} calls", flush=True)
    poll.register(data, selectors.EVENT_READ, b"")


def end(poll, data):
    poll.unregister(data)
    os.close(data)


def answer(poll, data, waiting):
    """Send back what waits, or else read: who does not read is not read from either."""
    try:
        if waiting:
            waiting = waiting[os.write(data, waiting):]
        elif not (waiting := os.read(data, 1 << 16)):
            return end(poll, data)
    except BlockingIOError:
        pass
    except OSError as gone:
        print(f"a caller is lost: {gone.strerror}", file=sys.stderr)
        return end(poll, data)
    poll.modify(data, selectors.EVENT_WRITE if waiting else selectors.EVENT_READ, waiting)
    return None


def serve(port):
    _ctl, accept = announce(port)
    with selectors.DefaultSelector() as poll:
        poll.register(accept, selectors.EVENT_READ)
        print(f"echoing at {port}", flush=True)
        while True:
            for key, _ in poll.select():
                if key.fd == accept:
                    take_call(poll, accept)
                else:
                    answer(poll, key.fd, key.data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.splitlines()[0])
    serve(sys.argv[1])

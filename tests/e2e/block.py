"""block.py NET ADDRESS!PORT CONVERSATIONS WRITERS - conversations with a peer that does not read.

Each has so many writers that wait in a write of 1 MiB, each with a file of its own. Says so, and
waits to be ended.
"""

import os
import sys
import threading
import time

MIB = bytes(1 << 20)


def write(fd):
    try:
        while True:
            os.write(fd, MIB)
    except OSError:
        pass  # more than one user's share


def main():
    net, peer, conversations, writers = sys.argv[1:]
    threading.stack_size(65536)
    for _ in range(int(conversations)):
        ctl = os.open(f"{net}/tcp/clone", os.O_RDWR)
        number = os.read(ctl, 20).decode().strip()
        os.write(ctl, f"connect {peer}".encode())
        for _ in range(int(writers)):
            data = os.open(f"{net}/tcp/{number}/data", os.O_WRONLY)
            threading.Thread(target=write, args=(data,), daemon=True).start()
    time.sleep(2)
    print("waiting", flush=True)
    time.sleep(60)


main()

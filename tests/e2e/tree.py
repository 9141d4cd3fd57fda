"""The tree from Python: open, read, write, close, and nothing behind them."""

import os

NET = os.environ["CATNET"]


def text(path):
    with open(f"{NET}/{path}", "rb", buffering=0) as f:
        return f.read().decode()


class Conversation:
    """One from `clone` opened read and write: it lives until its last open file is closed."""

    def __init__(self, proto="tcp", ctl=None):
        self.ctl = os.open(f"{NET}/{proto}/clone", os.O_RDWR) if ctl is None else ctl
        self.number = os.read(self.ctl, 64).decode().strip()
        self.proto = proto
        self.dir = f"{proto}/{self.number}"
        self.opened = [self.ctl]

    def order(self, words):
        os.write(self.ctl, words.encode() + b"\n")
        return self

    def open(self, name, flags=os.O_RDWR):
        fd = os.open(f"{NET}/{self.dir}/{name}", flags)
        self.opened.append(fd)
        return fd

    def text(self, name):
        return text(f"{self.dir}/{name}")

    def state(self):
        return self.text("status").split()[0]

    def local_port(self):
        return int(self.text("local").strip().rsplit("!", 1)[1])

    def take(self):
        """The next call of an announced conversation."""
        return Conversation(self.proto, os.open(f"{NET}/{self.dir}/listen", os.O_RDWR))

    def close(self):
        for fd in self.opened:
            os.close(fd)
        self.opened = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def connected(address, proto="tcp"):
    """A conversation with ADDRESS and its open data file."""
    c = Conversation(proto).order(f"connect {address}")
    return c, c.open("data")


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def read_exactly(fd, length):
    parts = []
    while length > 0:
        part = os.read(fd, min(length, 1 << 20))
        if not part:
            raise EOFError(f"the end came {length} bytes too early")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def read_to_end(fd):
    parts = []
    while part := os.read(fd, 1 << 20):
        parts.append(part)
    return b"".join(parts)

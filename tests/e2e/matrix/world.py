"""Where the matrix happens: the tree, the kernel's sockets on the other side, two ordinary users."""

import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import time

NET = os.environ["CATNET"]
KERNEL, OURS = os.environ["KERNEL"], os.environ["OURS"]
# Routed through the namespace, which does not forward: no answer of any kind.
SILENT = "10.77.0.1"
OWNER, OTHER = 20001, 20002
LIMIT_S = 5

libc = ctypes.CDLL(None, use_errno=True)
libc.read.restype = libc.write.restype = ctypes.c_ssize_t
libc.pread.restype = libc.pwrite.restype = ctypes.c_ssize_t
libc.read.argtypes = libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
libc.pread.argtypes = libc.pwrite.argtypes = [
    ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64]
libc.openat.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]


class Failure(Exception):
    """A state could not be brought about."""


@contextlib.contextmanager
def as_owner():
    """The state is made by the owner; only what is asked of it is asked by a process of his own."""
    os.setegid(OWNER)
    os.seteuid(OWNER)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def await_that(what, claim):
    end = time.monotonic() + LIMIT_S
    while not claim():
        if time.monotonic() > end:
            raise Failure(f"it never came about that {what}")


def await_event(path, events):
    """Until a fresh open of PATH polls one of EVENTS."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        poller = select.poll()
        poller.register(fd, events)
        if not poller.poll(LIMIT_S * 1000):
            raise Failure(f"{path} never polls {events}")
    finally:
        os.close(fd)


def text_of(path):
    with open(path) as file:
        return file.read()


def address(pair):
    return f"{pair[0]}!{pair[1]}"


def pair(text):
    host, port = text.strip().split("!")
    return host, int(port)


def mapped(host):
    return bytes(10) + b"\xff\xff" + socket.inet_aton(host)


def prefix(remote, local):
    """The 52 bytes before a datagram in headers mode."""
    return (mapped(remote[0]) + mapped(local[0]) + mapped(local[0]) +
            struct.pack(">HH", remote[1], local[1]))


# --- the kernel's side -------------------------------------------------------------------------

ports = iter(range(20000, 32000))


def kernel_listener():
    listener = socket.socket()
    # Small, so that a peer that does not read is soon full.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind((KERNEL, 0))
    listener.listen(512)
    listener.settimeout(LIMIT_S)
    return listener


def closed_port(kind):
    """A port of the kernel's where nobody answers, and nobody will: tcp's is taken and silent."""
    holder = socket.socket(socket.AF_INET, kind)
    holder.bind((KERNEL, 0))
    return holder


PEERS = kernel_listener()
# Who is called by what is tested; the kernel takes the calls, nobody here does.
ANSWERING_SOCKET = kernel_listener()
ANSWERING = ANSWERING_SOCKET.getsockname()
REFUSING = closed_port(socket.SOCK_STREAM)


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def what_peer_sees(peer, limit_s=LIMIT_S):
    """Read to the end: `fin` or `rst`, with the bytes before it; `nothing` if neither comes."""
    count = 0
    peer.settimeout(limit_s)
    try:
        while part := peer.recv(1 << 16):
            count += len(part)
        return "fin", count
    except (ConnectionResetError, BrokenPipeError):
        return "rst", count
    except (TimeoutError, BlockingIOError):
        return "nothing", count


# --- conversations -----------------------------------------------------------------------------

names = iter(range(1, 1 << 30))


def numbers(proto):
    return {name for name in os.listdir(f"{NET}/{proto}") if name.isdigit()}


def number_of(proto, **wanted):
    """The number of the conversation whose files say this; None when there is none."""
    for name in numbers(proto):
        with contextlib.suppress(OSError):
            if all(text_of(f"{NET}/{proto}/{name}/{file}").strip() == words
                   for file, words in wanted.items()):
                return name
    return None


def number_of_call(listener, caller):
    """By both ends: the caller's port may have been another's, whose call is still kept."""
    return number_of(listener.proto, local=listener.local, remote=address(caller.getsockname()))


class Conversation:
    """One conversation in the tree, and whatever belongs to the state it is in."""

    def __init__(self, proto):
        self.proto = proto
        self.dir = self.number = self.name = None
        self.dir_fd = None      # asked through this directory
        self.open_fds = {}      # what had been opened before its name went
        self.made_fd = None     # the clone or listen that made it
        self.parent = None      # who announced, when this is a call
        self.peer = None        # the kernel's socket
        self.callers = []       # kernel sockets that called us
        self.local = self.remote = None
        self.spare = f"{OURS}!{next(ports)}" # for a bind or an announce to come
        self.written = 0        # bytes put into data when filling it
        self.is_headers = False
        self.wanted_state = None

    def make(self):
        self.name = f"m{os.getpid()}-{next(names)}"
        self.dir = f"{NET}/{self.proto}/{self.name}"
        os.mkdir(self.dir)
        self.number = text_of(f"{self.dir}/ctl").strip()

    def clone(self):
        before = numbers(self.proto)
        self.made_fd = os.open(f"{NET}/{self.proto}/clone", os.O_RDWR)
        (self.number,) = numbers(self.proto) - before
        self.dir = f"{NET}/{self.proto}/{self.number}"

    def by_number(self):
        self.dir = f"{NET}/{self.proto}/{self.number}"

    def order(self, words, flags=0):
        fd = os.open(f"{self.dir}/ctl", os.O_WRONLY | flags)
        try:
            os.write(fd, words.encode())
        finally:
            os.close(fd)

    def order_fails(self, number, words, flags=0):
        try:
            self.order(words, flags)
        except OSError as error:
            if error.errno == number:
                return
            raise
        raise Failure(f"{words}: expected {errno.errorcode[number]}, it succeeded")

    def state(self):
        return text_of(f"{self.dir}/status").split()[0].lower().replace("_", "")

    def await_state(self, *states):
        await_that(f"{self.dir} is {states}", lambda: self.state() in states)

    def open_in_child(self, name, flags):
        """A descriptor of one of its files, by the way that belongs to the state."""
        if name in self.open_fds:
            fd = self.open_fds[name]
            os.set_blocking(fd, not flags & os.O_NONBLOCK)
            return fd
        if self.dir_fd is not None:
            return check(libc.openat(self.dir_fd, name.encode(), flags, 0))
        return check(libc.openat(-100, f"{self.dir}/{name}".encode(), flags, 0))

    def hang_up(self):
        if "ctl" in self.open_fds:
            os.write(self.open_fds["ctl"], b"hangup")
        else:
            self.order("hangup")

    def end(self):
        """Nothing of it stays, whatever state the test has left it in."""
        for fd in [self.made_fd, self.dir_fd, *self.open_fds.values()]:
            if fd is not None:
                os.close(fd)
        for sock in [self.peer, *self.callers]:
            if sock is not None:
                sock.close()
        with contextlib.suppress(OSError):
            if self.name is None:
                self.order("hangup")
        with contextlib.suppress(OSError):
            if self.name is not None:
                os.rmdir(f"{NET}/{self.proto}/{self.name}")
        if self.parent:
            self.parent.end()


def check(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

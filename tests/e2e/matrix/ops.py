"""What is done to a file, in a process of the owner's or of another's, and how the outcome is
called. Every function here takes the conversation and returns a word of README.md."""

import ctypes
import fcntl
import fnmatch
import json
import os
import re
import select
import sys
import termios

from states import POLLRDHUP
from world import (ANSWERING, NET, OWNER, SILENT, Conversation, address, check, libc, number_of,
                   number_of_call, pair, prefix, text_of, what_peer_sees)

FLAGS = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "rn": os.O_RDWR | os.O_NONBLOCK,
         "trunc": os.O_WRONLY | os.O_TRUNC, "append": os.O_WRONLY | os.O_APPEND}
EVENTS = (("IN", select.POLLIN), ("OUT", select.POLLOUT), ("ERR", select.POLLERR),
          ("HUP", select.POLLHUP), ("RDHUP", POLLRDHUP), ("NVAL", select.POLLNVAL))
MORE_THAN_FITS = 16 << 20
MOST = 65507


def sys_read(fd, size=65536):
    into = ctypes.create_string_buffer(size)
    count = check(libc.read(fd, into, size))
    return into.raw[:count]


def sys_write(fd, words):
    return check(libc.write(fd, words, len(words)))


# --- how it is called --------------------------------------------------------------------------

def quoted(words):
    return '"' + words.decode(errors="replace").removesuffix("\n").replace("\n", "\\n") + '"'


def name_of_number(conv, words):
    return "NUMBER" if words == f"{conv.number}\n".encode() else quoted(words)


def name_of_call(conv, words):
    found = re.fullmatch(r"(\d+) (\S+)\n", words.decode())
    if not found or found[1] == conv.number or not conv.callers:
        return quoted(words)
    hang_up_number(conv, found[1])
    return "CALL" if found[2] == address(conv.callers[0].getsockname()) else quoted(words)


def name_of_datagram(conv, words):
    if conv.proto == "udp" and len(words) >= 52 and conv.local:
        wanted = prefix(conv.peer.getsockname(), pair(conv.local))
        # The interface's address is that of the local side.
        if words[:52] == wanted:
            return "+".join(["HEAD"] + [part.decode() for part in [words[52:]] if part])
    return quoted(words)


def name_of_address(wanted, word, words):
    text = words.decode()
    if wanted and text.endswith("\n") and fnmatch.fnmatchcase(text[:-1], wanted):
        return word
    return quoted(words)


def name_of_error(conv, words):
    if words == f"connect {conv.remote}: connection refused by the peer\n".encode():
        return "REFUSED"
    return quoted(words)


def name_of_state(conv, words):
    word = words.decode().split()[0]
    is_line = words.endswith(b"\n") and words.count(b"\n") == 1
    if conv.proto == "udp" and is_line and word.isidentifier():
        return "WORD"
    return word if is_line else quoted(words)


EVERYONES = ("schema proto number name uid pid state local remote age_us state_history "
             "last_error").split()
TCPS = ("srtt_us rttvar_us min_rtt_us rto_us backoff snd_una snd_nxt snd_wnd rcv_nxt rcv_wnd mss pmtu "
        "cwnd ssthresh bytes_in_flight").split()


def name_of_json(conv, words):
    said = json.loads(words)
    if not words.endswith(b"\n") or said["schema"] != 1:
        return "no newline, or no schema"
    if conv.dir is None:
        return "JSON"
    missing = [key for key in EVERYONES + (TCPS if conv.proto == "tcp" else []) if key not in said]
    if missing:
        return f"JSON without {','.join(missing)}"
    state = text_of(f"{conv.dir}/status").split()[0]
    wanted = (conv.proto, int(conv.number), state)
    got = (said["proto"], said["number"], said["state"])
    return "JSON" if wanted == got else f"JSON of {got}, expected {wanted}"


def name_of(conv, file, words):
    if file in ("stats", "proto/stats"):
        return name_of_json(conv, words)
    if not words:
        return "0"
    return {
        "ctl": name_of_number, "clone": name_of_number, "accept": name_of_call,
        "data": name_of_datagram, "err": name_of_error, "status": name_of_state,
        "local": lambda conv, words: name_of_address(conv.local, "LOCAL", words),
        "remote": lambda conv, words: name_of_address(conv.remote, "PEER", words),
    }[file](conv, words)


# --- opening -----------------------------------------------------------------------------------

def opened(conv, file, flags):
    if file == "clone" and conv.made_fd is not None:
        os.set_blocking(conv.made_fd, not flags & os.O_NONBLOCK)
        return conv.made_fd
    if file.startswith("proto/"):
        return check(libc.openat(-100, f"{NET}/{conv.proto}/{file[6:]}".encode(), flags, 0))
    return conv.open_in_child(file, flags)


def hang_up_number(conv, number):
    """A reservation is not left behind: there may be 64 of a user's."""
    one = Conversation(conv.proto)
    one.number = number
    one.by_number()
    one.order("hangup")


def opening(how):
    def run(conv, file):
        conv.open_fds.clear()
        fd = opened(conv, file, FLAGS[how.removeprefix("o-")])
        if file in ("listen", "proto/clone") and how in ("r", "o-r"):
            hang_up_number(conv, sys_read(fd).decode().strip())
        os.close(fd)
        return "ok"
    return run


def attributes(conv, file):
    if file.startswith("proto/"):
        return os.stat(f"{NET}/{conv.proto}/{file[6:]}")
    if conv.dir_fd is not None:
        return os.stat(file, dir_fd=conv.dir_fd)
    return os.stat(f"{conv.dir}/{file}")


def mode(conv, file):
    return f"{attributes(conv, file).st_mode & 0o7777:04o}"


def owner(conv, file):
    found = attributes(conv, file)
    names = {(OWNER, OWNER): "owner", (0, 0): "root"}
    return names.get((found.st_uid, found.st_gid), f"{found.st_uid}:{found.st_gid}")


def what_is_left(how):
    """A call taken, or a clone opened, this way: its directory when the file is closed."""
    def run(conv, file):
        if file == "listen":
            fd = opened(conv, file, FLAGS[how])
            number = number_of_call(conv, conv.callers[0])
        else:
            fd = opened(conv, file, FLAGS[how])
            if how == "r":
                number = sys_read(fd).decode().strip()
            else:
                sys_write(fd, a_bind(conv).encode())
                number = number_of(conv.proto, local=conv.spare)
        if number is None:
            return "no such conversation"
        os.close(fd)
        if not os.path.exists(f"{NET}/{conv.proto}/{number}"):
            return "gone"
        hang_up_number(conv, number)
        return "kept"
    return run


# --- reading and writing -----------------------------------------------------------------------

def reading(conv, file, flags=0):
    return name_of(conv, file, sys_read(opened(conv, file, flags)))


def reading_at_once(conv, file):
    return reading(conv, file, os.O_NONBLOCK)


def reading_late(conv, file):
    fd = opened(conv, file, os.O_RDONLY)
    os.set_blocking(fd, False)
    return name_of(conv, file, sys_read(fd))


def reading_again(conv, file):
    fd = opened(conv, file, os.O_RDONLY)
    try:
        sys_read(fd)
    except OSError:
        pass
    os.set_blocking(fd, False)
    words = sys_read(fd)
    return "0" if not words else quoted(words)


def reading_short(conv, file):
    fd = opened(conv, file, os.O_RDONLY)
    if len(sys_read(fd, 2)) != 2:
        return "not two bytes"
    os.set_blocking(fd, False)
    return name_of(conv, file, sys_read(fd))


def reading_at(conv, file):
    into = ctypes.create_string_buffer(16)
    check(libc.pread(opened(conv, file, os.O_RDONLY), into, 16, 0))
    return "ok"


def reading_rewound(conv, file):
    fd = opened(conv, file, os.O_RDWR)
    while sys_read(fd):
        pass
    sys_write(fd, b"ttl 64\n")
    return name_of(conv, file, sys_read(fd))


def stable(file, words):
    """What does not change while nothing happens: of status, the state."""
    return words.split()[:1] if file == "status" else words


def reading_twice(conv, file):
    first, second = (sys_read(opened(conv, file, os.O_RDONLY)) for _ in range(2))
    return "same" if stable(file, first) == stable(file, second) else quoted(second)


def reading_in_pieces(conv, file):
    fd, whole = opened(conv, file, os.O_RDONLY), b""
    while part := sys_read(fd, 3):
        whole += part
    if file == "stats":
        return name_of(conv, file, whole)
    other = sys_read(opened(conv, file, os.O_RDONLY))
    return "same" if stable(file, whole) == stable(file, other) else quoted(whole)


def datagram(conv, words):
    """In headers mode with its prefix."""
    if conv.proto == "udp" and conv.is_headers:
        return prefix(conv.peer.getsockname(), pair(conv.local)) + words
    return words


def writing(conv, file, flags=0, words=b"world", late=False):
    fd = opened(conv, file, os.O_WRONLY | flags)
    if late:
        os.set_blocking(fd, False)
    words = datagram(conv, words)
    count = sys_write(fd, words)
    return "ok" if count == len(words) else f"wrote {count} of {len(words)}"


def writing_at_once(conv, file):
    return writing(conv, file, os.O_NONBLOCK)


def writing_late(conv, file):
    return writing(conv, file, late=True)


def writing_much(conv, file):
    count = sys_write(opened(conv, file, os.O_WRONLY), bytes(MORE_THAN_FITS))
    return "part" if 0 < count < MORE_THAN_FITS else f"wrote {count}"


def writing_at(conv, file):
    check(libc.pwrite(opened(conv, file, os.O_WRONLY), b"world", 5, 0))
    return "ok"


def writing_bare(conv, file):
    sys_write(opened(conv, file, os.O_WRONLY), b"world")
    return "ok"


def arriving(conv, file):
    writing(conv, file)
    got = conv.peer.recv(100)
    return "ok" if got == b"world" else quoted(got)


# --- poll, close -------------------------------------------------------------------------------

def events_of(fd):
    poller = select.poll()
    poller.register(fd, select.POLLIN | select.POLLOUT | POLLRDHUP)
    mask = dict(poller.poll(0)).get(fd, 0)
    return "+".join(name for name, bit in EVENTS if mask & bit) or "none"


def polling(conv, file):
    way = os.O_RDWR if file in ("data", "ctl") else os.O_RDONLY
    return events_of(opened(conv, file, way))


def polling_when_read(conv, file):
    fd = opened(conv, file, os.O_RDWR)
    while sys_read(fd):
        pass
    return events_of(fd)


def seen_at(sock):
    """What a kernel socket could say now, without taking it."""
    if sock is None:
        return None
    count = fcntl.ioctl(sock.fileno(), termios.FIONREAD, bytes(4))
    return events_of(sock.fileno()), int.from_bytes(count, sys.byteorder)


def look(conv):
    return conv.state(), [seen_at(sock) for sock in [conv.peer, *conv.callers]]


def closing(conv, file):
    before = look(conv)
    os.close(opened(conv, file, os.O_RDONLY))
    after = look(conv)
    return "same" if before == after else f"{before} became {after}"


# --- verbs -------------------------------------------------------------------------------------

def verb(words, flags=0):
    """WORDS may be made of the conversation."""
    def run(conv, file):
        fd = opened(conv, file, os.O_WRONLY | flags)
        said = (words(conv) if callable(words) else words).encode()
        count = sys_write(fd, said)
        return "ok" if count == len(said) else "short"
    return run


def its_peer(conv):
    if conv.wanted_state == "connecting":
        return f"connect {SILENT}!9"
    return f"connect {address(ANSWERING)}"


def another_peer(conv):
    host, port = ANSWERING
    return f"connect {host}!{port + 1}" if conv.wanted_state != "connecting" else f"connect {host}!{port}"


def its_announcement(conv):
    if conv.wanted_state == "bound":
        return f"announce {conv.local}"
    return f"announce {conv.spare}"


def a_bind(conv):
    return f"bind {conv.spare}"


# --- the ctl of a call -------------------------------------------------------------------------

def of_listen(ask):
    """Take the call with listen, and ask the file that this gives."""
    def run(conv, file):
        fd = opened(conv, file, os.O_RDWR)
        call = Conversation(conv.proto)
        call.made_fd = fd
        call.number = number_of_call(conv, conv.callers[0])
        call.by_number()
        return ask(call, "clone")
    return run


def reading_first(call, _):
    fd = os.open(f"{call.dir}/data", os.O_RDONLY)
    return quoted(sys_read(fd))


def fin_of_call(conv, file):
    """What the caller sees when the only file of a call is closed."""
    os.close(opened(conv, file, os.O_RDWR))
    return seen_by(conv)


# --- what the peer sees ------------------------------------------------------------------------

def seen_by(conv):
    peer = conv.peer or (conv.callers[0] if conv.callers else None)
    if peer is None or conv.proto == "udp":
        return "gone"
    seen, count = what_peer_sees(peer)
    if not conv.written:
        return seen if count == 0 else f"{count} bytes and {seen}"
    return f"all+{seen}" if count == conv.written else seen


def seen_by_peer(words):
    def run(conv, file):
        verb(words)(conv, file)
        return seen_by(conv)
    return run

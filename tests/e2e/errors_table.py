"""Every errno of the errors' table: produced, and explained in `err` in words that name the thing.

A conversation's own `err` says it; what has none is explained by the `err` of the tree, to the uid it
happened to. `errors_table.py` is run by errors_table.sh, which says what the wire is like.
"""

import contextlib
import ctypes
import errno
import fnmatch
import os
import socket
import struct

import cases
from cases import fail, same

NET = os.environ["CATNET"]
KERNEL, OURS = os.environ.get("KERNEL", ""), os.environ.get("OURS", "")
SILENT, NOBODY, UNROUTED, FAR = "10.77.0.1", "10.9.0.99", "10.79.0.1", "10.78.0.1"
OWNER = 20001
# Not one of ours: nobody of that uid runs anything here.
INIT = 1
SO_ATTACH_FILTER = 26


@contextlib.contextmanager
def conversation(proto="tcp", *orders):
    path = f"{NET}/{proto}/errors"
    os.mkdir(path)
    try:
        for words in orders:
            order(path, words)
        yield path
    finally:
        os.rmdir(path)


@contextlib.contextmanager
def as_user(uid):
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def order(path, words, flags=0):
    fd = os.open(f"{path}/ctl", os.O_WRONLY | flags)
    try:
        os.write(fd, words.encode())
    finally:
        os.close(fd)


def text(path):
    with open(path) as file:
        return file.read()


def number(path):
    return text(f"{path}/ctl").strip()


def says(where, *patterns):
    """Its err is one line like each of PATTERNS."""
    words = text(f"{where}/err")
    for pattern in patterns:
        if not fnmatch.fnmatchcase(words, pattern + "\n") or words.count("\n") != 1:
            fail(f"err: expected something like {pattern!r}, got {words!r}")


def nothing_has_failed(where):
    """EINPROGRESS is no failure yet."""
    same("err", "", text(f"{where}/err"))


def fails(error, function, *arguments):
    try:
        result = function(*arguments)
    except OSError as seen:
        same("the error", errno.errorcode[error], errno.errorcode[seen.errno])
        return
    fail(f"expected {errno.errorcode[error]}, got {result!r}")


def order_fails(error, path, words, *patterns, flags=0):
    fails(error, order, path, words, flags)
    says(path, *patterns)


def read_data(path):
    fd = os.open(f"{path}/data", os.O_RDONLY)
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


def write_data(path, words=b"x", flags=0):
    fd = os.open(f"{path}/data", os.O_WRONLY | flags)
    try:
        return os.write(fd, words)
    finally:
        os.close(fd)


def kernel_socket(kind=socket.SOCK_STREAM):
    kept = socket.socket(socket.AF_INET, kind)
    kept.bind((KERNEL, 0))
    return kept


def kernel_listener():
    listener = kernel_socket()
    listener.listen()
    listener.settimeout(5)
    return listener


def address(sock):
    return "{}!{}".format(*sock.getsockname())


@contextlib.contextmanager
def connected():
    """A conversation and the kernel's socket at its other end."""
    with kernel_listener() as listener, conversation("tcp", f"connect {address(listener)}") as path:
        peer, _ = listener.accept()
        with peer:
            yield path, peer


# --- connect(2)'s ------------------------------------------------------------------------------

def ECONNREFUSED_is_a_port_where_nobody_listens():
    with kernel_socket() as closed, conversation() as path:
        there = address(closed)
        order_fails(errno.ECONNREFUSED, path, f"connect {there}",
                    f"connect {there}: connection refused by the peer")


def ECONNREFUSED_is_an_ICMP_error_for_a_datagram_too():
    with kernel_socket(socket.SOCK_DGRAM) as closed:
        there = address(closed)
    with conversation("udp", f"connect {there}") as path:
        write_data(path)
        fails(errno.ECONNREFUSED, read_data, path)
        says(path, f"*{there}: connection refused by the peer")


def ETIMEDOUT_is_a_peer_that_does_not_answer_in_time():
    with conversation("tcp", "timeout connect 1") as path:
        order_fails(errno.ETIMEDOUT, path, f"connect {SILENT}!9", f"connect {SILENT}!9: *time*")


def ETIMEDOUT_is_a_read_that_has_waited_long_enough():
    with connected() as (path, _):
        order(path, "timeout read 1")
        fails(errno.ETIMEDOUT, read_data, path)
        says(path, "read data: no answer in time")


def EHOSTUNREACH_is_a_neighbour_who_is_not_there():
    with conversation() as path:
        order_fails(errno.EHOSTUNREACH, path, f"connect {NOBODY}!9", f"connect {NOBODY}!9: *")


def EHOSTUNREACH_is_what_a_router_says():
    with conversation() as path:
        order_fails(errno.EHOSTUNREACH, path, f"connect {FAR}!9", f"connect {FAR}!9: *")


def ENETUNREACH_is_what_a_router_says():
    with conversation() as path:
        order_fails(errno.ENETUNREACH, path, f"connect {UNROUTED}!9", f"connect {UNROUTED}!9: *")


# --- addresses ---------------------------------------------------------------------------------

def EADDRINUSE_is_another_listener_there():
    with conversation("tcp", "announce 7600") as path:
        other = f"{NET}/tcp/second"
        os.mkdir(other)
        order_fails(errno.EADDRINUSE, other, "announce 7600",
                    f"announce *7600: in use by conversation {number(path)}*")
        os.rmdir(other)


def EADDRNOTAVAIL_is_an_address_that_is_not_ours():
    with conversation() as path:
        order_fails(errno.EADDRNOTAVAIL, path, "announce 10.9.0.55!7601", "announce 10.9.0.55!7601: *")
        order_fails(errno.EADDRNOTAVAIL, path, "bind 10.9.0.55!7601", "bind 10.9.0.55!7601: *")


# --- as for sockets ----------------------------------------------------------------------------

def ECONNRESET_is_a_peer_who_resets():
    with connected() as (path, peer):
        there = address(peer)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        fails(errno.ECONNRESET, read_data, path)
        says(path, f"*{there}*reset by the peer*")


def EPIPE_is_a_write_after_our_end():
    with connected() as (path, _):
        order(path, "shutdown wr")
        fails(errno.EPIPE, write_data, path)
        says(path, "write data: *")


def ENOTCONN_is_data_of_who_is_not_connected():
    with conversation() as path:
        fails(errno.ENOTCONN, read_data, path)
        says(path, "read data: not connected; connect it first")
        fails(errno.ENOTCONN, write_data, path)
        says(path, "write data: not connected*")


def ENOTCONN_is_the_shutdown_of_who_is_not_connected():
    with conversation() as path:
        order_fails(errno.ENOTCONN, path, "shutdown wr", "shutdown*: not connected*")


def EISCONN_is_a_second_connect():
    with connected() as (path, _):
        order_fails(errno.EISCONN, path, f"connect {KERNEL}!9", f"connect {KERNEL}!9: *connected*")


def EISCONN_is_a_second_announce_and_a_connect_after_it():
    with conversation("tcp", "announce 7602") as path:
        order_fails(errno.EISCONN, path, "announce 7603", "announce *7603: *")
        order_fails(errno.EISCONN, path, f"connect {KERNEL}!9", f"connect {KERNEL}!9: *")


def EINPROGRESS_is_a_connect_that_may_not_wait():
    with conversation() as path:
        fails(errno.EINPROGRESS, order, path, f"connect {SILENT}!9", os.O_NONBLOCK)
        nothing_has_failed(path)


def EALREADY_is_a_connect_beside_another():
    with conversation() as path:
        fails(errno.EINPROGRESS, order, path, f"connect {SILENT}!9", os.O_NONBLOCK)
        order_fails(errno.EALREADY, path, f"connect {SILENT}!9", f"connect {SILENT}!9: *",
                    flags=os.O_NONBLOCK)
        order_fails(errno.EALREADY, path, f"connect {SILENT}!10", f"connect {SILENT}!10: *")


# --- malformed ---------------------------------------------------------------------------------

MALFORMED = (
    ("connect 10.0.0.1", 'connect: expected ADDRESS!PORT, got "10.0.0.1"'),
    ("connect", "connect: *ADDRESS!PORT*"),
    ("connect 10.0.0.1!1 10.9.0.2!2 more", "connect: *"),
    ("connect 10.0.0.256!80", 'connect: *"10.0.0.256*'),
    ("connect 10.0.0.1!70000", "connect: *70000*"),
    ("connect example.com!80", "connect: names are not available, give an address*"),
    ("announce 10.9.0.2", "announce: *10.9.0.2*"),
    ("bind one", "bind: *one*"),
    ("nodelay yes", 'nodelay: expected on or off, got "yes"'),
    ("ttl many", 'ttl: expected *, got "many"'),
    ("ttl 256", 'ttl: expected *255*, got "256"'),
    ("shutdown now", 'shutdown: expected *rd*wr*rdwr*, got "now"'),
    ("timeout nap 3", 'timeout: expected *connect*read*write*, got "nap"'),
    ("frobnicate", "frobnicate: *"),
    ("congestion magic", "congestion: *magic*"),
    ("keep long", 'keep: expected *, got "long"'),
)


def EINVAL_names_the_word_and_what_was_expected():
    with conversation() as path:
        for words, pattern in MALFORMED:
            order_fails(errno.EINVAL, path, words, pattern)


def EINVAL_is_data_of_who_announces():
    with conversation("tcp", "announce 7604") as path:
        fails(errno.EINVAL, read_data, path)
        says(path, "read data: this one only takes calls; *")
        fails(errno.EINVAL, write_data, path)
        says(path, "write data: *")


def EINVAL_is_a_name_that_is_none():
    fails(errno.EINVAL, os.mkdir, f"{NET}/tcp/12")
    says(NET, "mkdir tcp/12: *")


# --- not allowed -------------------------------------------------------------------------------

def EACCES_is_what_belongs_to_another():
    with conversation() as path, as_user(OWNER):
        for file in ("ctl", "data", "listen", "accept", "err", "stats"):
            fails(errno.EACCES, os.open, f"{path}/{file}", os.O_RDONLY)


def EACCES_is_a_port_for_root_only():
    with as_user(OWNER), conversation() as path:
        order_fails(errno.EACCES, path, "announce 80", "announce *80: *")


def EPERM_is_what_the_tree_does_not_do():
    with conversation() as path:
        fails(errno.EPERM, os.utime, f"{path}/ctl")
        fails(errno.EPERM, os.rename, path, f"{NET}/tcp/other")
        fails(errno.EPERM, os.unlink, f"{path}/ctl")
        fails(errno.EPERM, os.link, f"{path}/ctl", f"{path}/other")


def EPERM_is_a_hold_by_the_process_of_another():
    with as_user(OWNER), conversation() as path:
        order_fails(errno.EPERM, path, f"hold {INIT}", f"hold*{INIT}*")


# --- used up -----------------------------------------------------------------------------------

def until_it_fails(function, most):
    for count in range(most):
        try:
            function(count)
        except OSError as error:
            return error.errno
    return 0


def name_icmp(count):
    os.mkdir(f"{NET}/icmp/e{os.geteuid()}-{count}")


def unname_icmp():
    for name in os.listdir(f"{NET}/icmp"):
        if name.startswith("e"):
            os.rmdir(f"{NET}/icmp/{name}")


def EDQUOT_is_the_reservation_too_many():
    fds = []
    with as_user(OWNER):
        error = until_it_fails(
            lambda _: fds.append(os.open(f"{NET}/tcp/clone", os.O_RDONLY)), 1000)
        same("the error", errno.errorcode[errno.EDQUOT], errno.errorcode.get(error))
        says(NET, "tcp/clone: *this user*close*")
        for fd in fds:
            order(f"{NET}/tcp/{os.read(fd, 100).decode().strip()}", "hangup")
            os.close(fd)


def EDQUOT_then_EMFILE_are_conversations_used_up():
    try:
        for uid in range(OWNER, OWNER + 8):
            with as_user(uid):
                error = until_it_fails(name_icmp, 1 << 17)
                if error == errno.EMFILE:
                    says(NET, "mkdir icmp/e*: *")
                    return
                same("the error", errno.errorcode[errno.EDQUOT], errno.errorcode.get(error))
                says(NET, "mkdir icmp/e*: *this user*close*")
    finally:
        unname_icmp()
    fail("there is always room for one more")


def fill(path):
    """Write until no more is taken: the errno of what ended it."""
    while True:
        try:
            write_data(path, bytes(1 << 18), os.O_NONBLOCK)
        except OSError as error:
            return error.errno


def deafen(peer):
    """No segment reaches it any more, so it acknowledges none: what is written stays with us."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(drop_all))
    peer.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def one_more_that_is_full(listener, made, peers):
    """Where the memory budget ended: the directory whose err says so; None if it did not."""
    path = f"{NET}/tcp/full{len(made)}"
    try:
        os.mkdir(path)
    except OSError as error:
        same("the error of mkdir", errno.errorcode[errno.ENOBUFS], errno.errorcode[error.errno])
        return NET
    made.append(path)
    try:
        order(path, f"connect {address(listener)}")
    except OSError as error:
        same("the error of connect", errno.errorcode[errno.ENOBUFS], errno.errorcode[error.errno])
        return path
    peers.append(listener.accept()[0])
    deafen(peers[-1])
    return path if fill(path) == errno.ENOBUFS else None


def ENOBUFS_is_the_memory_budget_used_up():
    made, peers, where = [], [], None
    with kernel_listener() as listener:
        while where is None and len(made) < 500:
            where = one_more_that_is_full(listener, made, peers)
    if where is None:
        fail("500 conversations are full, and there is still memory")
    says(where, "*: *memory*used up*")
    for path in made:
        order(path, "hangup")
        os.rmdir(path)
    for peer in peers:
        peer.close()


# --- not there ---------------------------------------------------------------------------------

def ENOENT_is_a_conversation_that_is_no_more():
    with conversation() as path:
        gone = f"{NET}/tcp/{number(path)}"
    fails(errno.ENOENT, os.open, f"{gone}/ctl", os.O_RDONLY)
    fails(errno.ENOENT, os.open, f"{NET}/tcp/1099511627775/ctl", os.O_RDONLY)


def ESTALE_is_what_is_left_of_a_conversation_that_is_no_more():
    with conversation() as path:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        ctl = os.open(f"{path}/ctl", os.O_PATH)
    fails(errno.ESTALE, os.listdir, directory)
    fails(errno.ESTALE, os.open, f"/proc/self/fd/{ctl}", os.O_RDONLY)


def EOPNOTSUPP_is_a_verb_of_another_protocol():
    for proto, words in (("tcp", "headers on"), ("udp", "nodelay on"), ("icmp", "announce 7")):
        with conversation(proto) as path:
            order_fails(errno.EOPNOTSUPP, path, words, f"{words.split()[0]}*{proto}*")


# --- the device --------------------------------------------------------------------------------

def EIO_is_a_device_that_is_gone():
    for proto in ("tcp", "udp"):
        with conversation(proto) as path:
            order_fails(errno.EIO, path, f"connect {KERNEL}!7",
                        f"connect {KERNEL}!7: the device is gone")
    for name, error in (("reader", read_data), ("writer", write_data)):
        fails(errno.EIO, error, f"{NET}/tcp/{name}")
        says(f"{NET}/tcp/{name}", f"{KERNEL}!7: the device is gone")


TESTS = (
    ECONNREFUSED_is_a_port_where_nobody_listens,
    ECONNREFUSED_is_an_ICMP_error_for_a_datagram_too,
    ETIMEDOUT_is_a_peer_that_does_not_answer_in_time,
    ETIMEDOUT_is_a_read_that_has_waited_long_enough,
    EHOSTUNREACH_is_a_neighbour_who_is_not_there,
    EHOSTUNREACH_is_what_a_router_says,
    ENETUNREACH_is_what_a_router_says,
    EADDRINUSE_is_another_listener_there,
    EADDRNOTAVAIL_is_an_address_that_is_not_ours,
    ECONNRESET_is_a_peer_who_resets,
    EPIPE_is_a_write_after_our_end,
    ENOTCONN_is_data_of_who_is_not_connected,
    ENOTCONN_is_the_shutdown_of_who_is_not_connected,
    EISCONN_is_a_second_connect,
    EISCONN_is_a_second_announce_and_a_connect_after_it,
    EINPROGRESS_is_a_connect_that_may_not_wait,
    EALREADY_is_a_connect_beside_another,
    EINVAL_names_the_word_and_what_was_expected,
    EINVAL_is_data_of_who_announces,
    EINVAL_is_a_name_that_is_none,
    EACCES_is_what_belongs_to_another,
    EACCES_is_a_port_for_root_only,
    EPERM_is_what_the_tree_does_not_do,
    EPERM_is_a_hold_by_the_process_of_another,
    EDQUOT_is_the_reservation_too_many,
    EDQUOT_then_EMFILE_are_conversations_used_up,
    ENOBUFS_is_the_memory_budget_used_up,
    ENOENT_is_a_conversation_that_is_no_more,
    ESTALE_is_what_is_left_of_a_conversation_that_is_no_more,
    EOPNOTSUPP_is_a_verb_of_another_protocol,
    EIO_is_a_device_that_is_gone,
)

if __name__ == "__main__":
    cases.main(TESTS)

"""Tests of ioctl.sh: the ioctls of `data`. ioctl.py KERNEL OURS NAME"""

import array
import errno
import fcntl
import os
import select
import signal
import socket
import sys
import termios
import threading
import time

import cases
import ioctls
import tree
from cases import fail, refused, same
from ioctls import DONTWAIT, PEEK, WAIT

KERNEL, OURS = (sys.argv + [""] * 2)[1:3]
ECHO, SILENT = 7, 9
WAIT_S = 5


def await_bytes(fd, count=1):
    """Until as many wait to be read; poll alone would be content with one."""
    end = time.monotonic() + WAIT_S
    while ioctls.queues(fd)[0] < count and time.monotonic() < end:
        select.select([fd], [], [], WAIT_S)


def mapped(address):
    return b"\0" * 10 + b"\xff\xff" + socket.inet_aton(address)


def what_is_sent_by_ioctl_comes_back_by_ioctl():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    same("sent", 5, ioctls.send(data, b"hello"))
    got = ioctls.recv(data, 100)
    same("what came", b"hello", got.bytes)
    same("from whom", (mapped(KERNEL), ECHO), (got.remote, got.port))


def a_peek_leaves_it_to_be_read():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(data, b"hello")
    same("a peek that waits", b"h", ioctls.recv(data, 1, PEEK).bytes)
    await_bytes(data, 5)
    same("a longer one", b"hello", ioctls.recv(data, 100, PEEK).bytes)
    same("a read", b"hello", os.read(data, 100))


def sixteen_kib_less_a_head_go_at_once_both_ways():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    sent = os.urandom(ioctls.BYTES_MAX)
    same("sent", len(sent), ioctls.send(data, sent))
    await_bytes(data, len(sent))
    same("equality", True, ioctls.recv(data, ioctls.BYTES_MAX).bytes == sent)


def one_that_may_not_wait_is_eagain():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    refused(errno.EAGAIN, ioctls.recv, data, 1, DONTWAIT)


def a_file_opened_not_to_wait_waits_when_told_to():
    c = tree.Conversation().order(f"connect {KERNEL}!{ECHO}")
    data = c.open("data", os.O_RDWR | os.O_NONBLOCK)
    refused(errno.EAGAIN, ioctls.recv, data, 1)
    os.write(data, b"x")
    same("what came", b"x", ioctls.recv(data, 1, WAIT).bytes)


def timeout_read_ends_one_that_waits():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    c.order("timeout read 1")
    refused(errno.ETIMEDOUT, ioctls.recv, data, 1)


def a_signal_ends_one_that_waits():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")

    def come(*_):
        raise InterruptedError(errno.EINTR, "a signal came")

    signal.signal(signal.SIGALRM, come)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    refused(errno.EINTR, ioctls.recv, data, 1)
    os.write(data, b"x")
    same("what came after it", b"x", os.read(data, 1))


def readers_by_ioctl_and_by_read_are_served_in_the_order_of_asking():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    order = []
    ways = [lambda: os.read(data, 1), lambda: ioctls.recv(data, 1).bytes] * 3

    def receive(who):
        order.append((who, ways[who]()))

    threads = []
    for who in range(len(ways)):
        threads.append(threading.Thread(target=receive, args=(who,), daemon=True))
        threads[-1].start()
        time.sleep(0.1)
    for letter in b"abcdef":
        os.write(data, bytes([letter]))
        time.sleep(0.1)
    for thread in threads:
        thread.join(WAIT_S)
    same("who got what", [(i, b"abcdef"[i:i + 1]) for i in range(len(ways))], order)


def an_ioctl_that_waits_holds_up_nobody_on_the_same_descriptor():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    got = []
    thread = threading.Thread(target=lambda: got.append(ioctls.recv(data, 100).bytes), daemon=True)
    thread.start()
    time.sleep(0.2)
    begin = time.monotonic()
    same("an error", 0, ioctls.take_error(data))
    ioctls.send(data, b"through")
    if time.monotonic() - begin > 0.2:
        fail(f"it took {time.monotonic() - begin:.3f} s")
    thread.join(WAIT_S)
    same("what came", [b"through"], got)


def what_was_sent_to_a_peer_that_does_not_read_is_told():
    _, data = tree.connected(f"{KERNEL}!{SILENT}")
    sent = 0
    try:
        while True:
            sent += ioctls.send(data, bytes(ioctls.BYTES_MAX), DONTWAIT)
    except BlockingIOError:
        pass
    to_read, out, unsent = ioctls.queues(data)
    same("to read", 0, to_read)
    if not 0 < unsent <= out <= sent:
        fail(f"{sent} sent, {out} out, {unsent} of them unsent")


def what_came_and_was_not_read_is_told():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(data, b"hello")
    await_bytes(data, 5)
    same("queues", (5, 0, 0), ioctls.queues(data))


def a_connect_that_did_not_wait_tells_its_error_once():
    c = tree.Conversation()
    ctl = c.open("ctl", os.O_RDWR | os.O_NONBLOCK)
    data = c.open("data")
    try:
        os.write(ctl, f"connect {KERNEL}!99".encode())
    except (BlockingIOError, ConnectionRefusedError):
        pass
    select.select([], [data], [], WAIT_S)
    same("the error", errno.ECONNREFUSED, ioctls.take_error(data))
    same("and then", 0, ioctls.take_error(data))


def the_end_is_told_from_a_datagram_without_bytes():
    c = tree.Conversation("udp").order("headers on").order("announce 0")
    data = c.open("data")
    _, caller = tree.connected(f"{OURS}!{c.local_port()}", "udp")
    same("sent", 0, ioctls.send(caller, b""))
    got = ioctls.recv(data, 100)
    same("an empty one", (b"", 0), (got.bytes, got.flags))
    c.order("close")
    same("the end", (b"", ioctls.END), (lambda m: (m.bytes, m.flags))(ioctls.recv(data, 100)))


def a_datagram_brings_its_sender_and_its_length():
    _, data = tree.connected(f"{KERNEL}!{ECHO}", "udp")
    ioctls.send(data, b"there and back")
    measured = ioctls.recv(data, 0, PEEK)
    same("measured", (14, b""), (measured.len, measured.bytes))
    got = ioctls.recv(data, 5)
    same("cut", (b"there", 14), (got.bytes, got.len))
    same("from whom", (mapped(KERNEL), ECHO, mapped(OURS)), (got.remote, got.port, got.local))
    refused(errno.EAGAIN, ioctls.recv, data, 5, DONTWAIT)


def with_headers_an_answer_goes_where_the_question_came_from():
    c = tree.Conversation("udp").order("headers on").order("announce 0")
    data = c.open("data")
    callers = [tree.connected(f"{OURS}!{c.local_port()}", "udp")[1] for _ in range(3)]
    for i, caller in enumerate(callers):
        os.write(caller, f"question {i}".encode())
    for i in range(len(callers)):
        question = ioctls.recv(data, 100)
        same("question", f"question {i}".encode(), question.bytes)
        ioctls.send(data, b"answer" + question.bytes[-2:], to=question)
    for i, caller in enumerate(callers):
        same("answer", f"answer {i}".encode(), os.read(caller, 100))
    refused(errno.EINVAL, ioctls.send, data, b"to whom?")


def an_echo_comes_back():
    _, data = tree.connected(f"{KERNEL}!0", "icmp")
    ioctls.send(data, bytes([8, 0, 0, 0, 0, 0, 0, 7]) + b"echo")
    got = ioctls.recv(data, 100)
    same("what came", (b"echo", 7, mapped(KERNEL)), (got.bytes[8:], got.bytes[7], got.remote))


def other_files_and_other_ioctls_are_enotty():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    for name, flags in (("ctl", os.O_RDWR), ("accept", os.O_RDONLY), ("status", os.O_RDONLY)):
        refused(errno.ENOTTY, ioctls.take_error, c.open(name, flags))
    refused(errno.ENOTTY, ioctls.take_error, os.open(tree.NET, os.O_RDONLY))
    refused(errno.ENOTTY, fcntl.ioctl, data, termios.TIOCOUTQ, array.array("i", [0]))
    same("a terminal", False, os.isatty(data))


def one_for_which_the_file_is_not_open_is_ebadf():
    c, _ = tree.connected(f"{KERNEL}!{ECHO}")
    refused(errno.EBADF, ioctls.send, c.open("data", os.O_RDONLY), b"x")
    refused(errno.EBADF, ioctls.recv, c.open("data", os.O_WRONLY), 1)


cases.main([
    what_is_sent_by_ioctl_comes_back_by_ioctl,
    a_peek_leaves_it_to_be_read,
    sixteen_kib_less_a_head_go_at_once_both_ways,
    one_that_may_not_wait_is_eagain,
    a_file_opened_not_to_wait_waits_when_told_to,
    timeout_read_ends_one_that_waits,
    a_signal_ends_one_that_waits,
    readers_by_ioctl_and_by_read_are_served_in_the_order_of_asking,
    an_ioctl_that_waits_holds_up_nobody_on_the_same_descriptor,
    what_was_sent_to_a_peer_that_does_not_read_is_told,
    what_came_and_was_not_read_is_told,
    a_connect_that_did_not_wait_tells_its_error_once,
    the_end_is_told_from_a_datagram_without_bytes,
    a_datagram_brings_its_sender_and_its_length,
    with_headers_an_answer_goes_where_the_question_came_from,
    an_echo_comes_back,
    other_files_and_other_ioctls_are_enotty,
    one_for_which_the_file_is_not_open_is_ebadf,
])

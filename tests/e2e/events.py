"""Tests of events.sh: what a program may do with events. events.py KERNEL OURS NAME"""

import errno
import fcntl
import os
import select
import signal
import sys
import threading
import time

import cases
import tree
from cases import fail, refused, same

OURS = (sys.argv + [""] * 2)[2]
EVENTS = f"{tree.NET}/events"
# Lines that are kept for a reader who does not read.
KEPT = 8192


def follow(flags=0):
    return os.open(EVENTS, os.O_RDONLY | flags)


def change_twice():
    """One is announced, and ended; its number."""
    with tree.Conversation("udp") as c:
        c.order("announce 0")
        return int(c.number)


def lines(fd, wait_s=5):
    """What is there, waiting for the first of it."""
    if not select.select([fd], [], [], wait_s)[0]:
        fail(f"no line came within {wait_s} s")
    return os.read(fd, 1 << 16).decode().splitlines()


def lines_of(fd, number, count):
    """COUNT lines of conversation NUMBER, without their time."""
    got = []
    while len(got) < count:
        got += [line.split(" ", 1)[1] for line in lines(fd) if line.split()[2] == str(number)]
    return got


def a_change_is_a_line_with_the_time_of_day():
    fd = follow()
    begin = time.time()
    number = change_twice()
    line = next(line for line in lines(fd) if line.split()[2] == str(number)).split()
    if not begin - 0.01 <= int(line[0]) / 1e6 <= time.time() + 0.01:
        fail(f"it is {time.time()}, the line says {line[0]} us")
    same("fields", ["udp", str(number), "-", "Closed", "Announced"], line[1:6])
    same("address", "::!", line[6][:3])


def both_ends_of_a_connection_are_followed():
    listener = tree.Conversation().order("announce 7300")
    fd = follow()
    near = tree.Conversation().order(f"connect {OURS}!7300 {OURS}!7301")
    far = listener.take()
    same("here", [f"tcp {near.number} - Closed Syn_sent {OURS}!7300",
                  f"tcp {near.number} - Syn_sent Established {OURS}!7300"],
         lines_of(fd, near.number, 2))
    fd = follow()
    near.close()
    same("there", [f"tcp {far.number} - Established Close_wait {OURS}!7301"],
         lines_of(fd, far.number, 1))
    far.close()
    listener.close()


def every_reader_sees_every_line():
    fds = [follow() for _ in range(20)]
    number = change_twice()
    for fd in fds:
        same("lines", 2, len(lines_of(fd, number, 2)))


def a_read_waits_and_is_woken():
    fd = follow()
    got = []
    thread = threading.Thread(target=lambda: got.append(os.read(fd, 65536)))
    thread.start()
    change_twice()
    thread.join(5)
    same("answers", 1, len(got))


def a_read_that_may_not_wait_says_so_also_when_set_late():
    refused(errno.EAGAIN, os.read, follow(os.O_NONBLOCK), 100)
    fd = follow()
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
    refused(errno.EAGAIN, os.read, fd, 100)


def polled(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    return [events for _, events in poll.poll(0)]


def poll_is_in_while_a_line_waits():
    fd = follow()
    same("before", [], polled(fd))
    number = change_twice()
    lines_of(follow_again := fd, number, 1)
    while select.select([follow_again], [], [], 0.2)[0]:
        os.read(fd, 65536)
    same("when all is read", [], polled(fd))
    change_twice()
    lines_wait = select.select([fd], [], [], 5)[0]
    same("a line", [fd], lines_wait)
    os.read(fd, 1)
    same("the rest of a line", [select.POLLIN], polled(fd))


def epoll_tells_an_edge_reader_of_every_line():
    fd = follow(os.O_NONBLOCK)
    epoll = select.epoll()
    epoll.register(fd, select.EPOLLIN | select.EPOLLET)
    for _ in range(5):
        number = change_twice()
        got = 0
        while got < 2:
            if not epoll.poll(5):
                fail(f"nothing was told of conversation {number}")
            try:
                while True:
                    got += len([line for line in os.read(fd, 65536).decode().splitlines()
                                if line.split()[2] == str(number)])
            except BlockingIOError:
                pass


def a_line_is_read_byte_by_byte():
    fd = follow()
    number = change_twice()
    text = b""
    while text.count(b"\n") < 2:
        text += os.read(fd, 1)
    same("states", [["Closed", "Announced"], ["Announced", "Closed"]],
         [line.split()[4:6] for line in text.decode().splitlines() if line.split()[2] == str(number)])


def who_does_not_read_is_told_how_much_was_lost():
    """Every line is there or counted as lost."""
    fd = follow()
    made = KEPT // 2 + 500
    for _ in range(made - 1):
        change_twice()
    # All is told before anything is read: what comes while he reads is not lost.
    witness = follow()
    last = change_twice()
    text = b""
    while f"udp {last} - Announced Closed".encode() not in text:
        text += os.read(witness, 1 << 16)
    lost = told = 0
    while True:
        text = os.read(fd, 1 << 16).decode().splitlines()
        lost += sum(int(line.split()[1]) for line in text if line.startswith("lost "))
        told += sum(not line.startswith("lost ") for line in text)
        if f"udp {last} - Announced Closed" in text[-1]:
            break
    same("lines, with those lost", 2 * made, told + lost)
    if lost < 2 * made - KEPT:
        fail(f"{lost} were lost, of {2 * made} only {KEPT} are kept")


def a_signal_ends_a_read():
    def interrupted(*_):
        raise InterruptedError

    fd = follow()
    signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        os.read(fd, 100)
        fail("it was not interrupted")
    except InterruptedError:
        pass
    number = change_twice()
    same("lines after it", 2, len(lines_of(fd, number, 2)))


def it_cannot_be_written_and_has_no_position():
    refused(errno.EACCES, os.open, EVENTS, os.O_WRONLY) if os.getuid() else None
    refused(errno.ESPIPE, os.lseek, follow(), 0, os.SEEK_SET)
    refused(errno.EBADF, os.write, follow(), b"x")


cases.main([
    a_change_is_a_line_with_the_time_of_day,
    both_ends_of_a_connection_are_followed,
    every_reader_sees_every_line,
    a_read_waits_and_is_woken,
    a_read_that_may_not_wait_says_so_also_when_set_late,
    poll_is_in_while_a_line_waits,
    epoll_tells_an_edge_reader_of_every_line,
    a_line_is_read_byte_by_byte,
    who_does_not_read_is_told_how_much_was_lost,
    a_signal_ends_a_read,
    it_cannot_be_written_and_has_no_position,
])

"""Tests of sharing.sh: descriptors in several hands. sharing.py KERNEL OURS NAME"""

import array
import collections
import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import cases
import ioctls
import tree
from cases import fail, refused, same

KERNEL, OURS = (sys.argv + [""] * 2)[1:3]
ECHO = 7
RECORD = 100_000  # a write of one is one request, and is queued whole
COUNT = 20
PIECE = 4000  # goes through a pipe in one piece


def in_child(function, *arguments):
    """FUNCTION in a forked child, which fails when it raises or says False."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 1 if function(*arguments) is False else 0
        finally:
            os._exit(status)
    return pid


def end_well(*pids):
    for pid in pids:
        same("status of a child", 0, os.waitpid(pid, 0)[1])


def in_threads(function, arguments):
    threads = [threading.Thread(target=function, args=a, daemon=True) for a in arguments]
    for thread in threads:
        thread.start()
    return threads


def await_gone(c):
    end = time.monotonic() + 5
    while os.path.exists(f"{tree.NET}/{c.dir}"):
        if time.monotonic() > end:
            fail(f"{c.dir} is still there")
        time.sleep(0.02)


def await_bytes(fd, count):
    end = time.monotonic() + 5
    while ioctls.queues(fd)[0] < count:
        if time.monotonic() > end:
            fail(f"{ioctls.queues(fd)[0]} bytes came of {count}")
        time.sleep(0.02)


def pair(port, proto="tcp"):
    """Two ends of ours, each with its open data."""
    server = tree.Conversation(proto).order(f"announce {port}")
    near = tree.Conversation(proto).order(f"connect {OURS}!{port}")
    if proto == "udp":
        near_data = near.open("data")
        os.write(near_data, b"first")
        far = server.take()
        far_data = far.open("data")
        os.read(far_data, 100)
        return near, near_data, far, far_data
    far = server.take()
    return near, near.open("data"), far, far.open("data")


# --- several writers --------------------------------------------------------------------------


def write_records(fd, letter):
    for _ in range(COUNT):
        same("written", RECORD, os.write(fd, letter * RECORD))


def open_and_write_records(c, letter):
    write_records(os.open(f"{tree.NET}/{c.dir}/data", os.O_WRONLY), letter)


def come_whole(fd, letters):
    """Each record is of one letter, and there are as many of each as were written."""
    got = collections.Counter()
    for _ in range(len(letters) * COUNT):
        record = tree.read_exactly(fd, RECORD)
        same("letters in a record", 1, len(set(record)))
        got[record[:1]] += 1
    same("records", {letter: COUNT for letter in letters}, dict(got))


def records_of_processes_on_one_descriptor_come_whole():
    _, near, _, far = pair(7301)
    letters = [b"a", b"b", b"c", b"d"]
    children = [in_child(write_records, near, letter) for letter in letters]
    come_whole(far, letters)
    end_well(*children)


def records_of_threads_on_one_descriptor_come_whole():
    _, near, _, far = pair(7302)
    letters = [b"a", b"b", b"c", b"d"]
    threads = in_threads(write_records, [(near, letter) for letter in letters])
    come_whole(far, letters)
    for thread in threads:
        thread.join()


def records_of_duplicates_come_whole():
    _, near, _, far = pair(7303)
    letters = [b"a", b"b", b"c"]
    threads = in_threads(write_records, [(os.dup(near), letter) for letter in letters])
    come_whole(far, letters)
    for thread in threads:
        thread.join()


def records_of_processes_with_an_open_each_come_whole():
    near, _, _, far = pair(7304)
    letters = [b"a", b"b", b"c"]
    children = [in_child(open_and_write_records, near, letter) for letter in letters]
    come_whole(far, letters)
    end_well(*children)


# --- several readers --------------------------------------------------------------------------


def hand_on(fd, into):
    """What is read goes into a pipe, each piece at once; until the end."""
    while data := os.read(fd, PIECE):
        os.write(into, data)


def two_readers_get_every_byte_once():
    near, data, _, far = pair(7305)
    out, into = os.pipe()
    children = [in_child(hand_on, far, into) for _ in range(2)]
    os.close(into)
    sent = os.urandom(1 << 20)
    threads = in_threads(lambda: (tree.write_all(data, sent), near.order("shutdown wr")), [()])
    got = tree.read_to_end(out)
    same("bytes", len(sent), len(got))
    same("which they are", collections.Counter(sent), collections.Counter(got))
    end_well(*children)
    threads[0].join()


def two_readers_get_every_datagram_once():
    near, data, _, far = pair(7306, "udp")
    out, into = os.pipe()
    children = [in_child(hand_on, far, into) for _ in range(2)]
    os.close(into)
    got = b""
    for batch in range(20):
        for i in range(50):
            os.write(data, f"{batch * 50 + i:04}".encode())
        while len(got) < 4 * 50 * (batch + 1):
            if not select.select([out], [], [], 5)[0]:
                fail(f"{len(got) // 4} datagrams came of {50 * (batch + 1)}")
            got += os.read(out, 1 << 16)
    same("datagrams", 1000, len({got[i:i + 4] for i in range(0, len(got), 4)}))
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    near.close()


def a_reader_that_is_killed_takes_nothing_along():
    _, near, _, far = pair(7307)
    for _ in range(5):
        child = in_child(os.read, far, 100)
        time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.write(near, b"all of it")
    same("what came", b"all of it", os.read(far, 100))


def a_reader_and_a_writer_in_two_processes_go_on_at_once():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    sent = os.urandom(4 << 20)
    writer = in_child(tree.write_all, data, sent)
    same("equality", True, tree.read_exactly(data, len(sent)) == sent)
    end_well(writer)


def two_processes_that_listen_take_each_call_once():
    server = tree.Conversation().order("announce 7308")
    out, into = os.pipe()

    def take_three():
        for _ in range(3):
            os.write(into, f"{server.take().number}\n".encode())

    children = [in_child(take_three) for _ in range(2)]
    os.close(into)
    callers = [tree.Conversation().order(f"connect {OURS}!7308") for _ in range(6)]
    end_well(*children)
    same("calls", 6, len(set(tree.read_to_end(out).split())))
    for caller in callers:
        caller.close()


def two_processes_that_read_accept_get_each_call_once():
    server = tree.Conversation().order("announce 7309")
    accept = server.open("accept", os.O_RDONLY)
    out, into = os.pipe()

    def read_three():
        for _ in range(3):
            os.write(into, os.read(accept, 100))

    children = [in_child(read_three) for _ in range(2)]
    os.close(into)
    for _ in range(6):
        tree.Conversation().order(f"connect {OURS}!7309")
    end_well(*children)
    lines = tree.read_to_end(out).decode().splitlines()
    same("calls", 6, len({line.split()[0] for line in lines}))


# --- who keeps it -----------------------------------------------------------------------------


def a_duplicate_keeps_it():
    near, data, _, far = pair(7310)
    kept = os.dup(data)
    near.close()
    os.write(kept, b"still here")
    same("what came", b"still here", os.read(far, 100))
    os.close(kept)
    same("the end", b"", os.read(far, 100))
    await_gone(near)


def a_child_that_keeps_a_descriptor_keeps_it():
    near, _, _, far = pair(7311)
    out, into = os.pipe()
    child = in_child(lambda: (os.close(into), os.read(out, 1)))
    near.close()
    os.set_blocking(far, False)
    time.sleep(0.3)
    refused(errno.EAGAIN, os.read, far, 100)
    same("it is listed", True, os.path.exists(f"{tree.NET}/{near.dir}"))
    os.close(into)
    end_well(child)
    os.set_blocking(far, True)
    same("the end", b"", os.read(far, 100))
    await_gone(near)


def a_program_that_was_executed_keeps_it():
    near, data, _, far = pair(7312)
    child = subprocess.Popen(["sleep", "0.5"], pass_fds=[data])
    near.close()
    time.sleep(0.1)
    same("it is listed", True, os.path.exists(f"{tree.NET}/{near.dir}"))
    child.wait()
    same("the end", b"", os.read(far, 100))


def one_that_is_closed_by_execve_does_not_keep_it():
    near, _, _, far = pair(7313)
    child = subprocess.Popen(["sleep", "5"])  # Python's descriptors are O_CLOEXEC
    near.close()
    same("the end", b"", os.read(far, 100))
    same("sleep is there", None, child.poll())
    child.kill()
    child.wait()


def a_descriptor_sent_over_a_socket_is_as_good():
    near, data, _, far = pair(7314)
    here, there = socket.socketpair()

    def receive_and_write():
        _, extra, _, _ = there.recvmsg(1, socket.CMSG_SPACE(4))
        os.write(array.array("i", extra[0][2])[0], b"by another's hand")

    child = os.fork()
    if child == 0:
        near.close()  # what it inherited is gone before the other comes
        receive_and_write()
        os._exit(0)
    here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [data]))])
    end_well(child)
    same("what came", b"by another's hand", os.read(far, 100))


def a_close_in_another_thread_leaves_a_reader_waiting_as_of_a_pipe():
    _, near, far_c, far = pair(7315)
    got = []
    threads = in_threads(lambda: got.append(os.read(far, 100)), [()])
    time.sleep(0.2)
    os.close(far)
    far_c.opened.remove(far)
    os.write(near, b"late")
    threads[0].join(5)
    same("what it read", [b"late"], got)


# --- what they share --------------------------------------------------------------------------


def o_nonblock_set_in_a_child_is_set_for_all():
    _, _, _, far = pair(7316)
    end_well(in_child(os.set_blocking, far, False))
    refused(errno.EAGAIN, os.read, far, 1)


def two_opens_do_not_share_o_nonblock():
    _, near, c, far = pair(7317)
    other = c.open("data", os.O_RDWR | os.O_NONBLOCK)
    refused(errno.EAGAIN, os.read, other, 1)
    os.write(near, b"x")
    same("what came", b"x", os.read(far, 1))


def a_reset_is_told_once_for_each_open_and_not_for_each_descriptor():
    c, _, far_c, far = pair(7318)
    other = far_c.open("data")
    duplicate = os.dup(far)
    c.order("hangup")
    select.select([far], [], [], 5)
    refused(errno.ECONNRESET, os.read, far, 1)
    same("the duplicate", b"", os.read(duplicate, 1))
    refused(errno.ECONNRESET, os.read, other, 1)


def a_poll_in_two_processes_wakes_both():
    _, near, _, far = pair(7319)

    def ready():
        return select.select([far], [], [], 5)[0] == [far]

    children = [in_child(ready) for _ in range(2)]
    time.sleep(0.2)
    os.write(near, b"x")
    end_well(*children)


def epoll_in_two_processes_wakes_both():
    _, near, _, far = pair(7320)

    def ready():
        e = select.epoll()
        e.register(far, select.EPOLLIN | select.EPOLLET)
        return len(e.poll(5)) == 1

    children = [in_child(ready) for _ in range(2)]
    time.sleep(0.2)
    os.write(near, b"x")
    end_well(*children)


def a_peek_by_one_is_seen_by_the_other():
    _, near, _, far = pair(7321)
    os.write(near, b"seen by both")
    await_bytes(far, 12)
    end_well(in_child(lambda: ioctls.recv(far, 100, ioctls.PEEK).bytes == b"seen by both"))
    same("what came", b"seen by both", os.read(far, 100))


cases.main([
    records_of_processes_on_one_descriptor_come_whole,
    records_of_threads_on_one_descriptor_come_whole,
    records_of_duplicates_come_whole,
    records_of_processes_with_an_open_each_come_whole,
    two_readers_get_every_byte_once,
    two_readers_get_every_datagram_once,
    a_reader_that_is_killed_takes_nothing_along,
    a_reader_and_a_writer_in_two_processes_go_on_at_once,
    two_processes_that_listen_take_each_call_once,
    two_processes_that_read_accept_get_each_call_once,
    a_duplicate_keeps_it,
    a_child_that_keeps_a_descriptor_keeps_it,
    a_program_that_was_executed_keeps_it,
    one_that_is_closed_by_execve_does_not_keep_it,
    a_descriptor_sent_over_a_socket_is_as_good,
    a_close_in_another_thread_leaves_a_reader_waiting_as_of_a_pipe,
    o_nonblock_set_in_a_child_is_set_for_all,
    two_opens_do_not_share_o_nonblock,
    a_reset_is_told_once_for_each_open_and_not_for_each_descriptor,
    a_poll_in_two_processes_wakes_both,
    epoll_in_two_processes_wakes_both,
    a_peek_by_one_is_seen_by_the_other,
])

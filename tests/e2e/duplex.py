"""Tests of duplex.sh: threads and processes that share a conversation. duplex.py KERNEL NAME"""

import errno
import os
import sys
import threading
import time

import cases
import tree
from cases import fail, kernel_before, not_here, refused, same

KERNEL = (sys.argv + [""])[1]
ECHO, SILENT, SPEAKING = 7, 9, 10
AT_ONCE_S = 0.2  # what does not wait for another takes microseconds; a loaded machine more


def in_thread(function, *arguments):
    """Start FUNCTION; the list gets its result or its OSError."""
    result = []

    def run():
        try:
            result.append(function(*arguments))
        except OSError as error:
            result.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, result


def took_s(function, *arguments):
    begin = time.monotonic()
    function(*arguments)
    return time.monotonic() - begin


def at_once(what, function, *arguments):
    seconds = took_s(function, *arguments)
    if seconds > AT_ONCE_S:
        fail(f"{what} took {seconds:.3f} s")


def write_pieces(fd, count):
    """In pieces of 1 MiB, as programs do: one write beyond the 16 MiB that `data` reports would
    hold the kernel's lock on the file."""
    for _ in range(count):
        tree.write_all(fd, bytes(1 << 20))


def full():
    """A conversation whose peer reads nothing, and a thread that waits in a write to it."""
    c, data = tree.connected(f"{KERNEL}!{SILENT}")
    thread, result = in_thread(write_pieces, data, 64)
    time.sleep(1)
    if not thread.is_alive():
        fail(f"writes of 64 MiB to a peer that does not read ended: {result}")
    return c, data, thread


def a_write_goes_through_beside_a_read_that_waits():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    reader, result = in_thread(os.read, data, 100)
    time.sleep(0.2)
    at_once("the write", os.write, data, b"through")
    reader.join(5)
    same("what the reader got", [b"through"], result)


def a_read_goes_through_beside_a_write_that_waits():
    c, data, _ = full()
    os.set_blocking(data, False)
    begin = time.monotonic()
    refused(errno.EAGAIN, os.read, data, 100)
    if time.monotonic() - begin > AT_ONCE_S:
        fail(f"the read took {time.monotonic() - begin:.3f} s")
    c.order("hangup")


def a_second_writer_on_another_open_file_is_answered_beside_one_that_waits():
    c, _, _ = full()
    second = c.open("data", os.O_RDWR | os.O_NONBLOCK)
    begin = time.monotonic()
    refused(errno.EAGAIN, os.write, second, b"x")
    if time.monotonic() - begin > AT_ONCE_S:
        fail(f"the write took {time.monotonic() - begin:.3f} s")
    c.order("hangup")


def a_second_writer_on_the_same_descriptor_is_answered_beside_one_that_waits():
    if kernel_before(6, 2):
        not_here("before Linux 6.2 the second waits for the first in the kernel (docs/tree.md 5)")
    c, data, _ = full()
    os.set_blocking(data, False)
    begin = time.monotonic()
    refused(errno.EAGAIN, os.write, data, b"x")
    if time.monotonic() - begin > AT_ONCE_S:
        fail(f"the write took {time.monotonic() - begin:.3f} s")
    c.order("hangup")


def a_hangup_ends_a_write_that_waits():
    c, _, writer = full()
    at_once("the hangup", c.order, "hangup")
    writer.join(2)
    same("the writer is there", False, writer.is_alive())


def a_command_goes_through_beside_a_write_that_waits():
    c, _, _ = full()
    at_once("ttl", c.order, "ttl 33")
    at_once("status", c.text, "status")
    at_once("a chmod", os.chmod, f"{tree.NET}/{c.dir}/data", 0o600)
    at_once("an open for truncation", c.open, "data", os.O_WRONLY | os.O_TRUNC)
    c.order("hangup")


def a_hangup_cancels_a_connect_that_waits():
    c = tree.Conversation()
    connect, result = in_thread(c.order, "connect 10.9.0.99!1")
    time.sleep(0.3)
    same("the connect waits", True, connect.is_alive())
    ctl = c.open("ctl")
    at_once("the hangup", os.write, ctl, b"hangup")
    connect.join(2)
    same("the connect is there", False, connect.is_alive())
    same("its result is an error", True, isinstance(result[0], OSError))


def megabytes_go_both_ways_at_once_over_one_descriptor():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    sent = os.urandom(8 << 20)
    writer, _ = in_thread(tree.write_all, data, sent)
    same("equality", True, tree.read_exactly(data, len(sent)) == sent)
    writer.join(5)


def readers_are_served_in_the_order_of_asking():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    order = []

    def read(who):
        order.append((who, os.read(data, 1)))

    readers = []
    for who in range(5):
        readers.append(threading.Thread(target=read, args=(who,), daemon=True))
        readers[-1].start()
        time.sleep(0.1)
    for letter in b"abcde":
        os.write(data, bytes([letter]))
        time.sleep(0.1)
    for reader in readers:
        reader.join(5)
    same("who got what", [(i, b"abcde"[i:i + 1]) for i in range(5)], order)


def a_child_goes_on_after_its_parent_closed():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    child = os.fork()
    if child == 0:
        time.sleep(0.3)
        os.write(data, b"from the child")
        os._exit(os.read(data, 100) != b"from the child")
    c.close()
    same("status of the child", 0, os.waitpid(child, 0)[1])


def every_waiting_reader_is_told_of_a_reset():
    c, data = tree.connected(f"{KERNEL}!{SILENT}")
    second = c.open("data")
    readers = [in_thread(os.read, fd, 1) for fd in (data, data, second)]
    time.sleep(0.3)
    c.order("hangup")
    for thread, result in readers:
        thread.join(2)
        same("a reader is there", False, thread.is_alive())
        same("it was told", True, isinstance(result[0], OSError) or result == [b""])


cases.main([
    a_write_goes_through_beside_a_read_that_waits,
    a_read_goes_through_beside_a_write_that_waits,
    a_second_writer_on_another_open_file_is_answered_beside_one_that_waits,
    a_second_writer_on_the_same_descriptor_is_answered_beside_one_that_waits,
    a_hangup_ends_a_write_that_waits,
    a_command_goes_through_beside_a_write_that_waits,
    a_hangup_cancels_a_connect_that_waits,
    megabytes_go_both_ways_at_once_over_one_descriptor,
    readers_are_served_in_the_order_of_asking,
    a_child_goes_on_after_its_parent_closed,
    every_waiting_reader_is_told_of_a_reset,
])

"""The tests of udp.sh: udp.py KERNEL OURS NAMESPACE NAME."""

import errno
import os
import socket
import subprocess
import sys

import cases
import tree
from cases import refused, same

KERNEL, OURS, NAMESPACE = (sys.argv + [""] * 3)[1:4]
PREFIX_LEN = 52


def mapped(address):
    return b"\0" * 10 + b"\xff\xff" + socket.inet_aton(address)


def prefix(address, port):
    return mapped(address) + bytes(32) + port.to_bytes(2, "big") + bytes(2)


def kernel_socket():
    """A socket of the kernel's side: made in the namespace, used from here."""
    if not hasattr(kernel_socket, "is_within"):
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{NAMESPACE}", os.O_RDONLY)
        kernel_socket.is_within = (here, there)
    here, there = kernel_socket.is_within
    setns(there)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    setns(here)
    s.settimeout(5)
    return s


def setns(fd):
    import ctypes

    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def serving(port, headers=True):
    c = tree.Conversation("udp")
    if headers:
        c.order("headers on")
    c.order(f"announce {port}")
    return c


def a_datagram_to_the_kernel_comes_back():
    _, data = tree.connected(f"{KERNEL}!7", "udp")
    os.write(data, b"there and back")
    same("the answer", b"there and back", os.read(data, 2000))


def two_writes_are_two_datagrams():
    _, data = tree.connected(f"{KERNEL}!7", "udp")
    os.write(data, b"one")
    os.write(data, b"two")
    same("the first", b"one", os.read(data, 2000))
    same("the second", b"two", os.read(data, 2000))


def a_read_loses_what_does_not_fit():
    _, data = tree.connected(f"{KERNEL}!7", "udp")
    os.write(data, b"a long one")
    os.write(data, b"next")
    same("its beginning", b"a l", os.read(data, 3))
    same("then the next", b"next", os.read(data, 2000))


def the_longest_datagram_comes_back():
    _, data = tree.connected(f"{KERNEL}!7", "udp")
    long = os.urandom(65507)
    os.write(data, long)
    same("equality", True, os.read(data, 70000) == long)


def one_byte_more_is_refused():
    _, data = tree.connected(f"{KERNEL}!7", "udp")
    refused(errno.EMSGSIZE, os.write, data, bytes(65508))


def a_closed_port_is_told_once():
    c, data = tree.connected(f"{KERNEL}!99", "udp")
    os.write(data, b"anyone?")
    refused(errno.ECONNREFUSED, os.read, data, 100)
    os.set_blocking(data, False)
    refused(errno.EAGAIN, os.read, data, 100)
    same("err mentions it", True, "refused" in c.text("err"))


def with_headers_one_conversation_serves_all():
    c = serving(5353)
    data = c.open("data")
    callers = [kernel_socket() for _ in range(5)]
    for i, caller in enumerate(callers):
        caller.sendto(b"hello %d" % i, (OURS, 5353))
    for _ in callers:
        got = os.read(data, 2000)
        same("our address in the prefix", mapped(OURS), got[16:32])
        same("our port in the prefix", 5353, int.from_bytes(got[50:52], "big"))
        os.write(data, got)
    for i, caller in enumerate(callers):
        same("the answer", (b"hello %d" % i, (OURS, 5353)), caller.recvfrom(2000))


def an_empty_datagram_shows_with_headers():
    c = serving(5354)
    data = c.open("data")
    caller = kernel_socket()
    caller.sendto(b"", (OURS, 5354))
    got = os.read(data, 2000)
    same("length", PREFIX_LEN, len(got))
    os.write(data, got)
    same("the answer", b"", caller.recvfrom(2000)[0])


def with_headers_the_writer_chooses_the_remote():
    c = serving(5355)
    data = c.open("data")
    caller = kernel_socket()
    caller.bind((KERNEL, 6000))
    os.write(data, prefix(KERNEL, 6000) + b"unasked")
    same("what came", (b"unasked", (OURS, 5355)), caller.recvfrom(2000))


def a_write_shorter_than_the_prefix_is_refused():
    data = serving(5356).open("data")
    refused(errno.EINVAL, os.write, data, b"short")


def without_headers_each_remote_is_a_call():
    c = serving(5357, headers=False)
    callers = [kernel_socket() for _ in range(3)]
    calls = []
    for i, caller in enumerate(callers):
        caller.sendto(b"from %d" % i, (OURS, 5357))
        calls.append(c.take())
    for i, (call, caller) in enumerate(zip(calls, callers)):
        data = call.open("data")
        same("what it said", b"from %d" % i, os.read(data, 2000))
        os.write(data, b"to %d" % i)
        same("what it heard", b"to %d" % i, caller.recvfrom(2000)[0])
        caller.sendto(b"again", (OURS, 5357))
        same("the same remote is the same call", b"again", os.read(data, 2000))


def a_port_that_is_taken_is_refused():
    first = serving(5358)
    second = tree.Conversation("udp")
    refused(errno.EADDRINUSE, second.order, "announce 5358")
    same("who has it", True, first.number in second.text("err"))


def netcat_hears_a_shell():
    with serving(5359, headers=False) as c:
        caller = subprocess.Popen(["nsenter", f"--net=/run/netns/{NAMESPACE}", "--", "nc", "-u",
                                   "-w", "2", OURS, "5359"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        caller.stdin.write(b"hello\n")
        caller.stdin.flush()
        call = c.take()
        same("what nc said", "hello\n", subprocess.run(
            ["head", "-c", "6", f"{tree.NET}/{call.dir}/data"], capture_output=True,
            timeout=5).stdout.decode())
        subprocess.run(f"echo hello yourself > {tree.NET}/{call.dir}/data", shell=True, check=True)
        same("what nc heard", b"hello yourself\n", caller.stdout.readline())
        caller.kill()


cases.main([
    a_datagram_to_the_kernel_comes_back,
    two_writes_are_two_datagrams,
    a_read_loses_what_does_not_fit,
    the_longest_datagram_comes_back,
    one_byte_more_is_refused,
    a_closed_port_is_told_once,
    with_headers_one_conversation_serves_all,
    an_empty_datagram_shows_with_headers,
    with_headers_the_writer_chooses_the_remote,
    a_write_shorter_than_the_prefix_is_refused,
    without_headers_each_remote_is_a_call,
    a_port_that_is_taken_is_refused,
    netcat_hears_a_shell,
])

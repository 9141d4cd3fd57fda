"""Tests of programs.sh: what programs do behind read and write. programs.py KERNEL NAME"""

import errno
import io
import mmap
import os
import shutil
import sys
import tempfile
import time

import cases
import ioctls
import tree
from cases import refused, same

KERNEL = (sys.argv + [""])[1]
ECHO = 7


def holding(data):
    """A conversation in which DATA waits to be read."""
    c, fd = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(fd, data)
    await_bytes(fd, len(data))
    return c, fd


def await_bytes(fd, count):
    while ioctls.queues(fd)[0] < count:
        ioctls.recv(fd, 1, ioctls.PEEK)
        time.sleep(0.01)


def a_file_of(data):
    f = tempfile.TemporaryFile()
    f.write(data)
    f.flush()
    f.seek(0)
    return f


def copy_file_range_is_refused_and_loses_nothing():
    _, one = holding(b"hello")
    _, other = holding(b"world")
    with a_file_of(b"file") as f:
        for source, sink in ((one, other), (one, f.fileno()), (f.fileno(), one)):
            try:
                same("copied", 0, os.copy_file_range(source, sink, 4) and "some")
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL):
                    raise
    same("one", b"hello", os.read(one, 100))
    same("other", b"world", os.read(other, 100))


def moved(function, *arguments):
    """How much, or 0 when it is refused."""
    try:
        return function(*arguments)
    except OSError as error:
        same("the error", errno.EINVAL, error.errno)
        return 0


# Since Linux 6.5 the kernel would read whole pages, and what is not used of them would be gone; so
# they are refused there. Before, they work.
def splice_and_sendfile_from_data_are_refused_or_lose_nothing():
    _, data = holding(b"hello world")
    out, into = os.pipe()
    in_pipe = moved(os.splice, data, into, 5) + moved(os.sendfile, into, data, None, 3)
    with a_file_of(b"") as f:
        in_file = moved(os.sendfile, f.fileno(), data, None, 2)
        f.seek(0)
        got = (os.read(out, 100) if in_pipe else b"") + f.read(in_file)
    same("all of it", b"hello world", got + os.read(data, 100))
    os.close(out)


def splice_and_sendfile_from_other_files_are_refused_or_give_all():
    c, _ = holding(b"")
    out, into = os.pipe()
    for name, words in (("ctl", c.number), ("remote", f"{KERNEL}!{ECHO}")):
        for how in (os.splice, lambda fd, into, length: os.sendfile(into, fd, None, length)):
            fd = c.open(name, os.O_RDONLY)
            got = os.read(out, 100) if moved(how, fd, into, 100) else b""
            same(name, f"{words}\n", (got + os.read(fd, 100)).decode())


def splice_and_sendfile_into_data_work():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    out, into = os.pipe()
    os.write(into, b"by splice ")
    same("spliced", 10, os.splice(out, data, 10))
    with a_file_of(b"by sendfile") as f:
        same("sent", 11, os.sendfile(data, f.fileno(), 0, 11))
    same("what came back", b"by splice by sendfile", tree.read_exactly(data, 21))


def a_mapping_is_refused_and_loses_nothing():
    _, data = holding(b"hello")
    refused(errno.ENODEV, mmap.mmap, data, 4096, mmap.MAP_SHARED, mmap.PROT_READ)
    same("what is there", b"hello", os.read(data, 100))


def pythons_own_copying_falls_back():
    c, data = holding(b"hello world")
    c.order("shutdown wr")
    with a_file_of(b"") as f, open(data, "rb", buffering=0, closefd=False) as source:
        shutil.copyfileobj(source, f)
        f.seek(0)
        same("copied", b"hello world", f.read())
    with tempfile.NamedTemporaryFile() as f:
        c, _ = holding(b"hello again")
        c.order("shutdown wr")
        shutil.copyfile(f"{tree.NET}/{c.dir}/data", f.name)
        same("copied by name", b"hello again", f.read())


def pythons_buffers_work_on_two_opens():
    c, _ = tree.connected(f"{KERNEL}!{ECHO}")
    path = f"{tree.NET}/{c.dir}/data"
    with open(path, "rb") as source, open(path, "wb") as sink:
        sink.write(b"a line\nand another\n")
        sink.flush()
        same("lines", [b"a line\n", b"and another\n"], [source.readline(), source.readline()])


def offsets_are_refused_and_positions_are_none():
    c, data = holding(b"hello")
    for name in ("data", "ctl", "accept"):
        fd = c.open(name, os.O_RDONLY)
        refused(errno.ESPIPE, os.pread, fd, 1, 0)
        refused(errno.ESPIPE, os.lseek, fd, 0, os.SEEK_CUR)
    refused(errno.ESPIPE, os.pwrite, data, b"x", 0)
    same("a file object's word", False, io.FileIO(data, closefd=False).seekable())
    same("what is there", b"hello", os.read(data, 100))


def vectors_are_gathered_and_scattered():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    same("written", 9, os.writev(data, [b"one", b"two", b"six"]))
    await_bytes(data, 9)
    pieces = [bytearray(4), bytearray(4), bytearray(4)]
    same("read", 9, os.readv(data, pieces))
    same("pieces", [b"onet", b"wosi", b"x\0\0\0"], [bytes(p) for p in pieces])


cases.main([
    copy_file_range_is_refused_and_loses_nothing,
    splice_and_sendfile_from_data_are_refused_or_lose_nothing,
    splice_and_sendfile_from_other_files_are_refused_or_give_all,
    splice_and_sendfile_into_data_work,
    a_mapping_is_refused_and_loses_nothing,
    pythons_own_copying_falls_back,
    pythons_buffers_work_on_two_opens,
    offsets_are_refused_and_positions_are_none,
    vectors_are_gathered_and_scattered,
])

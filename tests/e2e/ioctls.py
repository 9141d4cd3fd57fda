"""The ioctls of `data` from Python: clients/catnet_ioctl.h, written down a second time."""

import fcntl
import struct

HEAD = struct.Struct("=III16s16s16s2s2s")  # flags, len, reserved, remote, local, interface, ports
PEEK, DONTWAIT, WAIT, END = 1, 2, 4, 0x80000000
BYTES_MAX = (1 << 14) - 1 - HEAD.size


def command(direction, number, size):
    return direction << 30 | size << 16 | 0xC7 << 8 | number


class Message:
    def __init__(self, count, room):
        self.flags, self.len, _, self.remote, self.local, self.interface, port, local_port = \
            HEAD.unpack_from(room)
        self.port = int.from_bytes(port, "big")
        self.local_port = int.from_bytes(local_port, "big")
        self.bytes = bytes(room[HEAD.size:HEAD.size + count])


def recv(fd, cap, flags=0):
    room = bytearray(HEAD.pack(flags, 0, 0, b"", b"", b"", b"", b"") + bytes(cap))
    count = fcntl.ioctl(fd, command(3, 1, len(room)), room)
    return Message(count, room)


def send(fd, data, flags=0, to=None):
    remote, port = (to.remote, to.port) if to else (b"", 0)
    whole = bytearray(HEAD.pack(flags, 0, 0, remote, b"", b"", port.to_bytes(2, "big"), b"") + data)
    return fcntl.ioctl(fd, command(1, 2, len(whole)), whole)


def take_error(fd):
    room = bytearray(4)
    fcntl.ioctl(fd, command(2, 3, 4), room)
    return int.from_bytes(room, "little")


def queues(fd):
    """Bytes to read, bytes on their way, bytes that have not left."""
    room = bytearray(24)
    fcntl.ioctl(fd, command(2, 4, 24), room)
    return struct.unpack("=QQQ", room)

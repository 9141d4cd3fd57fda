"""How each state of the tables is brought about, freshly, for one conversation."""

import errno
import json
import os
import select
import socket

from world import (KERNEL, LIMIT_S, OURS, PEERS, REFUSING, SILENT, Conversation,
                   Failure, address, as_owner, await_event, await_that, closed_port, number_of_call,
                   pair, ports, reset, text_of)

POLLRDHUP = 0x2000


# --- steps -------------------------------------------------------------------------------------

def connect_tcp(conv):
    conv.order(f"connect {address(PEERS.getsockname())}")
    conv.peer, caller = PEERS.accept()
    if address(caller) != text_of(f"{conv.dir}/local").strip():
        raise Failure(f"local is not {address(caller)}, which the peer sees")
    conv.local, conv.remote = address(caller), address(PEERS.getsockname())


def udp_socket():
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind((KERNEL, 0))
    peer.settimeout(LIMIT_S)
    return peer


def connect_udp(conv):
    conv.peer = udp_socket()
    conv.remote = address(conv.peer.getsockname())
    conv.order(f"connect {conv.remote}")
    conv.local = text_of(f"{conv.dir}/local").strip()


def choose_local(conv):
    conv.local = f"{OURS}!{next(ports)}"


def announce(conv):
    choose_local(conv)
    conv.order(f"announce {conv.local}")


def call_tcp(conv):
    caller = socket.socket()
    caller.settimeout(LIMIT_S)
    caller.connect(pair(conv.local))
    conv.callers.append(caller)
    await_event(f"{conv.dir}/accept", select.POLLIN)


def call_udp(conv, words=b"hello", file="accept"):
    caller = udp_socket()
    caller.sendto(words, pair(conv.local))
    conv.callers.append(caller)
    await_event(f"{conv.dir}/{file}", select.POLLIN)


def take(conv, with_listen):
    """What was announced becomes the parent, and the conversation is the call."""
    call = Conversation(conv.proto)
    call.parent = conv
    call.peer = conv.callers.pop()
    call.local, call.remote = conv.local, address(call.peer.getsockname())
    if with_listen:
        call.made_fd = os.open(f"{conv.dir}/listen", os.O_RDWR)
        call.number = number_of_call(conv, call.peer)
    else:
        fd = os.open(f"{conv.dir}/accept", os.O_RDONLY)
        call.number, who = os.read(fd, 100).decode().split()
        os.close(fd)
        if who != call.remote:
            raise Failure(f"accept says {who}, it is {call.remote}")
    call.by_number()
    return call


def hello_from_peer(conv):
    if conv.proto == "tcp":
        conv.peer.sendall(b"hello")
    else:
        conv.peer.sendto(b"hello", pair(conv.local))
    await_event(f"{conv.dir}/data", select.POLLIN)


def peer_ends(conv):
    conv.peer.shutdown(socket.SHUT_WR)
    await_event(f"{conv.dir}/data", POLLRDHUP)


def we_end(conv):
    conv.order("shutdown wr")
    if conv.peer.recv(1) != b"":
        raise Failure("the peer got more than the end")
    conv.await_state("finwait2")


def peer_resets(conv):
    reset(conv.peer)
    conv.peer = None
    await_event(f"{conv.dir}/data", select.POLLERR)


def write_what_fits(fd):
    count = 0
    for size in (1 << 18, 1 << 12, 1 << 6, 1):
        try:
            while True:
                count += os.write(fd, bytes(size))
        except BlockingIOError:
            continue
    return count


def peers_window(conv):
    return json.loads(text_of(f"{conv.dir}/stats"))["snd_wnd"]


def fill(conv):
    """Write until nothing more is taken, by the server or by the peer's window."""
    conv.order("sndbuf 65536")
    fd = os.open(f"{conv.dir}/data", os.O_WRONLY | os.O_NONBLOCK)
    while count := write_what_fits(fd):
        conv.written += count
        # It still empties into the peer's window, until that is shut.
        await_that("the peer's window is shut", lambda: peers_window(conv) == 0)
    os.close(fd)


def refused(conv, flags):
    number = errno.EINPROGRESS if flags else errno.ECONNREFUSED
    conv.remote = address(REFUSING.getsockname())
    conv.order_fails(number, f"connect {conv.remote}", flags)
    if flags:
        await_that("a connect is refused", lambda: conv.state() != "synsent")


def unlink(conv):
    for name in ("data", "ctl", "accept"):
        conv.open_fds[name] = os.open(f"{conv.dir}/{name}",
                                      os.O_RDONLY if name == "accept" else os.O_RDWR)
    os.rmdir(conv.dir)


def reach_nobody(conv):
    """A datagram to a closed port; the ICMP error that answers it is there."""
    nobody = closed_port(socket.SOCK_DGRAM)
    conv.remote = address(nobody.getsockname())
    nobody.close()
    conv.order(f"connect {conv.remote}")
    conv.local = text_of(f"{conv.dir}/local").strip()
    fd = os.open(f"{conv.dir}/data", os.O_WRONLY)
    os.write(fd, b"x")
    os.close(fd)
    await_event(f"{conv.dir}/data", select.POLLIN | select.POLLERR)


# --- states ------------------------------------------------------------------------------------

def steps_of_tcp(conv, state):
    if state == "bound":
        choose_local(conv)
        conv.order(f"bind {conv.local}")
    elif state in ("announced", "call", "lis-hungup", "taken"):
        announce(conv)
        if state in ("call", "taken"):
            call_tcp(conv)
        if state == "lis-hungup":
            conv.order("hangup")
    elif state == "connecting":
        conv.order_fails(errno.EINPROGRESS, f"connect {SILENT}!9", os.O_NONBLOCK)
        conv.local, conv.remote = f"{OURS}!*", f"{SILENT}!9"
    elif state in ("refused", "refused-n"):
        refused(conv, os.O_NONBLOCK if state == "refused-n" else 0)
    elif state != "idle":
        connect_tcp(conv)
        steps_of_connected_tcp(conv, state)


def steps_of_connected_tcp(conv, state):
    if state in ("data", "peer-fin-d", "reset-d"):
        hello_from_peer(conv)
    if state in ("peer-fin", "peer-fin-d"):
        peer_ends(conv)
    elif state in ("shut-wr", "both-fin"):
        we_end(conv)
        if state == "both-fin":
            conv.peer.shutdown(socket.SHUT_WR)
            await_that("both have ended", lambda: conv.state() != "finwait2")
    elif state == "shut-rd":
        conv.order("shutdown rd")
    elif state in ("reset", "reset-d"):
        peer_resets(conv)
    elif state == "hungup":
        conv.order("hangup")
    elif state == "closed":
        conv.order("close")
        if conv.peer.recv(1) != b"":
            raise Failure("the peer got more than the end")
    elif state == "full":
        fill(conv)


def steps_of_udp(conv, state):
    if state == "bound":
        choose_local(conv)
        conv.order(f"bind {conv.local}")
    elif state in ("announced", "call", "lis-hungup", "taken"):
        announce(conv)
        if state in ("call", "taken"):
            call_udp(conv)
        if state == "lis-hungup":
            conv.order("hangup")
    elif state.startswith("headers"):
        conv.order("headers on")
        conv.is_headers = True
        announce(conv)
        if state == "headers":
            conv.peer = udp_socket()
        else:
            call_udp(conv, b"hello" if state == "headers-d" else b"", "data")
            conv.peer = conv.callers.pop()
    elif state == "icmp":
        reach_nobody(conv)
    elif state != "idle":
        connect_udp(conv)
        if state == "data":
            hello_from_peer(conv)
        elif state in ("hungup", "closed"):
            conv.order("hangup" if state == "hungup" else "close")


def take_call(conv, with_listen):
    call = take(conv, with_listen)
    if call.proto == "udp":
        fd = os.open(f"{call.dir}/data", os.O_RDONLY | os.O_NONBLOCK)
        if os.read(fd, 100) != b"hello":
            raise Failure("a call's first datagram is not what was sent")
        os.close(fd)
    return call


def lose_name(conv, state):
    """The states whose name is gone."""
    if state == "stale":
        conv.dir_fd = os.open(conv.dir, os.O_PATH | os.O_DIRECTORY)
    if state in ("unlinked", "numbered"):
        unlink(conv)
    else:
        os.rmdir(conv.dir)
    if state in ("numbered", "over"):
        conv.by_number()
    if state == "numbered":
        # Held open, but asked for by its path.
        conv.made_fd = conv.open_fds.pop("data")
        for fd in conv.open_fds.values():
            os.close(fd)
        conv.open_fds = {}


def build(proto, state, is_clone=False):
    """A conversation in STATE, of the owner's."""
    conv = Conversation(proto)
    conv.wanted_state = state
    if state == "any":
        return conv
    with as_owner():
        if is_clone and state != "taken":
            conv.clone()
        else:
            conv.make()
        try:
            (steps_of_tcp if proto == "tcp" else steps_of_udp)(conv, state)
            if state == "taken":
                conv = take_call(conv, is_clone)
                conv.wanted_state = state
            if state in ("unlinked", "numbered", "over", "stale"):
                lose_name(conv, state)
        except (OSError, Failure, ValueError) as error:
            conv.end()
            raise Failure(f"{state}: {error}") from error
    return conv

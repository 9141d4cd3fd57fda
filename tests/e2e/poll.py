"""Tests of duplex.sh: poll, select, epoll and O_NONBLOCK. poll.py KERNEL OURS NAME"""

import errno
import os
import select
import sys
import threading
import time

import cases
import tree
from cases import fail, refused, same

KERNEL, OURS = (sys.argv + [""] * 2)[1:3]
ECHO, SPEAKING = 7, 10
NAMES = {select.POLLIN: "IN", select.POLLOUT: "OUT", select.POLLERR: "ERR", select.POLLHUP: "HUP",
         select.POLLRDHUP: "RDHUP"}
ASKED = select.POLLIN | select.POLLOUT | select.POLLRDHUP


def polled(fd, asked=ASKED, wait_s=0):
    poll = select.poll()
    poll.register(fd, asked)
    events = poll.poll(wait_s * 1000)
    return {name for bit, name in NAMES.items() if events and events[0][1] & bit}


def wait_s(function):
    begin = time.monotonic()
    function()
    return time.monotonic() - begin


def an_idle_conversation_polls_out_and_hup():
    c = tree.Conversation()
    same("events", {"OUT", "HUP"}, polled(c.open("data"), select.POLLIN | select.POLLOUT))


def a_connected_one_polls_out_alone():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    same("events", {"OUT"}, polled(data))


def one_with_bytes_polls_in():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(data, b"x")
    same("events", True, "IN" in polled(data, select.POLLIN, 5))


def a_peer_that_has_ended_polls_in_and_rdhup():
    _, data = tree.connected(f"{KERNEL}!{SPEAKING}")
    tree.read_exactly(data, 5)
    polled(data, select.POLLRDHUP, 5)
    same("events", {"IN", "OUT", "RDHUP"}, polled(data))


def an_announced_one_polls_in_when_a_call_waits():
    c = tree.Conversation().order("announce 7100")
    data = c.open("data")
    same("before", set(), polled(data))
    caller = tree.Conversation().order(f"connect {OURS}!7100")
    same("after", {"IN"}, polled(data, select.POLLIN, 5))
    c.take().close()
    same("when it is taken", set(), polled(data))
    caller.close()


def poll_waits_and_is_woken():
    _, data = tree.connected(f"{KERNEL}!{SPEAKING}")
    took = wait_s(lambda: same("events", {"IN"}, polled(data, select.POLLIN, 5)))
    if not 0.3 < took < 1.2:
        fail(f"what came after 0.5 s woke poll after {took:.2f} s")


def select_waits_and_is_woken():
    _, data = tree.connected(f"{KERNEL}!{SPEAKING}")
    same("select", ([data], [], []), select.select([data], [], [], 5))


def epoll_waits_and_is_woken():
    _, data = tree.connected(f"{KERNEL}!{SPEAKING}")
    e = select.epoll()
    e.register(data, select.EPOLLIN)
    same("epoll", [(data, select.EPOLLIN)], e.poll(5))


def epoll_by_edges_tells_each_arrival():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    e = select.epoll()
    e.register(data, select.EPOLLIN | select.EPOLLET)
    for letter in (b"a", b"b"):
        os.write(data, letter)
        same("an edge", 1, len(e.poll(5)))
        same("what came", letter, os.read(data, 10))
    same("no edge without an arrival", [], e.poll(0.2))


def one_epoll_watches_100_conversations():
    opened = [tree.connected(f"{KERNEL}!{ECHO}") for _ in range(100)]
    e = select.epoll()
    for _, data in opened:
        e.register(data, select.EPOLLIN)
    os.write(opened[77][1], b"x")
    same("who is ready", [(opened[77][1], select.EPOLLIN)], e.poll(5))


def a_read_that_may_not_wait_is_eagain():
    c, _ = tree.connected(f"{KERNEL}!{ECHO}")
    refused(errno.EAGAIN, os.read, c.open("data", os.O_RDWR | os.O_NONBLOCK), 1)


def o_nonblock_works_when_it_is_set_after_open():
    _, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.set_blocking(data, False)
    refused(errno.EAGAIN, os.read, data, 1)


def a_write_that_may_not_wait_takes_what_fits_and_then_is_eagain():
    c = tree.Conversation().order(f"connect {KERNEL}!9")
    data = c.open("data", os.O_RDWR | os.O_NONBLOCK)
    taken = 0
    try:
        while taken < 1 << 30:
            taken += os.write(data, bytes(1 << 20))
            time.sleep(0.01)
    except BlockingIOError:
        same("something was taken", True, taken > 0)
        same("it polls", set(), polled(data))
        return
    fail("a gigabyte was taken for a peer that reads nothing")


def a_connect_that_may_not_wait_is_einprogress_then_ealready():
    c = tree.Conversation()
    ctl = c.open("ctl", os.O_RDWR | os.O_NONBLOCK)
    refused(errno.EINPROGRESS, os.write, ctl, b"connect 10.9.0.98!1")
    refused(errno.EALREADY, os.write, ctl, b"connect 10.9.0.98!1")
    same("data polls", set(), polled(c.open("data"), select.POLLOUT))


def a_connect_that_has_got_through_polls_out_and_is_eisconn():
    c = tree.Conversation()
    ctl = c.open("ctl", os.O_RDWR | os.O_NONBLOCK)
    data = c.open("data")
    try:
        os.write(ctl, f"connect {KERNEL}!{ECHO}".encode())
    except BlockingIOError as error:
        same("errno", errno.EINPROGRESS, error.errno)
    same("data polls", {"OUT"}, polled(data, select.POLLOUT, 5))
    refused(errno.EISCONN, os.write, ctl, f"connect {KERNEL}!{ECHO}".encode())


def a_connect_that_has_failed_polls_out_err_and_hup():
    c = tree.Conversation()
    ctl = c.open("ctl", os.O_RDWR | os.O_NONBLOCK)
    data = c.open("data")
    try:
        os.write(ctl, f"connect {KERNEL}!99".encode())
    except BlockingIOError as error:
        same("errno", errno.EINPROGRESS, error.errno)
    except ConnectionRefusedError:
        pass
    same("events", {"OUT", "ERR", "HUP"}, polled(data, select.POLLOUT, 5))


def listen_that_may_not_wait_is_eagain():
    c = tree.Conversation().order("announce 7101")
    refused(errno.EAGAIN, c.open, "listen", os.O_RDWR | os.O_NONBLOCK)


def accept_that_may_not_wait_is_eagain():
    c = tree.Conversation().order("announce 7102")
    refused(errno.EAGAIN, os.read, c.open("accept", os.O_RDONLY | os.O_NONBLOCK), 100)


def accept_polls_in_when_a_call_waits():
    c = tree.Conversation().order("announce 7103")
    accept = c.open("accept", os.O_RDONLY)
    same("before", set(), polled(accept, select.POLLIN))
    caller = tree.Conversation().order(f"connect {OURS}!7103")
    same("after", {"IN"}, polled(accept, select.POLLIN, 5))
    number, who = os.read(accept, 100).decode().split()
    same("the caller", caller.text("local").strip(), who)
    same("the call's remote", who, tree.text(f"tcp/{number}/remote").strip())


def ctl_polls_in_while_its_text_remains():
    c = tree.Conversation()
    ctl = c.open("ctl")
    same("before", {"IN", "OUT"}, polled(ctl, select.POLLIN | select.POLLOUT))
    os.read(ctl, 100)
    same("after", {"OUT"}, polled(ctl, select.POLLIN | select.POLLOUT))


def ctl_polls_in_to_its_last_byte():
    c = tree.Conversation()
    ctl = c.open("ctl")
    for byte in f"{c.number}\n".encode():
        same("before each byte", {"IN", "OUT"}, polled(ctl, select.POLLIN | select.POLLOUT))
        same("the byte", bytes([byte]), os.read(ctl, 1))
    same("after the last", {"OUT"}, polled(ctl, select.POLLIN | select.POLLOUT))


def clone_and_listen_poll_as_ctl():
    listener = tree.Conversation().order("announce 7104")
    clone = os.open(f"{tree.NET}/tcp/clone", os.O_RDWR)
    caller = tree.Conversation().order(f"connect {OURS}!7104")
    listen = listener.open("listen")
    for fd in (clone, listen):
        same("before", {"IN", "OUT"}, polled(fd, select.POLLIN | select.POLLOUT))
        os.read(fd, 100)
        same("after", {"OUT"}, polled(fd, select.POLLIN | select.POLLOUT))
    os.write(listen, b"hangup")
    same("at the end", True, "HUP" in polled(listen, select.POLLIN, 5))
    caller.close()


def ctl_polls_out_when_the_connect_is_decided():
    c = tree.Conversation()
    ctl = c.open("ctl", os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(ctl, f"connect {KERNEL}!{ECHO}".encode())
    except BlockingIOError:
        pass
    same("events", {"OUT"}, polled(ctl, select.POLLOUT, 5))
    same("state", "Established", c.state())


def accept_polls_in_while_a_part_of_its_line_remains_and_hup_when_there_is_no_more():
    c = tree.Conversation()
    accept = c.open("accept", os.O_RDONLY)
    same("idle", {"HUP"}, polled(accept, select.POLLIN))
    c.order("announce 7105")
    same("announced", set(), polled(accept, select.POLLIN))
    caller = tree.Conversation().order(f"connect {OURS}!7105")
    same("called", {"IN"}, polled(accept, select.POLLIN, 5))
    os.read(accept, 1)
    same("a part of it read", {"IN"}, polled(accept, select.POLLIN))
    os.read(accept, 100)
    same("all of it", set(), polled(accept, select.POLLIN))
    c.order("hangup")
    same("hung up", {"IN", "HUP"}, polled(accept, select.POLLIN, 5))
    same("the end", b"", os.read(accept, 100))
    caller.close()


def a_poll_of_accept_is_woken_by_a_call_and_by_the_end():
    c = tree.Conversation().order("announce 7106")
    accept = c.open("accept", os.O_RDONLY)
    for order, events in ((f"connect {OURS}!7106", {"IN"}), ("hangup", {"IN", "HUP"})):
        actor = tree.Conversation() if "connect" in order else c
        threading.Timer(0.2, actor.order, [order]).start()
        same("events", events, polled(accept, select.POLLIN, 5))
        os.read(accept, 100)


def o_nonblock_set_late_is_minded_by_connect_accept_and_write():
    c = tree.Conversation()
    os.set_blocking(c.ctl, False)
    refused(errno.EINPROGRESS, c.order, "connect 10.9.0.97!1")
    refused(errno.EALREADY, c.order, "connect 10.9.0.97!1")
    server = tree.Conversation().order("announce 7107")
    accept = server.open("accept", os.O_RDONLY)
    os.set_blocking(accept, False)
    refused(errno.EAGAIN, os.read, accept, 100)
    _, data = tree.connected(f"{KERNEL}!9")
    os.set_blocking(data, False)
    try:
        while os.write(data, bytes(1 << 20)):
            pass
    except BlockingIOError:
        return
    fail("a write took nothing and did not say EAGAIN")


def o_nonblock_taken_away_late_lets_a_read_wait():
    c = tree.Conversation().order(f"connect {KERNEL}!{SPEAKING}")
    data = c.open("data", os.O_RDWR | os.O_NONBLOCK)
    refused(errno.EAGAIN, os.read, data, 5)
    os.set_blocking(data, True)
    same("what came", b"speak", os.read(data, 5))


def select_works_where_descriptors_0_to_2_are_closed():
    def below_3():
        os.closerange(0, 3)
        ctl = os.open(f"{tree.NET}/tcp/clone", os.O_RDWR)
        number = os.read(ctl, 100).decode().strip()
        os.write(ctl, f"connect {KERNEL}!{ECHO}".encode())
        data = os.open(f"{tree.NET}/tcp/{number}/data", os.O_RDWR)
        ready = select.select([data], [data], [], 5)
        os.write(data, b"low")
        select.select([data], [], [], 5)
        return (ctl, data) == (0, 1) and ready == ([], [1], []) and os.read(data, 3) == b"low"

    child = os.fork()
    if child == 0:
        good = False
        try:
            good = below_3()
        finally:
            os._exit(0 if good else 1)
    same("status", 0, os.waitpid(child, 0)[1])


cases.main([
    an_idle_conversation_polls_out_and_hup,
    a_connected_one_polls_out_alone,
    one_with_bytes_polls_in,
    a_peer_that_has_ended_polls_in_and_rdhup,
    an_announced_one_polls_in_when_a_call_waits,
    poll_waits_and_is_woken,
    select_waits_and_is_woken,
    epoll_waits_and_is_woken,
    epoll_by_edges_tells_each_arrival,
    one_epoll_watches_100_conversations,
    a_read_that_may_not_wait_is_eagain,
    o_nonblock_works_when_it_is_set_after_open,
    a_write_that_may_not_wait_takes_what_fits_and_then_is_eagain,
    a_connect_that_may_not_wait_is_einprogress_then_ealready,
    a_connect_that_has_got_through_polls_out_and_is_eisconn,
    a_connect_that_has_failed_polls_out_err_and_hup,
    listen_that_may_not_wait_is_eagain,
    accept_that_may_not_wait_is_eagain,
    accept_polls_in_when_a_call_waits,
    ctl_polls_in_while_its_text_remains,
    ctl_polls_in_to_its_last_byte,
    clone_and_listen_poll_as_ctl,
    ctl_polls_out_when_the_connect_is_decided,
    accept_polls_in_while_a_part_of_its_line_remains_and_hup_when_there_is_no_more,
    a_poll_of_accept_is_woken_by_a_call_and_by_the_end,
    o_nonblock_set_late_is_minded_by_connect_accept_and_write,
    o_nonblock_taken_away_late_lets_a_read_wait,
    select_works_where_descriptors_0_to_2_are_closed,
])

"""umounted.py HOW KERNEL ECHO SILENT - clients of every kind, those that wait and those that work;
then `umount HOW`, and how long each was kept after it.

ECHO and SILENT are ports of the kernel's. With -f in HOW everybody is to be gone at once. With -l
alone nobody notices who holds a file: a conversation still carries its bytes, and who waits goes
on waiting until it is killed. Prints the longest time in ms; says what went wrong with status 1.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time

import tree

HOW, KERNEL, ECHO, SILENT = sys.argv[1:]
NET = tree.NET
READERS = 20
LIMIT_MS = 1000

POLLER = """
import os, select, sys
p = select.poll()
p.register(os.open(sys.argv[1], os.O_RDWR), select.POLLIN)
print("works" if not p.poll(0) else "ready", flush=True)
p.poll()
"""
EPOLLER = """
import os, select, sys
e = select.epoll()
e.register(os.open(sys.argv[1], os.O_RDWR), select.EPOLLIN | select.EPOLLET)
print("works" if not e.poll(0) else "ready", flush=True)
e.poll()
"""
# Until it cannot; a line for the first round.
TALKER = """
import os, sys
import tree
said = False
while True:
    with tree.Conversation() as c:
        c.order(sys.argv[1])
        data = c.open("data")
        tree.write_all(data, bytes(100000))
        tree.read_exactly(data, 100000)
    said = said or print("works", flush=True) is None
"""
WALKER = """
cat "$0"/tcp/[cswx]/status "$0"/stats && echo works
while cat "$0"/tcp/[cswx]/status "$0"/stats; do :; done >/dev/null
"""


def stats():
    return json.loads(tree.text("stats"))


def order(name, words):
    with open(f"{NET}/{name}/ctl", "wb", buffering=0) as ctl:
        ctl.write(words.encode())


def made(name, words):
    os.mkdir(f"{NET}/{name}")
    order(name, words)
    return f"{NET}/{name}"


def run(*command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            stdin=subprocess.DEVNULL)


def at_work(*command):
    """The same, and it has said that it works."""
    child = run(*command)
    while b"works\n" not in (said := child.stdout.readline()):
        if not said:
            sys.exit(f"it does not work: {command}")
    return child


def await_that(what, is_so, limit_s=10):
    end = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end:
            print(stats()["tree"], file=sys.stderr)
            sys.exit(f"not after {limit_s} s: {what}")
        time.sleep(0.02)


def waiting():
    """Processes that wait, all of them where they wait."""
    silent = made("tcp/c", f"connect {KERNEL}!{SILENT}")
    full = made("tcp/w", f"connect {KERNEL}!{SILENT}")
    calls = made("tcp/s", "announce 7400")
    datagrams = made("udp/u", f"connect {KERNEL}!{SILENT}")
    with open(f"{NET}/arp", "wb", buffering=0) as arp:  # nobody is there, and nobody says so
        arp.write(b"add 10.9.0.200 02:00:00:00:00:01")
    os.mkdir(f"{NET}/tcp/x")
    parked = [run("cat", f"{silent}/data") for _ in range(READERS)]
    parked.append(run("sh", "-c", f"exec cat /dev/zero >{full}/data"))
    parked.append(run("cat", f"{calls}/listen"))
    parked.append(run("cat", f"{calls}/accept"))
    parked.append(run("cat", f"{datagrams}/data"))
    parked.append(run("sh", "-c", f"echo connect 10.9.0.200!1 >{NET}/tcp/x/ctl"))
    await_that(f"{len(parked)} wait", lambda: stats()["tree"]["parked"] == len(parked))
    return parked + [at_work("python3", "-c", POLLER, f"{silent}/data"),
                     at_work("python3", "-c", EPOLLER, f"{silent}/data")]


def working():
    talk = ("python3", "-c", TALKER, f"connect {KERNEL}!{ECHO}")
    return [at_work(*talk), at_work(*talk), at_work("sh", "-c", WALKER, NET)]


def ends_ms(processes, since):
    """How long after SINCE the last of PROCESSES ended; those that are there after the limit."""
    left = {os.pidfd_open(p.pid): p for p in processes}
    poll = select.poll()
    for fd in left:
        poll.register(fd, select.POLLIN)
    while left:
        ready = poll.poll(max(0, LIMIT_MS - (time.monotonic() - since) * 1000))
        if not ready:
            break
        for fd, _ in ready:
            poll.unregister(fd)
            left.pop(fd).wait()
            os.close(fd)
    if left:
        sys.exit(f"{LIMIT_MS} ms after it: {[p.args for p in left.values()]}")
    return (time.monotonic() - since) * 1000


def by_force():
    everybody = waiting() + working()
    begin = time.monotonic()
    subprocess.run(["umount", *HOW.split(), NET], stderr=subprocess.DEVNULL, check=False)
    print(f"{ends_ms(everybody, begin):.0f}")


def lazily():
    """Who comes by a name finds nothing any more; who has a file open is served as ever."""
    waiters, workers = waiting(), working()
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    begin = time.monotonic()
    subprocess.run(["umount", *HOW.split(), NET], check=True)
    ends_ms(workers, begin)
    if os.listdir(NET):
        sys.exit(f"there is still something: {os.listdir(NET)}")
    tree.write_all(data, bytes(1000000))
    if tree.read_exactly(data, 1000000) != bytes(1000000):
        sys.exit("other bytes came back")
    ended = [p.args for p in waiters if p.poll() is not None]
    if ended:
        sys.exit(f"who waited has ended: {ended}")
    c.close()
    begin = time.monotonic()
    for p in waiters:
        p.send_signal(signal.SIGKILL)
    print(f"{ends_ms(waiters, begin):.0f}")


lazily() if HOW == "-l" else by_force()

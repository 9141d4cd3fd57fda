"""Runs operations, each in a process of its own, several beside each other, every wait bounded.

That one waits is seen, not slept for: its process sleeps, then another request goes to the server
and comes back (requests are taken in order), and the process has not run in between.
"""

import contextlib
import errno
import os
import select
import signal
import time

import states
from world import NET, Failure, as_owner, libc, names

# An operation that should not wait, or should come back when told to, has as long as this.
PATIENCE_S = 6
AT_ONCE = 12


class Job:
    """A conversation in a state, and the cells that are asked of it one after another."""

    def __init__(self, cells, runs, way, is_clone=False):
        self.cells, self.runs, self.way = cells, runs, way
        self.is_clone = is_clone
        self.conv = self.pid = self.pipe = None
        self.heard = b""
        self.done = 0
        self.told = False
        self.seen = None
        self.results = {}

    def set_up(self):
        cell = self.cells[0]
        try:
            self.conv = states.build(cell.proto, cell.state, self.is_clone)
        except Failure as failure:
            self.finish_all(f"set-up failed: {failure}")

    def is_over(self):
        return self.done == len(self.cells)

    def finish(self, word):
        self.results[self.cells[self.done].key()] = word
        self.done += 1

    def finish_all(self, word):
        while not self.is_over():
            self.finish(word)

    # --- the process ---------------------------------------------------------------------------

    def start(self):
        self.pipe, end = os.pipe()
        os.set_blocking(self.pipe, False)
        self.heard, self.told, self.seen = b"", False, None
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(BaseException):
                self.be_child(end)
            os._exit(1)
        os.close(end)

    def be_child(self, end):
        close_all_but(end, self.conv)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        uid = self.runs[self.done].uid
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        for run, cell in zip(self.runs[self.done:], self.cells[self.done:]):
            if run.uid != uid:
                break
            os.write(end, (outcome(run, self.conv, cell.file) + "\0").encode())
        os._exit(0)

    def reap(self, sign=signal.SIGKILL):
        if self.pid is None:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, sign)
        end = time.monotonic() + PATIENCE_S
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                return False
        os.close(self.pipe)
        self.pid = None
        return True

    def has_ended(self):
        """Its process is gone, by itself or for want of another cell of its user's."""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.pipe, 65536):
                self.heard += part
            return True
        return False

    # --- a step of it --------------------------------------------------------------------------

    def take_results(self):
        has_ended = self.has_ended()
        *whole, self.heard = self.heard.split(b"\0")
        for word in whole:
            self.take(word.decode())
            self.started = time.monotonic()
        if has_ended and not self.is_over():
            if not whole:
                self.finish("its process died")
            self.reap()
            if not self.is_over():
                self.start()

    def take(self, word):
        if self.way in ("plain", "waits", "apart"):
            self.finish(word)
        elif not self.told:
            self.finish(f"did not wait: {word}")
        elif self.way == "hung":
            self.finish("woken")
        elif self.way == "goes-on":
            self.finish(self.conv.state())
        else:
            self.finish(word)

    def is_parked(self, snapshot):
        return snapshot is not None and snapshot == self.seen

    def parked(self):
        """It waits: what the cell is about."""
        self.told = True
        self.started = time.monotonic()
        if self.way == "waits":
            self.finish("waits")
        elif self.way == "kill":
            self.finish("ended" if self.reap() else "is still there when killed")
        elif self.way == "hung":
            with as_owner():
                self.conv.hang_up()
        else:
            os.kill(self.pid, signal.SIGUSR1)

    def is_late(self):
        return time.monotonic() - self.started > PATIENCE_S

    def give_up(self):
        self.finish("still waits" if self.told else "waits")
        self.reap()
        if not self.is_over():
            self.start()


def close_all_but(end, conv):
    """What belongs to other jobs must end when their own process ends it."""
    kept = {0, 1, 2, end, conv.made_fd, conv.dir_fd, *conv.open_fds.values()}
    kept |= {sock.fileno() for sock in [conv.peer, *conv.callers] if sock}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def outcome(run, conv, file):
    try:
        return run(conv, file)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error)).replace("ENOTSUP", "EOPNOTSUPP")
    except Exception as error:
        return f"{type(error).__name__} {error}"


def sleep_of(pid):
    """How often it has gone to sleep, if it sleeps now."""
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/status") as status:
            if stat.read().rpartition(")")[2].split()[0] != "S":
                return None
            return [line for line in status if "ctxt_switches" in line]
    except OSError:
        return None


def barrier():
    with contextlib.suppress(OSError):
        os.stat(f"{NET}/tcp/none{next(names)}")


def look_for_parked(jobs):
    waiting = [job for job in jobs if job.way not in ("plain", "apart") and not job.told and job.pid]
    if not waiting:
        return
    for job in waiting:
        job.seen = sleep_of(job.pid)
    barrier()
    for job in waiting:
        if job.is_parked(sleep_of(job.pid)) and not is_readable(job.pipe):
            job.parked()


def is_readable(fd):
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return bool(poller.poll(0))


def await_any(jobs):
    poller = select.poll()
    for job in jobs:
        poller.register(job.pipe, select.POLLIN)
    poller.poll(5)


def run_batch(jobs):
    for job in jobs:
        job.set_up()
    running = [job for job in jobs if not job.is_over()]
    for job in running:
        job.start()
    while running := [job for job in running if not job.is_over()]:
        await_any(running)
        for job in running:
            job.take_results()
        look_for_parked([job for job in running if not job.is_over()])
        for job in running:
            if not job.is_over() and job.is_late():
                job.give_up()
    for job in jobs:
        job.reap()
    with as_owner():
        for job in jobs:
            if job.conv:
                job.conv.end()


def run_alone(job):
    """A cell that the runner itself asks, with no other process about that holds its files."""
    job.set_up()
    if not job.is_over():
        job.finish(outcome(job.runs[0], job.conv, job.cells[0].file))
        with as_owner():
            job.conv.end()


def run_all(jobs):
    """{key of the cell: what was seen}"""
    alone = [job for job in jobs if job.way == "alone"]
    apart = [job for job in jobs if job.way == "apart"]
    beside = [job for job in jobs if job.way not in ("alone", "apart")]
    for first in range(0, len(beside), AT_ONCE):
        run_batch(beside[first:first + AT_ONCE])
    for job in apart:
        run_batch([job])
    for job in alone:
        run_alone(job)
    results = {}
    for job in jobs:
        results.update(job.results)
    return results

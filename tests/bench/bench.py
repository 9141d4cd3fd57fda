#!/usr/bin/env python3
"""bench.py [BUILD] [--seconds N] - figures of ours beside their yardsticks, from the same run.

Every figure is measured as reference, ours, reference again. Where the two references differ by
more than 15 % somebody else had the machine: that round of that figure is thrown away. What is
printed are medians of the rounds that are left, with the least and the most. docs/benchmarks.md
says what each line means; the targets beside them are goals, and nothing here fails for one.
"""

import argparse
import csv
import fcntl
import pathlib
import statistics
import subprocess
import sys
import time

from place import OTHER_CORE, PEER_CORE, Place, Server, pin, to_the_front

ROUNDS_MIN = 5
ROUNDS_MAX = 9
REFERENCES_DIFFER = 1.15
STREAM_MS = 500
ECHO_MS = 250
CONNECTS = 400
FILE_USES = 2000
PINGS = 5000
MEMORY_CONVS = (1000, 10000)
LISTED = ((10000, 15), (100000, 100))  # how many, and the ms that it may take


class Figure:
    """One line of the table: what was measured in each round that counts."""

    def __init__(self, title, unit, higher_is_better, must=None, goal=None):
        self.title = title
        self.unit = unit
        self.higher_is_better = higher_is_better
        self.must = must
        self.goal = goal
        self.rounds = []  # (ours, reference)

    def reaches(self, ratio, target):
        return ratio >= target if self.higher_is_better else ratio <= target

    def verdict(self, value):
        if self.must is None:
            return ""
        if self.reaches(value, self.goal):
            return "goal"
        return "must" if self.reaches(value, self.must) else "missed"

    def row(self):
        ours, references = zip(*self.rounds)
        ratios = sorted(a / b for a, b in self.rounds)
        ratio = statistics.median(ratios)
        return {"figure": self.title, "ours": statistics.median(ours),
                "reference": statistics.median(references), "unit": self.unit,
                "ratio": ratio, "least": ratios[0], "most": ratios[-1],
                "must": self.must, "goal": self.goal, "verdict": self.verdict(ratio),
                "rounds": len(ratios)}


class Group:
    """Figures that share their references. Each run gives a value a Figure, by position."""

    def __init__(self, reference, subjects, figures):
        self.reference = reference
        self.subjects = subjects
        self.figures = figures
        self.thrown = 0

    def round(self):
        before = self.reference()
        ours = [value for subject in self.subjects for value in subject()]
        after = self.reference()
        if max(before[0], after[0]) > REFERENCES_DIFFER * min(before[0], after[0]):
            self.thrown += 1
            return
        references = [(a + b) / 2 for a, b in zip(before, after)] * len(self.subjects)
        for figure, value, reference in zip(self.figures, ours, references):
            figure.rounds.append((value, reference))

    @property
    def rounds(self):
        return len(self.figures[0].rounds)


class Totals:
    """What is counted over all streams of ours, and divided by the bytes they moved."""

    def __init__(self):
        self.moved = self.copied = self.resent = self.user = self.system = 0

    def over(self, place, server, run):
        copied = server.stats()["memory"]["copied_bytes"]
        resent = server.stats("tcp/stats")["tcp_segs_retransmitted"] + place.peer_resent()
        user, system = server.cpu_ticks()
        result = run()
        self.user += server.cpu_ticks()[0] - user
        self.system += server.cpu_ticks()[1] - system
        self.resent += server.stats("tcp/stats")["tcp_segs_retransmitted"] - resent
        self.resent += place.peer_resent()
        self.copied += server.stats()["memory"]["copied_bytes"] - copied
        self.moved += result["bytes"]
        return result

    def rows(self):
        busy = max(self.user + self.system, 1)
        return [
            # A stream's two ends are copied, so nothing is quite 0.
            single("bytes copied by our code, a byte moved", self.copied / max(self.moved, 1),
                   "", 1, 0.01),
            single("segments sent again, both sides", self.resent, "", 0, 0),
            single("our own code's part of the server's CPU", 100 * self.user / busy, "%", 10, 5),
        ]


def single(title, value, unit, must, goal):
    figure = Figure(title, unit, False, must, goal)
    return {"figure": title, "ours": value, "unit": unit, "must": must, "goal": goal,
            "verdict": figure.verdict(value)}


# --- what is run ---------------------------------------------------------------------------------


def stream_values(result):
    """Gbit/s, and nanoseconds of all CPUs for a KiB."""
    return (8 * result["bytes"] / result["ns"], 1024 * result["cpu_ns"] / result["bytes"])


def median_us(result):
    return (result["p50"] / 1000,)


class Runs:
    """flow as functions without arguments, each giving the values of its figures."""

    def __init__(self, place, totals):
        self.place = place
        self.totals = totals

    def kernel(self, core, mode, amount, values):
        """A program on CORE calls the peer, through the kernel's sockets."""
        return lambda: values(self.place.flow("subject", core, mode, "kernel", "10.9.0.1", amount,
                                              self.place.services.pid))

    def files(self, server, mode, amount, values):
        """The same through the files of a server."""
        def run():
            return self.place.flow(None, server.core, mode, server.net, server.peer, amount,
                                   self.place.services.pid, server.process.pid)

        if values is stream_values:
            return lambda: values(self.totals.over(self.place, server, run))
        return lambda: values(run())

    def call(self, address, process, core, mode, amount, values):
        """The peer calls services, the kernel's or those of a stack, that run on CORE."""
        def run():
            pin(process, core)
            return self.place.flow("peer", PEER_CORE, mode, "kernel", address, amount, process.pid)

        return lambda: values(run())

    def kernel_called(self, core, mode, amount, values):
        return self.call("10.9.0.2", self.place.kernel_services, core, mode, amount, values)

    def null(self, mode):
        return lambda: median_us(self.place.flow(None, PEER_CORE, mode, self.place.null, "-",
                                                 FILE_USES))

    def pipe(self, core):
        return lambda: median_us(self.place.flow(None, core, "pipe", "-", "-", PINGS))


US = {"unit": "us", "higher_is_better": False}


def stream_figures(what, targets=((None, None), (None, None))):
    return [Figure(what, "Gbit/s", True, *targets[0]),
            Figure("  CPU of all processes for it", "ns/KiB", False, *targets[1])]


def stack_groups(runs, awake, asleep, one):
    """Our stack in the process that serves, no files: (address, process) each."""
    def stream(mode, words, stack, core, targets=((None, None), (None, None))):
        return Group(runs.kernel_called(core, mode, STREAM_MS, stream_values),
                     [runs.call(*stack, core, mode, STREAM_MS, stream_values)],
                     stream_figures(f"stack {words}", targets))

    both = ((0.90, 1.05), (1.05, 0.95))
    return [
        stream("send", "receives, two cores", awake, OTHER_CORE, both),
        stream("recv", "sends, two cores", awake, OTHER_CORE, ((0.90, 1.08), both[1])),
        stream("send", "receives, one core", one, PEER_CORE),
        stream("recv", "sends, one core", one, PEER_CORE),
        Group(runs.kernel_called(OTHER_CORE, "rr", ECHO_MS, median_us),
              [runs.call(*stack, OTHER_CORE, "rr", ECHO_MS, median_us)
               for stack in (awake, asleep)],
              [Figure("stack, a byte there and back, two cores, spinning", must=0.45, goal=0.33,
                      **US),
               Figure("stack, a byte there and back, two cores, sleeping", must=1.05, goal=0.95,
                      **US)]),
        Group(runs.kernel_called(PEER_CORE, "rr", ECHO_MS, median_us),
              [runs.call(*one, PEER_CORE, "rr", ECHO_MS, median_us)],
              [Figure("stack, a byte there and back, one core", must=1.0, goal=0.8, **US)]),
        Group(runs.kernel_called(OTHER_CORE, "crr", CONNECTS, median_us),
              [runs.call(*awake, OTHER_CORE, "crr", CONNECTS, median_us)],
              [Figure("stack is called, a byte, close, two cores", must=1.18, goal=0.95, **US)]),
        Group(runs.kernel_called(PEER_CORE, "crr", CONNECTS, median_us),
              [runs.call(*one, PEER_CORE, "crr", CONNECTS, median_us)],
              [Figure("stack is called, a byte, close, one core", must=1.11, goal=0.95, **US)]),
    ]


def file_groups(runs, awake, asleep, one):
    """Our stack through files, and the program that uses them on the server's core."""
    def stream(mode, words, server, targets=((None, None), (None, None))):
        return Group(runs.kernel(server.core, mode, STREAM_MS, stream_values),
                     [runs.files(server, mode, STREAM_MS, stream_values)],
                     stream_figures(f"files, {words}", targets))

    both = ((0.45, 0.65), (1.8, 1.4))
    return [
        stream("recv", "1 MiB reads, two cores", awake, both),
        stream("send", "1 MiB writes, two cores", awake, both),
        stream("recv", "1 MiB reads, one core", one),
        stream("send", "1 MiB writes, one core", one),
        Group(runs.kernel(OTHER_CORE, "rr", ECHO_MS, median_us),
              [runs.files(server, "rr", ECHO_MS, median_us) for server in (awake, asleep)],
              [Figure("files, a byte there and back, two cores, spinning", **US),
               Figure("files, a byte there and back, two cores, sleeping", **US)]),
        Group(runs.kernel(PEER_CORE, "rr", ECHO_MS, median_us),
              [runs.files(one, "rr", ECHO_MS, median_us)],
              [Figure("files, a byte there and back, one core", must=4, goal=2.5, **US)]),
        Group(runs.kernel(OTHER_CORE, "crr", CONNECTS, median_us),
              [runs.files(awake, "crr", CONNECTS, median_us)],
              [Figure("files, connect, a byte, close, two cores", **US)]),
        Group(runs.kernel(PEER_CORE, "crr", CONNECTS, median_us),
              [runs.files(one, "crr", CONNECTS, median_us)],
              [Figure("files, connect, a byte, close, one core", must=8.2, goal=4.1, **US)]),
    ]


def use_groups(runs, one):
    """What a file costs beside FUSE alone, on one core; a pipe tells what a wake-up costs."""
    uses = [("a line into an open ctl", "line", 1.3), ("echo to ctl", "ctl", 1.25),
            ("cat status", "status", 1.25), ("open and close data", "open", 1.2)]
    return [Group(runs.null(mode), [runs.files(one, mode, FILE_USES, median_us)],
                  [Figure(words, must=target, goal=target, **US)])
            for words, mode, target in uses] + [
        Group(runs.pipe(PEER_CORE), [runs.pipe(PEER_CORE)],
              [Figure("(a byte through two pipes and back, one core)", **US)])]


# --- memory --------------------------------------------------------------------------------------


def await_parked(server, count):
    until = time.monotonic() + 20
    while server.stats()["tree"]["parked"] < count and time.monotonic() < until:
        time.sleep(0.1)


def measure_memory(place, number, count):
    """Bytes that silent conversations cost the server, and readers that wait in them; and how
    many ms it takes to kill those."""
    server = Server(place, number, OTHER_CORE, "--spin-us", "0")
    place.flow(None, PEER_CORE, "crr", server.net, server.peer, 20)
    program = place.start(None, PEER_CORE, f"{place.build}/tests/bench/flow", "idle", server.net,
                          server.peer, str(count), stdin=-1, stdout=-1, text=True)
    sizes = []
    for state in ("ready", "held", "parked"):
        if program.stdout.readline().strip() != state:
            raise RuntimeError("flow idle ended early")
        if state == "parked":
            await_parked(server, count)
        time.sleep(2.5)  # after a second of quiet the server gives back what it does not need
        sizes.append(server.resident())
        if state != "parked":
            program.stdin.write("\n")
            program.stdin.flush()
    begin = time.monotonic()
    program.kill()
    program.wait(20)
    gone_ms = 1000 * (time.monotonic() - begin)
    server.stop()
    return sizes[1] - sizes[0], sizes[2] - sizes[1], gone_ms


def ls_ms(net):
    """ls as a user has it: started, listed, sorted, printed."""
    begin = time.monotonic()
    subprocess.run(["ls", f"{net}/tcp"], stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.monotonic() - begin)


# Conversations that are there until this process is gone, each an open clone.
HOLDER = """
import os, resource, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
held = [os.open(sys.argv[1] + "/tcp/clone", os.O_RDWR) for _ in range(int(sys.argv[2]))]
print("held", flush=True)
sys.stdin.read()
"""
HELD_EACH = 10000  # open files of one process


def listing_rows(place):
    rows = []
    server = Server(place, 6, OTHER_CORE, "--spin-us", "0")
    holders = []
    for count, most in LISTED:
        progress(f"ls of {count} conversations")
        while len(holders) * HELD_EACH < count:
            holder = place.start(None, PEER_CORE, sys.executable, "-c", HOLDER, server.net,
                                 str(HELD_EACH), stdin=-1, stdout=-1, text=True)
            holders.append(holder)
            if holder.stdout.readline().strip() != "held":
                raise RuntimeError("the conversations could not be made")
        median = statistics.median(ls_ms(server.net) for _ in range(9))
        rows.append(single(f"ls of {count:,} conversations", median, "ms", most, most))
    for holder in holders:
        holder.kill()
        holder.wait(60)
    server.stop()
    return rows


def memory_rows(place):
    rows = []
    silent = []
    for number_, count in enumerate(MEMORY_CONVS, 4):
        progress(f"memory of {count} conversations")
        idle, parked, gone_ms = measure_memory(place, number_, count)
        silent.append(idle)
        rows += [
            single(f"memory of a silent conversation, of {count:,}", idle / count, "B", 1536, 900),
            single(f"memory of a waiting reader, of {count:,}", parked / count, "B", 512, 256),
            single(f"killing {count:,} waiting readers", gone_ms, "ms", 1000, 500)]
    few, many = MEMORY_CONVS
    more = (silent[1] - silent[0]) / (many - few)
    return [*rows, single("memory of one more silent conversation", more, "B", 1536, 900)]


# --- telling -------------------------------------------------------------------------------------

COLUMNS = ["figure", "ours", "reference", "unit", "ratio", "least", "most", "must", "goal",
           "verdict", "rounds"]


def number(value):
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def print_table(rows):
    print(f"\n{'figure':50} {'ours':>8} {'standard':>8} {'':7}{'ratio':>6} {'[least, most]':>15}"
          f" {'must':>6} {'goal':>6}  reached  rounds")
    for row in rows:
        cell = {name: number(row[name]) if isinstance(row.get(name), (int, float)) else
                row.get(name) or "" for name in COLUMNS}
        spread = f"[{cell['least']}, {cell['most']}]" if cell["least"] else ""
        print(f"{cell['figure']:50} {cell['ours']:>8} {cell['reference']:>8} {cell['unit']:7}"
              f"{cell['ratio']:>6} {spread:>15} {cell['must']:>6} {cell['goal']:>6}"
              f"  {cell['verdict']:8} {cell['rounds']:>5}")


def write_csv(path, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as f:
        out = csv.DictWriter(f, COLUMNS)
        out.writeheader()
        out.writerows(rows)


def progress(words):
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)


def print_parts(build):
    """The benchmarks of single parts, which print their own lines and need no network."""
    for program in sorted(pathlib.Path(build, "tests/bench").glob("bench_*")):
        if program.suffix:
            continue
        print(f"\n{program.name}:", flush=True)
        subprocess.run(["taskset", "-c", str(OTHER_CORE), program], check=True, timeout=60,
                       preexec_fn=to_the_front)


def run_rounds(groups, seconds):
    end = time.monotonic() + seconds
    for count in range(1, ROUNDS_MAX + 1):
        for at, group in enumerate(groups, 1):
            if time.monotonic() > end:
                return
            progress(f"round {count}, {at} of {len(groups)}")
            # The first rounds are for all; the rest for those of which too many were thrown away.
            if count <= ROUNDS_MIN or group.rounds < ROUNDS_MIN:
                group.round()


def measure(build, seconds):
    totals = Totals()
    with Place(build) as place:
        runs = Runs(place, totals)
        stacks = [(f"10.9.{number}.2", place.start_stack(number, core, spin_us))
                  for number, core, spin_us in ((11, OTHER_CORE, 50), (12, OTHER_CORE, 0),
                                                (13, PEER_CORE, 50))]
        servers = [Server(place, 1, OTHER_CORE), Server(place, 2, OTHER_CORE, "--spin-us", "0"),
                   Server(place, 3, PEER_CORE)]
        place.start_null(PEER_CORE)
        groups = [*stack_groups(runs, *stacks), *file_groups(runs, *servers),
                  *use_groups(runs, servers[2])]
        run_rounds(groups, seconds)
        for server in servers:
            server.stop()
        memory = memory_rows(place) + listing_rows(place)
        progress("")
    rows = [figure.row() for group in groups for figure in group.figures if figure.rounds]
    return rows + totals.rows() + memory, sum(group.thrown for group in groups)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("build", nargs="?", default="build/release-gcc")
    arguments.add_argument("--seconds", type=int, default=200, help="for the rounds")
    given = arguments.parse_args()
    with open("/tmp/catnet-bench.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once would measure each other
        rows, thrown = measure(given.build, given.seconds)
        print_parts(given.build)
    print_table(rows)
    print(f"\n{thrown} rounds of a figure were thrown away: their references differed by more "
          f"than 15 %.")
    path = pathlib.Path(given.build).parent / "bench.csv"
    write_csv(path, rows)
    print(f"The same in {path}; docs/benchmarks.md says what the lines mean.")


main()

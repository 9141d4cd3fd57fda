"""Where benchmarks take place: two namespaces, a veth pair, TAPs with servers; and its end.

    peer, core 0 ---veth--- subject: the kernel's TCP, the yardstick
                 \\--TAPs--- catnetd, one a Server, its tree mounted in a directory;
                           stack_services, our stack without files

Everything is made by Place and taken down by it, also when a signal comes.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

PEER_CORE = 0
OTHER_CORE = 1 if (os.cpu_count() or 1) > 1 else 0
ALL_CORES = f"0-{(os.cpu_count() or 1) - 1}"
SETTINGS = [
    # bbr, which may be the default, paces any sender far below what is measured here.
    "net.ipv4.tcp_congestion_control=reno",
    "net.ipv4.ip_local_port_range=1024 65000",
    "net.ipv4.tcp_tw_reuse=1",
    "net.ipv6.conf.all.disable_ipv6=1",
]


def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def to_the_front():
    """In the child: a session of its own, before everybody else's."""
    os.setsid()
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)


def await_true(what, is_true):
    until = time.monotonic() + 10
    while not is_true():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come up")
        time.sleep(0.02)


def unmount(path):
    """What is left of a mount whose server was killed; nothing, as a rule."""
    subprocess.run(["umount", "-l", path], check=False, stderr=subprocess.DEVNULL)


def pin(process, core):
    """From now on. Who starts with one CPU never looks again before sleeping."""
    os.sched_setaffinity(process.pid, {core})


class Server:
    """A catnetd pinned to a core, with a TAP to the peer and a tree."""

    def __init__(self, place, number, core, *options):
        self.place = place
        self.core = core
        self.peer = f"10.9.{number}.1"
        self.net = place.mount_point(f"net{number}")
        self.process = place.start(
            "peer", core if core == PEER_CORE else ALL_CORES, f"{place.build}/catnetd", "-f",
            "--log", "error", "--tap", f"cnb{number}-{os.getpid()}",
            "--host-addr", f"{self.peer}/24", "--addr", f"10.9.{number}.2/24", "--no-acd",
            *options, self.net)
        place.servers.append(self)
        await_true("catnetd", lambda: os.path.exists(f"{self.net}/tcp/clone"))
        pin(self.process, core)
        time.sleep(0.2)

    def stats(self, name="stats"):
        with open(f"{self.net}/{name}") as f:
            return json.load(f)

    def resident(self):
        """Bytes of memory that are only this process's."""
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines()
                   if line.startswith(("Private_Dirty:", "Private_Clean:")))

    def cpu_ticks(self):
        """(user, system) so far."""
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return int(words[11]), int(words[12])

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        unmount(self.net)
        if self in self.place.servers:
            self.place.servers.remove(self)


class Place:
    """`with Place(build) as place`: the wires are there, and gone afterwards."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.names = {who: f"catnet-bench-{who}-{os.getpid()}" for who in ("peer", "subject")}
        self.servers = []
        self.others = []
        self.made = []
        self.dir = None
        self.services = None
        self.null = None

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        self.dir = tempfile.mkdtemp(prefix="catnet-bench-")
        try:
            self.make_wires()
        except BaseException:
            self.__exit__()
            raise
        return self

    @staticmethod
    def on_signal(number, _frame):
        raise SystemExit(128 + number)

    def make_wires(self):
        for name in self.names.values():
            quiet("ip", "netns", "add", name)
            self.made.append(name)
            self.inside(name, "ip", "link", "set", "lo", "up")
            for setting in SETTINGS:
                self.inside(name, "sysctl", "-qw", setting)
        peer, subject = self.names.values()
        quiet("ip", "-n", peer, "link", "add", "veth0", "type", "veth",
              "peer", "name", "veth1", "netns", subject)
        for name, device, address in ((peer, "veth0", "10.9.0.1"), (subject, "veth1", "10.9.0.2")):
            self.inside(name, "ip", "addr", "add", f"{address}/24", "dev", device)
            self.inside(name, "ip", "link", "set", device, "up")
        self.services = self.start("peer", PEER_CORE, self.tool("services"))
        # The same on the other side, for whoever calls from the peer's; pinned as needed.
        self.kernel_services = self.start("subject", OTHER_CORE, self.tool("services"))
        time.sleep(0.2)

    def tool(self, name):
        return f"{self.build}/tests/bench/{name}"

    def mount_point(self, name):
        path = f"{self.dir}/{name}"
        os.mkdir(path)
        return path

    def start_stack(self, number, core, spin_us):
        """Our stack without files, at 10.9.NUMBER.2; the process."""
        tap = f"cnb{number}-{os.getpid()}"
        process = self.start("peer", core if core == PEER_CORE else ALL_CORES,
                             self.tool("stack_services"), tap, f"10.9.{number}.1/24",
                             f"10.9.{number}.2/24", str(spin_us))
        devices = pathlib.Path(f"/proc/{self.services.pid}/net/dev")
        await_true("stack_services", lambda: tap in devices.read_text())
        time.sleep(0.3)
        pin(process, core)
        return process

    def start_null(self, core):
        """FUSE alone; its mount point."""
        self.null = self.mount_point("null")
        self.start(None, core, self.tool("null_fuse"), self.null)
        await_true("null_fuse", lambda: os.path.ismount(self.null))
        return self.null

    @staticmethod
    def inside(name, *command):
        quiet("nsenter", f"--net=/run/netns/{name}", "--", *command)

    def command(self, who, core, *words):
        enter = ["nsenter", f"--net=/run/netns/{self.names[who]}", "--"] if who else []
        return [*enter, "taskset", "-c", str(core), *words]

    def start(self, who, core, *words, **more):
        process = subprocess.Popen(self.command(who, core, *words), preexec_fn=to_the_front,
                                   stdin=more.pop("stdin", subprocess.DEVNULL), **more)
        self.others.append(process)
        return process

    def flow(self, who, core, *words):
        """What one run of flow has printed."""
        process = self.start(who, core, self.tool("flow"), *map(str, words),
                             stdout=subprocess.PIPE, text=True)
        try:
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            self.others.remove(process)
        if process.returncode != 0:
            raise RuntimeError(f"flow {' '.join(map(str, words))}: status {process.returncode}")
        return json.loads(out)

    def peer_resent(self):
        """Segments that the kernel's side has sent again, in all conversations."""
        lines = pathlib.Path(f"/proc/{self.services.pid}/net/snmp").read_text().splitlines()
        names, values = [line.split() for line in lines if line.startswith("Tcp:")]
        return int(values[names.index("RetransSegs")])

    def __exit__(self, *_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # Programs first: what waits in a tree is freed by its end, or by its server's.
        for process in reversed(self.others):
            if process.poll() is None and process not in [s.process for s in self.servers]:
                process.kill()
        for server in list(self.servers):
            server.stop()
        for process in self.others:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        if self.null:
            unmount(self.null)
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], check=False)
        if self.dir:
            for net in os.scandir(self.dir):
                os.rmdir(net)
            os.rmdir(self.dir)

"""parked.py kill|memory|threads FILE COUNT [PID] - COUNT readers that wait on FILE.

kill: processes, all killed at once; each must be gone within half a second.
memory: threads, each with an open file of its own. Prints how many bytes of resident memory a
reader costs the server PID, and fails if it is more than 512.
threads: as many, and then their process is killed; it must be gone within a second.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

KILL_MAX_S = 0.5
COST_MAX = 512
THREADS_KILL_MAX_S = 1.0
# Readers that are not counted: they make the server's pools and pages warm.
WARM = 200


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return sum(int(line.split()[1]) * 1024 for line in f
                   if line.startswith(("Private_Dirty:", "Private_Clean:")))


def kill(path, count):
    children = [subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL) for _ in range(count)]
    time.sleep(2)
    same = [child for child in children if child.poll() is None]
    if len(same) != count:
        sys.exit(f"{count - len(same)} of {count} did not wait")
    begin = time.monotonic()
    for child in children:
        child.send_signal(signal.SIGKILL)
    for child in children:
        child.wait(10)
    took = time.monotonic() - begin
    print(f"{count} were gone after {took * 1000:.0f} ms")
    sys.exit(took > KILL_MAX_S)


def park(path, count):
    """COUNT threads that wait in a read; a child process, so that they can be ended."""
    for _ in range(count):
        fd = os.open(path, os.O_RDONLY)
        threading.Thread(target=os.read, args=(fd, 1), daemon=True).start()


def make_room():
    """Each reader has a descriptor, and the customary limit is 1024; and a stack, but a small one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threading.stack_size(65536)


def memory(path, count, pid):
    make_room()
    park(path, WARM)
    time.sleep(1)
    before = resident(pid)
    park(path, count)
    time.sleep(2)
    cost = (resident(pid) - before) / count
    print(f"a waiting reader costs {cost:.0f} bytes")
    sys.stdout.flush()
    os._exit(cost > COST_MAX)


def parked_n():
    with open(os.environ["CATNET"] + "/stats", "rb") as f:
        return json.load(f)["tree"]["parked"]


def until_parked(count, limit_s):
    end = time.monotonic() + limit_s
    while parked_n() != count:
        if time.monotonic() > end:
            sys.exit(f"{parked_n()} wait after {limit_s} s, expected {count}")
        time.sleep(0.05)


def threads(path, count):
    make_room()
    child = os.fork()
    if child == 0:
        park(path, count)
        signal.pause()
    until_parked(count, 30)
    begin = time.monotonic()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    took = time.monotonic() - begin
    print(f"{count} were gone after {took * 1000:.0f} ms")
    sys.stdout.flush()
    until_parked(0, 5)
    sys.exit(took > THREADS_KILL_MAX_S)


if sys.argv[1] == "kill":
    kill(sys.argv[2], int(sys.argv[3]))
if sys.argv[1] == "threads":
    threads(sys.argv[2], int(sys.argv[3]))
memory(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

"""gone.py SIGNAL COMMAND... - start COMMAND, see that it waits, send it SIGNAL, time its end.

Three times; prints the best and the worst in milliseconds. Status 1 if it did not wait at all,
if the best is over 100 ms or if one took longer than a second.
"""

import os
import signal
import subprocess
import sys
import time

RUNS = 3
BEST_MAX_MS = 100
WORST_MAX_MS = 1000


def state(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


def run(what, command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                             close_fds=False,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    time.sleep(0.3)
    if child.poll() is not None:
        sys.exit(f"it did not wait, but ended with status {child.returncode}")
    if state(child.pid) not in "SD":
        sys.exit(f"it is in state {state(child.pid)}, which is not waiting")
    begin = time.monotonic()
    child.send_signal(what)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        sys.exit(f"10 s after the signal it is still there, in state {state(child.pid)}")
    return (time.monotonic() - begin) * 1000


signal_number = getattr(signal, "SIG" + sys.argv[1])
times = [run(signal_number, sys.argv[2:]) for _ in range(RUNS)]
print(f"best {min(times):.1f} ms, worst {max(times):.1f} ms")
if min(times) > BEST_MAX_MS or max(times) > WORST_MAX_MS:
    sys.exit(1)

"""stopping.py HOW SEED COMMAND... - run COMMAND, and until it ends disturb it at random intervals
of up to 10 ms: `stop` stops and continues it, `trace` attaches strace and takes it away again.

Standard input and output are COMMAND's, and so is the status; how often it was disturbed goes to
standard error.
"""

import random
import signal
import subprocess
import sys
import time

HOW, SEED = sys.argv[1], int(sys.argv[2])
rng = random.Random(SEED)


def pause():
    time.sleep(rng.random() / 100)


def stop(child):
    child.send_signal(signal.SIGSTOP)
    pause()
    child.send_signal(signal.SIGCONT)
    pause()


def traced(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            return "TracerPid:\t0\n" not in f.read()
    except FileNotFoundError:
        return False


def trace(child):
    tracer = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(child.pid)],
                              stderr=subprocess.DEVNULL)
    while not traced(child.pid) and tracer.poll() is None:
        time.sleep(0.001)
    pause()
    tracer.terminate()
    tracer.wait()


command = subprocess.Popen(sys.argv[3:])
times = 0
while command.poll() is None:
    stop(command) if HOW == "stop" else trace(command)
    times += 1
print(f"seed {SEED}: disturbed {times} times", file=sys.stderr)
sys.exit(command.returncode if times > 3 else f"only {times} times, then it had ended")

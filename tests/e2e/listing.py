"""Tests of listing.sh: many conversations in one directory. listing.py NET COUNT NAME"""

import os
import subprocess
import sys

import cases
from cases import fail, same

NET, COUNT = (sys.argv + ["", "0"])[1:3]
COUNT = int(COUNT)
TCP = f"{NET}/tcp"
FILES = {"clone", "stats"}


# A process may have only so many files open, so that many need several.
EACH = 15000
HOLDER = """
import os, resource, sys
path, count = sys.argv[1], int(sys.argv[2])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
held = [os.open(path, os.O_RDWR) for _ in range(count)]
print(*(os.read(fd, 32).decode().strip() for fd in held), flush=True)
for line in sys.stdin:
    os.close(held[int(line)])
    print("closed", flush=True)
"""


class Holder:
    """A process that has made COUNT conversations and keeps them until it is gone."""

    def __init__(self, count):
        self.process = subprocess.Popen([sys.executable, "-c", HOLDER, f"{TCP}/clone", str(count)],
                                        stdin=-1, stdout=-1, text=True)
        self.numbers = self.process.stdout.readline().split()
        same("how many were made", count, len(self.numbers))

    def close(self, i):
        self.process.stdin.write(f"{i}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


def hold(count):
    return [Holder(min(EACH, count - begin)) for begin in range(0, count, EACH)]


def numbers(holders):
    return {number for holder in holders for number in holder.numbers}


def every_conversation_is_listed_once_in_the_order_of_the_numbers():
    holders = hold(COUNT)
    with os.scandir(TCP) as entries:
        listed = [e.name for e in entries]
    same("how many names", len(set(listed)), len(listed))
    same("what is listed", True, set(listed) == numbers(holders) | FILES)
    order = [int(name) for name in listed if name not in FILES]
    same("the order", True, order == sorted(order))


def ls_shows_them_and_find_walks_into_each():
    holders = hold(COUNT // 10)
    shown = subprocess.run(["ls", TCP], capture_output=True, text=True, check=True).stdout.split()
    same("what ls shows", True, set(shown) == numbers(holders) | FILES)
    found = subprocess.run(["find", TCP, "-name", "status"], capture_output=True, text=True,
                           check=True).stdout.split()
    same("status files", len(numbers(holders)), len(found))


def what_stays_is_listed_while_half_of_the_others_go_and_new_ones_come():
    holder = Holder(EACH // 3)
    stay = set(holder.numbers[::2])
    seen = []
    held = []
    with os.scandir(TCP) as entries:
        for i, entry in enumerate(entries):
            seen.append(entry.name)
            if i % 100 == 0:
                for at in range((i + 1) | 1, min(i + 101, EACH // 3), 2):
                    holder.close(at)
                held.append(os.open(f"{TCP}/clone", os.O_RDWR))
            if len(held) > 300:
                fail("the listing does not end")
    same("how many names", len(set(seen)), len(seen))
    missing = stay - set(seen)
    if missing:
        fail(f"{len(missing)} of those that were there all the time were not listed")


cases.main([every_conversation_is_listed_once_in_the_order_of_the_numbers,
            ls_shows_them_and_find_walks_into_each,
            what_stays_is_listed_while_half_of_the_others_go_and_new_ones_come])

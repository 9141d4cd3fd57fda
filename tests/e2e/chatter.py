"""chatter.py tree|kernel ADDRESS PORT... [--conversations N] [--rounds N] [--size BYTES...]

N conversations at once, spread over the ports, each sending messages of its own and wanting
exactly those back, --repeat times over, with a connection each time. `tree` speaks through the files at $CATNET, `kernel` through sockets.
"""

import argparse
import os
import random
import socket
import sys
import threading


def tree_pipe(address, port):
    import tree

    conversation, data = tree.connected(f"{address}!{port}")
    return (lambda part: os.write(data, part), lambda n: os.read(data, n), conversation.close)


def kernel_pipe(address, port):
    s = socket.create_connection((address, port))
    return s.send, s.recv, s.close


def message(seed, length):
    return random.Random(seed).randbytes(length)


def talk(pipe, who, arguments, wrongs):
    for _ in range(arguments.repeat):
        talk_once(pipe, who, arguments, wrongs)


def talk_once(pipe, who, arguments, wrongs):
    try:
        send, receive, close = pipe(arguments.address, arguments.ports[who % len(arguments.ports)])
        size = arguments.size[who % len(arguments.size)]
        for turn in range(arguments.rounds):
            said = message(who * 1000003 + turn, size)
            sent = 0
            while sent < size:
                sent += send(said[sent:])
            heard = b""
            while len(heard) < size:
                part = receive(size - len(heard))
                if not part:
                    raise EOFError("the end came too early")
                heard += part
            if heard != said:
                raise ValueError(f"round {turn}: heard something else than was said")
        close()
    except Exception as error:
        wrongs.append(f"conversation {who}: {type(error).__name__} {error}")


parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["tree", "kernel"])
parser.add_argument("address")
parser.add_argument("ports", type=int, nargs="+")
parser.add_argument("--conversations", type=int, default=50)
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--repeat", type=int, default=1)
parser.add_argument("--size", type=int, nargs="+", default=[64])
arguments = parser.parse_args()
wrongs = []
pipe = tree_pipe if arguments.kind == "tree" else kernel_pipe
threads = [threading.Thread(target=talk, args=(pipe, who, arguments, wrongs))
           for who in range(arguments.conversations)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("\n".join(wrongs[:5]) or f"{arguments.conversations} conversations were undisturbed")
sys.exit(bool(wrongs))

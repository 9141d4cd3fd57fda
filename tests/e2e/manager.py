#!/usr/bin/env python3
"""manager.py SOCKET - a service manager as sd_notify(3) sees it: prints what it is told."""
import os
import socket
import sys

name = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + name[1:] if name.startswith("@") else name)
manager.settimeout(60)
print("listening", flush=True)
try:
    while True:
        print(manager.recv(4096).decode(), end="", flush=True)
finally:
    if not name.startswith("@"):
        os.unlink(name)

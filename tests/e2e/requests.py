"""requests.py ADDRESS PATH FILE COUNT - fetch PATH COUNT times in a row; each must equal FILE."""

import os
import sys

import tree

address, path, file, count = sys.argv[1:]
with open(file, "rb") as f:
    expected = f.read()
for turn in range(int(count)):
    conversation, data = tree.connected(address)
    os.write(data, f"GET {path} HTTP/1.0\r\n\r\n".encode())
    page = tree.read_to_end(data).partition(b"\r\n\r\n")[2]
    conversation.close()
    if page != expected:
        sys.exit(f"request {turn}: {len(page)} bytes instead of {len(expected)}, or other ones")

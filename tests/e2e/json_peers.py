"""json_peers.py ADDRESS PORT_DEAF PORT_CURT - one that never reads, and one that ends at once."""

import selectors
import socket
import sys

keep = []
ready = selectors.DefaultSelector()
for port in map(int, sys.argv[2:]):
    listener = socket.create_server((sys.argv[1], port))
    ready.register(listener, selectors.EVENT_READ, port)
while True:
    for key, _ in ready.select():
        call, _ = key.fileobj.accept()
        if key.data == int(sys.argv[2]):
            keep.append(call)
        else:
            call.close()

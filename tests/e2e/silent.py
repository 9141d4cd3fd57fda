"""silent.py ADDRESS PORT SPEAKING_PORT - takes calls and reads nothing of them, for ever; at
SPEAKING_PORT it says "speak" after 0.5 s, and then closes after another second."""

import asyncio
import socket
import sys


async def speak(_, writer):
    await asyncio.sleep(0.5)
    writer.write(b"speak")
    await asyncio.sleep(1)
    writer.close()


async def main(address, port, speaking_port):
    loop = asyncio.get_running_loop()
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(64)
    s.setblocking(False)
    await asyncio.start_server(speak, address, speaking_port)
    kept = []
    while True:
        kept.append(await loop.sock_accept(s))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

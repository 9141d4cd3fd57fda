"""echo_server.py ADDRESS PORT... - sends back what it gets, tcp and udp, until it is killed."""

import asyncio
import socket
import sys


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        pass


def echo_datagram(s):
    data, address = s.recvfrom(65536)
    s.sendto(data, address)  # asyncio's own transport drops empty ones


async def main(address, ports):
    loop = asyncio.get_running_loop()
    for port in ports:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, port))
        loop.add_reader(s, echo_datagram, s)
        await asyncio.start_server(echo, address, port, backlog=512)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))

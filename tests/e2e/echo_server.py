"""echo_server.py ADDRESS PORT... - sends back what it gets, tcp and udp, until it is killed."""

import asyncio
import sys


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        pass


class Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


async def main(address, ports):
    loop = asyncio.get_running_loop()
    for port in ports:
        await loop.create_datagram_endpoint(Datagrams, (address, port))
        await asyncio.start_server(echo, address, port, backlog=512)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))

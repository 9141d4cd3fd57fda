"""witness.py ADDRESS PORT TALKING_PORT - takes calls and tells how each one ends: "END N" after N
bytes, "RESET N". At TALKING_PORT it says something first."""

import asyncio
import sys


async def watch(reader, writer, words):
    count = 0
    writer.write(words)
    try:
        while data := await reader.read(65536):
            count += len(data)
        print(f"END {count}")
    except OSError:
        print(f"RESET {count}")
    writer.close()


async def main(address, port, talking_port):
    await asyncio.start_server(lambda r, w: watch(r, w, b""), address, port)
    await asyncio.start_server(lambda r, w: watch(r, w, b"words"), address, talking_port)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

"""trickle.py ADDRESS PORT FILE SECONDS - to each that calls: FILE, evenly over SECONDS, the end."""

import asyncio
import sys

ADDRESS, PORT, FILE, SECONDS = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
STEP_S = 0.005


async def trickle(_, writer):
    with open(FILE, "rb") as f:
        data = f.read()
    step = max(1, int(len(data) * STEP_S / SECONDS)) if SECONDS else len(data)
    for at in range(0, len(data), step):
        writer.write(data[at:at + step])
        await writer.drain()
        await asyncio.sleep(STEP_S)
    writer.close()


async def main():
    await asyncio.start_server(trickle, ADDRESS, PORT)
    await asyncio.Event().wait()


asyncio.run(main())

"""`python forward.py FROM:TO…`: passes connections of a port to another one, as Docker does with published ports."""

import asyncio
import sys
from contextlib import suppress


async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(2**16):
            sink.write(data)
            await sink.drain()
    sink.close()


async def forward(port: int, to_port: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", to_port)
        await asyncio.gather(pipe(reader, other_writer), pipe(other_reader, writer))

    async with await asyncio.start_server(connect, "127.0.0.1", port) as server:
        await server.serve_forever()


async def main(pairs: list[str]) -> None:
    ports = (map(int, pair.split(":")) for pair in pairs)
    await asyncio.gather(*(forward(port, to_port) for port, to_port in ports))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

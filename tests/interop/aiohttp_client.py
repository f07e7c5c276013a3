"""Python's aiohttp against the KitchenSink: aiohttp_client.py HOST:PORT"""

import asyncio
import hashlib
import os
import sys

import aiohttp

from checks import check, expect, finish

URL = f"http://{sys.argv[1]}"
BODY = os.urandom(1 << 20)
SHA256 = hashlib.sha256(BODY).hexdigest()


async def pieces():
    for i in range(0, len(BODY), 50_000):
        yield BODY[i : i + 50_000]
        await asyncio.sleep(0)


async def main(session):
    with check("aiohttp: 500 requests, 50 at a time, reuse their connections"):
        async def one(i):
            async with session.get(f"{URL}/users/{i}") as answer:
                expect(await answer.json(), {"id": str(i), "name": f"User {i}"})
        await asyncio.gather(*(one(i) for i in range(500)))

    with check("aiohttp: an upload in chunks"):
        async with session.post(f"{URL}/upload", data=pieces()) as answer:
            expect(await answer.json(), {"bytes": len(BODY), "sha256": SHA256})

    with check("aiohttp: a form with a file and a field"):
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", BODY, filename="a b.bin", content_type="application/octet-stream")
        form.add_field("text", "Grüße")
        async with session.post(f"{URL}/form", data=form) as answer:
            file, text = await answer.json()
            expect((file["name"], file["fileName"], file["bytes"], file["sha256"]), ("file", "a b.bin", len(BODY), SHA256))
            expect((text["name"], text["sha256"]), ("text", hashlib.sha256("Grüße".encode()).hexdigest()))

    with check("aiohttp: a stream of 10,000 chunks"):
        async with session.get(f"{URL}/stream?n=10000") as answer:
            count = 0
            async for line in answer.content:
                expect(line, b"chunk %d\n" % count)
                count += 1
            expect(count, 10_000, "chunks")

    with check("aiohttp: server-sent events arrive one by one"):
        async with session.get(f"{URL}/sse?n=3") as answer:
            expect(answer.content_type, "text/event-stream")
            data = [line.strip() async for line in answer.content if line.startswith(b"data:")]
            expect(data, [b"data: 0", b"data: 1", b"data: 2"])

    with check("aiohttp: a cookie comes and goes back"):
        async with session.get(f"{URL}/cookie") as answer:
            await answer.read()
        async with session.get(f"{URL}/cookie") as answer:
            expect("seen=yes" in (await answer.text()).split("\n"), True, "the cookie's return")

    with check("aiohttp: a client that gives up harms nobody"):
        try:
            async with session.get(f"{URL}/slow?ms=5000", timeout=aiohttp.ClientTimeout(total=0.2)):
                raise AssertionError("the slow answer came at once")
        except asyncio.TimeoutError:
            pass
        async with session.get(f"{URL}/") as answer:
            expect(await answer.text(), "Hello, World!")


async def run():
    # Cookies of an address, not of a name, are kept only by an unsafe jar.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(limit=50)) as session:
        await main(session)


asyncio.run(run())
finish()

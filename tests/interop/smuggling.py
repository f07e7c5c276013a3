"""Request smuggling: what nginx and HAProxy take for one message, Gyre must take for one, too, and the other way round.

    smuggling.py SERVER-PROGRAM

Each message of smuggling_cases.py is sent with a canary behind it, first to the server itself, whose answers are compared with the
expectation, then through each proxy. A tap between proxy and server records what the proxy forwards. The proxy puts a number of its own
on each request that it forwards, and /echo answers with the headers that the handler got: so on each connection of the tap the answers
must carry exactly those numbers, each once and in order. A hidden request that the server alone sees would be an answer without one; a
request that the server takes for a body would be a number without an answer.
"""

import asyncio
import re
import sys
import tempfile

from checks import check, expect, finish, start, stop
from smuggling_cases import CANARY, CUT, LAST, ONE, REFUSE, cases
from smuggling_proxies import PROXIES, answers_in, running

AT_A_TIME = 24
QUIET_SECONDS = 1.5  # Until an exchange counts as over when neither the canary's answer nor the end has come.
NUMBER = re.compile(rb"^x-proxy-number: *(\S+)", re.I | re.M)
CASE = re.compile(rb"^x-case: *(\d+)", re.I | re.M)
PART = re.compile(rb"^x-part: *(\w+)", re.I | re.M)


class Record:
    """What passed through one connection, and who ended it."""

    def __init__(self):
        self.there = bytearray()
        self.back = bytearray()
        self.ended = False
        self.ended_by_server = False


class Tap:
    """Passes bytes on between a proxy and the server, and keeps both directions of each connection."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.records = []

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return listener.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        record = Record()
        self.records.append(record)
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        await asyncio.gather(self.pump(reader, upstream_writer, record, record.there), self.pump(upstream_reader, writer, record, record.back))

    @staticmethod
    async def pump(reader, writer, record, bytes_so_far):
        try:
            while piece := await reader.read(65536):
                bytes_so_far += piece
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            record.ended_by_server = record.ended_by_server if record.ended else bytes_so_far is record.back
            record.ended = True
            writer.close()


async def exchange(port, message):
    """Sends a message with the canary behind it and returns all that came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = b""
    try:
        writer.write(message)
        while not re.search(rb"^x-part: *canary[\s\S]*\n", got, re.I | re.M):
            piece = await asyncio.wait_for(reader.read(65536), QUIET_SECONDS)
            if not piece:
                break
            got += piece
        # What is on its way behind the canary's answer would be one answer too many.
        got += await asyncio.wait_for(reader.read(65536), 0.05)
    except (asyncio.TimeoutError, OSError):
        pass
    writer.close()
    return got


async def exchange_all(port, table):
    gate = asyncio.Semaphore(AT_A_TIME)

    async def one(i, message):
        async with gate:
            return await exchange(port, (message + CANARY).replace(b"%CASE%", b"%06d" % i))

    return await asyncio.gather(*(one(i, message) for i, (_, message, _) in enumerate(table)))


def made_of(received):
    """What the server itself made of a message, in the words of the table."""
    got = [(status, (PART.search(body) or [None, b"-"])[1].decode()) for status, body in answers_in(received, by_proxy=True)]
    if len(got) == 1 and got[0][0] >= 400:
        return REFUSE
    if got == [(200, "main"), (200, "canary")]:
        return ONE
    return LAST if got == [(200, "main")] else got


def verify_direct(table, received):
    wrong = []
    for (name, _, expected), data in zip(table, received):
        made = made_of(data)
        if made not in {CUT: (REFUSE, LAST), None: (REFUSE, ONE)}.get(expected, (expected,)):
            wrong.append(f"{name}: {made} instead of {expected}")
    expect(wrong, [], "what was made of messages")


def lost_rightly(record, there, table):
    """Whether the last request may lack an answer: its client gave up before its end, or what was before it had no proper end.

    /echo answers before it has seen a body to its end. When the rest then turns out to be bad, the server can but close the connection, whatever
    the proxy has sent behind it.
    """
    heads = list(NUMBER.finditer(there))
    if record.ended_by_server:
        carriers = CASE.findall(there[: heads[-2].start()]) if len(heads) > 1 else []
        return bool(carriers) and table[int(carriers[-1])][2] != ONE
    last_head = there[heads[-2].end() if len(heads) > 1 else 0 :].lower()
    return not last_head.endswith(b"\r\n\r\n") or b"content-length" in last_head or b"transfer-encoding" in last_head


def verify_tap(records, table):
    """Every request that the proxy forwarded was answered as itself, and nothing else was."""
    wrong = []
    forwarded = 0
    for record in records:
        there, back = bytes(record.there), bytes(record.back)
        numbers = NUMBER.findall(there)
        answers = answers_in(back)
        forwarded += len(numbers)
        missing = len(numbers) - len(answers)
        if missing != 0 and not (missing == 1 and lost_rightly(record, there, table)):
            wrong.append(f"{len(numbers)} requests, {len(answers)} answers: {there!r} -> {back!r}")
        for number, (status, body) in zip(numbers, answers):
            if status == 200 and NUMBER.findall(body) != [number]:
                wrong.append(f"{number} was answered with {body!r}: {there!r}")
    expect(wrong[:3], [], "requests and answers on the tap")
    return forwarded


def verify_client(table, received):
    """Nobody was given the answer of a hidden request that has no number of its own."""
    hidden = [name for (name, _, _), data in zip(table, received)
              for _, body in answers_in(data, by_proxy=True) if b"hidden" in PART.findall(body) and not NUMBER.search(body)]
    expect(hidden, [], "messages with a request smuggled in")


async def through(name, command, configuration, settings, folder, server_port, table):
    tap = Tap(server_port)
    async with running(name, command, configuration, settings, folder, await tap.listen()) as port:
        received = await exchange_all(port, table)
        await asyncio.sleep(0.5)
        with check(f"smuggling: {name} and the server agree about {len(table)} messages"):
            print(f"{name} forwarded {verify_tap(tap.records, table)} requests on {len(tap.records)} connections")
            verify_client(table, received)
        with check(f"smuggling: {name} passes plain messages on, canaries behind them"):
            # On their own: a bad message may cost a good one behind it on the proxy's connection its answer.
            plain = [case for case in table if case[0].endswith(", plain") and case[2] == ONE]
            expect([made_of(data) for data in await exchange_all(port, plain)], [ONE] * len(plain))


async def main(program):
    table = list(cases())
    server, port = start(program, "--urls", "http://127.0.0.1:0")
    try:
        with check(f"smuggling: the server makes of {len(table)} messages what it should"):
            verify_direct(table, await exchange_all(port, table))
        with tempfile.TemporaryDirectory() as folder:
            for proxy in PROXIES:
                await through(*proxy, folder, port, table)
        with check("smuggling: the server ends in order after all of it"):
            expect(stop(server, 60), 0, "the exit code")
    finally:
        server.kill()


asyncio.run(main(sys.argv[1]))
finish()

"""Request smuggling by chance: messages of smuggling_grammar.py, sent directly and through proxies, which must agree about them.

    smuggling_fuzz.py SERVER-PROGRAM|self-test [--seed S] [--messages N] [--seconds N] [--first N]

A seed and the number of a message give it again: --seed S --first N --messages 1. Each message is sent with a canary behind it to the
server itself and through each proxy, which puts a number of its own on each request that it forwards; /mirror answers with the
request as the server understood it. smuggling_oracles.py says what must hold; what is normalised, and what either side refuses, may be.
What seems to be wrong because something came late is tried again alone, and slowly.

self-test looks at servers that are broken on purpose (smuggling_broken.py): each must be found out, and a sound one must not.
"""

import argparse
import asyncio
import collections
import contextlib
import random
import sys
import tempfile
import time

from checks import check, expect, finish, start, stop
from smuggling_broken import FAULTS, NONE, BrokenServer
from smuggling_grammar import Message
from smuggling_oracles import CASE, NUMBER, SLOW, View, is_settled, judge_record, judge_views
from smuggling_proxies import PROXIES, running
from smuggling_wire import Exchange, Tap

AT_A_TIME = 96
AT_A_TIME_AGAIN = 8
BATCH = 1024
PATIENCE_SECONDS = 0.5
# Less than the proxies' own, who then refuse.
PATIENCE_AGAIN_SECONDS = 2.0
SETTLE_SECONDS = 0.3
# The proxies' own patience of 3 s, and some.
SETTLE_AGAIN_SECONDS = 4.0
FINDINGS_MAX = 5
SELF_TEST_SEED = 1
SELF_TEST_AT_A_TIME = 4
SELF_TEST_BATCH = 128
SELF_TEST_BATCHES = 16


class Way:
    """A proxy that runs, and the tap behind it."""

    def __init__(self, name, tap, port):
        self.name, self.tap, self.port = name, tap, port


class Fuzz:
    def __init__(self, seed, server_port, ways):
        self.seed, self.server_port, self.ways = seed, server_port, ways
        self.findings = []
        self.tallies = collections.Counter()

    async def run(self, first, count):
        """Tries so many messages."""
        suspects = []
        await self._try_all(range(first, first + count), PATIENCE_SECONDS, AT_A_TIME, lambda *found: suspects.append(found))
        await asyncio.sleep(SETTLE_SECONDS)
        self._judge_records(lambda *found: suspects.append(found))
        if suspects:
            await self._confirm(suspects)

    async def _try_all(self, numbers, patience, at_a_time, report):
        gate = asyncio.Semaphore(at_a_time)

        async def one(number):
            async with gate:
                await self._try(Message(self.seed, number), patience, report)

        await asyncio.gather(*map(one, numbers))

    async def _try(self, message, patience, report):
        direct = View(await Exchange.run(self.server_port, message.pieces, patience))
        self.tallies["messages"] += 1
        self.tallies[f"direct: {'refused' if direct.is_refused else 'waiting' if direct.is_waiting else 'whole'}"] += 1
        self.tallies["direct: requests"] += len(direct.requests)
        for way in self.ways:
            proxied = View(await Exchange.run(way.port, message.pieces, patience))
            self.tallies[f"{way.name}: requests"] += len(proxied.requests)
            for what in judge_views(message.number, direct, proxied):
                report(way.name, what, [message.number])

    def _judge_records(self, report):
        for way in self.ways:
            kept = []
            for record in way.tap.records:
                problems = list(judge_record(record))
                for what in problems:
                    report(f"{way.name}, tap", what, sorted({int(found) for found in CASE.findall(bytes(record.there))}))
                if problems:
                    continue
                if record.has_ended or is_settled(record):
                    self.tallies[f"{way.name}: forwarded"] += len(NUMBER.findall(record.there))
                if is_settled(record):
                    record.there.clear()
                    record.back.clear()
                if not record.has_ended:
                    kept.append(record)
            way.tap.records = kept

    async def _confirm(self, suspects):
        """What depends on time counts when anything is wrong with the same messages once more; the rest counts as it is."""
        late = [suspect for suspect in suspects if suspect[1].startswith(SLOW)]
        self._note(suspect for suspect in suspects if suspect not in late)
        if not late or self.findings:
            return
        for way in self.ways:
            way.tap.records = [record for record in way.tap.records if not record.has_ended]
        again = []
        numbers = sorted({number for _, _, those in late for number in those})
        await self._try_all(numbers, PATIENCE_AGAIN_SECONDS, AT_A_TIME_AGAIN, lambda *found: again.append(found))
        await asyncio.sleep(SETTLE_AGAIN_SECONDS)
        self._judge_records(lambda *found: again.append(found))
        self._note(again)
        self.tallies["late, and in order when tried again"] += 0 if again else len(late)

    def _note(self, suspects):
        self.findings += [f"{where}: {what}; --seed {self.seed}, --first with one of {numbers}" for where, what, numbers in suspects]

    def say(self):
        """Prints what was counted; fewer connections than requests show that the proxies use them again."""
        for way in self.ways:
            self.tallies[f"{way.name}: connections"] = way.tap.connections
        print(", ".join(f"{name} {count}" for name, count in sorted(self.tallies.items())))


@contextlib.asynccontextmanager
async def behind_proxies(server_port):
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        ways = []
        for name, command, configuration, settings in PROXIES:
            tap = Tap(server_port)
            ways.append(Way(name, tap, await stack.enter_async_context(running(name, command, configuration, settings, folder, await tap.listen()))))
        # What asked whether they listen has left its traces.
        for way in ways:
            way.tap.records.clear()
        yield ways


async def fuzz(options):
    server, port = start(options.program, "--urls", "http://127.0.0.1:0")
    try:
        with check(f"smuggling fuzz, seed {options.seed}: the server and the proxies agree"):
            async with behind_proxies(port) as ways:
                run = Fuzz(options.seed, port, ways)
                began = time.monotonic()
                done = 0
                while done < options.messages and time.monotonic() - began < options.seconds and len(run.findings) < FINDINGS_MAX:
                    count = min(BATCH, options.messages - done)
                    await run.run(options.first + done, count)
                    done += count
                run.say()
            for finding in run.findings[:FINDINGS_MAX]:
                print(finding)
            expect(run.findings[:1], [], "findings")
            # A server that answers nothing agrees with everybody.
            expect(options.messages < BATCH or run.tallies["direct: requests"] > done / 2, True, "whether the server answered at all")
        with check("smuggling fuzz: the server ends in order after all of it"):
            expect(stop(server, 60), 0, "the exit code")
    finally:
        server.kill()


async def self_test(faults):
    gate = asyncio.Semaphore(SELF_TEST_AT_A_TIME)

    async def one(fault):
        async with gate:
            with check(f"smuggling fuzz, self-test: {fault}"):
                await find_out(fault)

    await asyncio.gather(*map(one, faults))


async def find_out(fault):
    server = BrokenServer(fault)
    port = await server.listen()
    async with behind_proxies(port) as ways:
        run = Fuzz(SELF_TEST_SEED, port, ways)
        for batch in range(SELF_TEST_BATCHES // 4 if fault == NONE else SELF_TEST_BATCHES):
            await run.run(batch * SELF_TEST_BATCH, SELF_TEST_BATCH)
            if run.findings:
                break
        print(f"{fault}: {run.tallies['messages']} messages, {run.findings[0] if run.findings else 'nothing found'}")
        expect(bool(run.findings), fault != NONE, "whether it was found out")
    server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--messages", type=int, default=1_000_000_000)
    parser.add_argument("--seconds", type=float, default=86_400)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--fault", choices=[NONE, *FAULTS])
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    asyncio.run(self_test([options.fault] if options.fault else [NONE, *FAULTS]) if options.program == "self-test" else fuzz(options))
    finish()


main()

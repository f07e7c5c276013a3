"""asyncio's side, on uvloop where that is installed. Answers the script's requests like the other programs."""

import asyncio
import sys
import time

try:
    import uvloop
except ImportError:
    uvloop = None

SLEEPERS = 100_000
TIMERS = 1_000_000
operations = {}
count = 0


async def plain():
    global count
    count += 1


async def yields():
    global count
    count += 1
    await asyncio.sleep(0)


async def spawn(n, body=plain):
    loop = asyncio.get_running_loop()
    for _ in range(n):
        await loop.create_task(body())


async def spawn_yield(n):
    await spawn(n, yields)


async def yield_(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def yield_many(n):
    await asyncio.gather(*(yield_(n // 100) for _ in range(100)))


async def timer(n):
    loop = asyncio.get_running_loop()
    for _ in range(n):
        loop.call_later(10, print).cancel()


async def scope(n):
    for _ in range(n):
        async with asyncio.timeout(None):
            await plain()


async def scope_reused(n):
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as open_scope:
        for _ in range(n):
            open_scope.reschedule(loop.time() + 10)
            await asyncio.sleep(0)
            open_scope.reschedule(None)


async def move_on(n):
    for _ in range(n):
        async with asyncio.timeout(10):
            await plain()


async def await_done(n):
    global count
    done = asyncio.get_running_loop().create_future()
    done.set_result(1)
    for _ in range(n):
        count += await done


async def future(n):
    loop = asyncio.get_running_loop()
    turns = [loop.create_future(), loop.create_future()]
    turns[0].set_result(1)

    async def side(me):
        global count
        for _ in range(n // 2):
            count += await turns[me]
            turns[me] = loop.create_future()
            turns[1 - me].set_result(1)

    await asyncio.gather(side(0), side(1))


async def group(n):
    for _ in range(n):
        async with asyncio.TaskGroup() as children:
            for _ in range(10):
                children.create_task(plain())


async def send(n):
    def echo():
        sent = 0
        while True:
            sent = yield sent

    generator = echo()
    next(generator)
    for _ in range(n):
        generator.send(1)


async def sleep(delay):
    global count
    await asyncio.sleep(delay)
    count += 1


async def sleepers(n):
    await asyncio.gather(*(sleep(1) for _ in range(n)))


async def sleepers_spread(n):
    await asyncio.gather(*(sleep((500 + i * 7919 % 1000) / 1000) for i in range(n)))


async def million_timers(n):
    loop = asyncio.get_running_loop()
    pending = [loop.call_later(100 + i * 7919 % 1000, print) for i in range(n)]
    for handle in pending:
        handle.cancel()


TIMED = {
    "spawn": spawn,
    "spawn-yield": spawn_yield,
    "spawn-task-yield": spawn_yield,
    "spawn-now": spawn,
    "yield": yield_,
    "yield-100": yield_many,
    "timer": timer,
    "scope": scope,
    "scope-reused": scope_reused,
    "move-on": move_on,
    "await-done": await_done,
    "future": future,
    "group-10": group,
    "send": send,
}
FIXED = {
    "sleepers": (sleepers, SLEEPERS),
    "sleeping-flows": (sleepers, SLEEPERS),
    "sleepers-spread": (sleepers_spread, SLEEPERS),
    "million-timers": (million_timers, TIMERS),
}


async def once(work, n):
    cpu, begun = time.process_time_ns(), time.monotonic_ns()
    await work(n)
    return time.process_time_ns() - cpu, time.monotonic_ns() - begun


async def measure(name, milliseconds):
    if name in FIXED:
        work, n = FIXED[name]
        return n, *await once(work, n)
    work, n = TIMED[name], operations.get(name, 100)
    cpu, wall = await once(work, n)
    while wall < milliseconds * 0.5e6:
        n = int(n * min(20, max(2, milliseconds * 1e6 / wall)))
        cpu, wall = await once(work, n)
    operations[name] = int(n * milliseconds * 1e6 / wall) + 100
    return n, cpu, wall


def main():
    for line in sys.stdin:
        name, milliseconds = line.split()
        if name not in TIMED and name not in FIXED:
            print(name, "- - -", flush=True)
            continue
        factory = uvloop.new_event_loop if uvloop else asyncio.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            n, cpu, wall = runner.run(measure(name, float(milliseconds)))
        print(f"{name} {cpu / n:.3f} {wall / n:.3f} -", flush=True)


main()

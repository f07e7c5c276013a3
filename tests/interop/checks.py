"""What the clients here share: one line per check, as .ci/run counts them, and servers that are started and ended."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import traceback

_failed = 0


@contextlib.contextmanager
def check(name):
    """Prints "passed NAME", or "failed NAME" and why when the block throws."""
    global _failed
    try:
        yield
    except Exception as failure:
        _failed += 1
        where = traceback.extract_tb(failure.__traceback__)[-1]
        print(f"failed {name}: {type(failure).__name__}: {failure} (line {where.lineno}: {where.line})", flush=True)
    else:
        print(f"passed {name}", flush=True)


def expect(actual, expected, what="value"):
    if actual != expected:
        raise AssertionError(f"{what} was {actual!r:.1500}, and should be {expected!r:.300}")


def finish():
    sys.exit(1 if _failed else 0)


def start(program, *arguments, **options):
    """Starts the server and returns its process and port, once it says that it listens."""
    # Python ignores no SIGINT, but a shell that started it in the background does, and .NET leaves an ignored signal ignored.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", program, *arguments], stdout=subprocess.PIPE, text=True, **options)
    return process, port_in(process)


def port_in(process):
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    if not address:
        process.kill()
        raise AssertionError(f"the server said {line!r} instead of where it listens")
    return int(address[1])


def stop(process, seconds=10):
    """Presses Ctrl-C, so to speak, and returns the exit code."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGINT)
    return process.wait(seconds)

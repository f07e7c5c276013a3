"""Asks for / ten times a second while a command runs, and says how long the slowest answer took: prompt.py URL COMMAND..."""

import subprocess
import sys
import time
import urllib.request

url, *command = sys.argv[1:]
slowest, answers = 0.0, 0
process = subprocess.Popen(command)
while process.poll() is None:
    asked = time.monotonic()
    with urllib.request.urlopen(url, timeout=5) as answer:
        answer.read()
    slowest = max(slowest, time.monotonic() - asked)
    answers += 1
    time.sleep(0.1)
print(f"meanwhile {answers} normal answers, the slowest after {slowest * 1000:.0f} ms")
sys.exit(process.returncode if slowest < 1 and answers > 0 else 1)

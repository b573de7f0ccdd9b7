"""A listener for stories. Arguments: FILE [MODE...]

What it hears is appended to FILE as it came, each event with a newline behind it. Each MODE is for
one event, the last one for all that follow: ok, fail, nonsense, die, slow, gated (answers when
there is a file `go`), deaf (closes its stdin and answers), mute (closes
its stdout), hang.
"""
import os
import sys
import time

heard = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
modes = sys.argv[2:] or ["ok"]


def answer(mode):
    if mode == "gated":
        while not os.path.exists("go"):
            time.sleep(0.02)
    elif mode == "slow" and not os.path.exists("go"):
        time.sleep(0.05)
    elif mode == "deaf":
        os.close(0)
        os.write(1, b"RESULT 2\nOKREADY\n")
        time.sleep(600)
    elif mode == "mute":
        os.close(1)
        time.sleep(600)
    elif mode == "hang":
        time.sleep(600)
    elif mode == "die":
        os._exit(3)
    if mode == "nonsense":
        os.write(1, b"NONSENSE \xff\n")
        time.sleep(600)
    os.write(1, b"RESULT 4\nFAIL" if mode == "fail" else b"RESULT 2\nOK")


while True:
    os.write(1, b"READY\n")
    header = sys.stdin.buffer.readline()
    if not header:
        break
    tokens = dict(token.split(":", 1) for token in header.decode().split())
    os.write(heard, header + sys.stdin.buffer.read(int(tokens["len"])) + b"\n")
    answer(modes.pop(0) if len(modes) > 1 else modes[0])

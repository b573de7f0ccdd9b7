"""A listener over Supervisor's childutils, as most in Python are.

Argument: the file to which it appends the data of the events that it hears.
"""

import sys

from supervisor import childutils

while True:
    headers, payload = childutils.listener.wait()
    with open(sys.argv[1], "a", encoding="utf-8") as heard:
        heard.write(payload.split("\n", 1)[1] + "\n")
    childutils.listener.ok()

"""A FastCGI worker without any library: tells which process answers.

One request a connection, which is all that a web server asks for by default. A record is
a header of eight bytes (version, type, request, length, padding) and its content; an empty STDIN
record ends a request (https://fastcgi-archives.github.io/FastCGI_Specification.html).
"""
import os
import socket
import struct

END_REQUEST, STDIN, STDOUT = 3, 5, 6
HEADER = struct.Struct("!BBHHBx")
COMPLETE = b"\0" * 8


def record(kind, request, content=b""):
    return HEADER.pack(1, kind, request, len(content), 0) + content


def read_request(stream):
    """The number of a request that was read to its end; None where it was broken off."""
    while len(header := stream.read(HEADER.size)) == HEADER.size:
        _, kind, request, length, padding = HEADER.unpack(header)
        stream.read(length + padding)
        if kind == STDIN and length == 0:
            return request
    return None


def answer(connection):
    with connection, connection.makefile("rb") as stream:
        request = read_request(stream)
        if request is None:
            return
        page = b"Content-Type: text/plain\r\n\r\nhello from process %d\n" % os.getpid()
        connection.sendall(
            record(STDOUT, request, page)
            + record(STDOUT, request)
            + record(END_REQUEST, request, COMPLETE)
        )


listener = socket.socket(fileno=0)
print("waiting for requests", flush=True)
while True:
    try:
        answer(listener.accept()[0])
    except OSError as error:
        print(f"a request was broken off: {error}", flush=True)

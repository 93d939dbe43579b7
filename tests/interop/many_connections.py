#!/usr/bin/env python3
"""many_connections.py PORT COUNT: so many connections to rill at a time, each with two requests and a pause between them in which the kernel
may forget the flow (it does after three seconds: tun.c); says how many were answered both times."""
import socket
import sys
import time

port, count, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
REQUEST = b"GET /page HTTP/1.1\r\nHost: rill\r\n\r\n"
with open(sys.argv[4], "rb") as page:
    PAGE = page.read()


def answered(client):
    client.sendall(REQUEST)
    got = b""
    while not got.endswith(PAGE):
        more = client.recv(65536)
        if not more:
            return False
        got += more
    return True


connections = [socket.create_connection(("192.0.2.2", port), timeout=20) for _ in range(count)]
first = sum(answered(c) for c in connections)
time.sleep(pause)
print(first, sum(answered(c) for c in connections))

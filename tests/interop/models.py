#!/usr/bin/env python3
"""models.py ADDRESS timeouts|overload: slow and malformed clients of rill-httpd, whatever its model; it runs with --timeout 4.

timeouts  a client that sends nothing, or too little, is disconnected or gets 408 within four seconds, and two more for a busy machine,
          however late its last byte came
overload  forty clients connect at once, more than there are connections, descriptors or stacks for: each gets 200 or 503, and a client
          that got 200 gets it again
One line `ok` or `FAIL`, and the statement, for each."""
import re
import socket
import sys
import threading
import time

ADDRESS = (sys.argv[1], 80)
TIMEOUT, EARLY, LATE, CLIENTS = 4, 0.5, 2, 40
PAGE = b"GET /page HTTP/1.1\r\nHost: rill\r\n\r\n"
ended = []  # of threads: (statement, is it true, what was seen)


def read_all(client):
    """Everything up to the end of the stream."""
    received = b""
    while more := client.recv(65536):
        received += more
    return received


def read_response(client):
    """The status of one response, which is read to its end."""
    received = b""
    while not (head := re.match(rb"HTTP/1.1 (\d+).*?\r\nContent-Length: (\d+).*?\r\n\r\n", received, re.S)) or len(received) < head.end() + int(head[2]):
        more = client.recv(65536)
        if not more:
            return "end of stream"
        received += more
    return head[1].decode()


def connect():
    return socket.create_connection(ADDRESS, timeout=20)


def in_time(began):
    return TIMEOUT - EARLY < time.monotonic() - began < TIMEOUT + LATE


def silent():
    """a client that sends nothing is disconnected"""
    began = time.monotonic()
    received = read_all(connect())
    return received == b"" and in_time(began), received


def late():
    """a request after a while is answered, and then the time-out starts again"""
    client = connect()
    time.sleep(TIMEOUT * 0.6)
    client.sendall(PAGE)
    status, began = read_response(client), time.monotonic()
    return status == "200" and read_all(client) == b"" and in_time(began), status


def slow_head():
    """a head of which a byte comes at the last moment gets 408 in time"""
    client, began = connect(), time.monotonic()
    client.sendall(b"G")
    time.sleep(TIMEOUT * 0.8)
    client.sendall(b"E")
    status = read_response(client)
    return status == "408" and in_time(began), (status, time.monotonic() - began)


def slow_body():
    """a body that comes slowly gets 408 in time"""
    client, began = connect(), time.monotonic()
    client.sendall(PAGE[:-2] + b"Content-Length: 1000\r\n\r\n")
    client.settimeout(0.2)
    while True:
        client.sendall(b"x")
        try:
            status = read_response(client)
        except TimeoutError:
            continue
        return status == "408" and in_time(began), (status, time.monotonic() - began)


def not_reading():
    """a client that does not read the response is disconnected"""
    client, began = socket.socket(), time.monotonic()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.connect(ADDRESS)
    client.sendall(PAGE.replace(b"page", b"large"))
    while time.monotonic() < began + 4 * TIMEOUT:
        time.sleep(0.5)
        try:
            client.send(b"x")
        except OSError:
            return True, ""
    return False, "it is still connected"


def half_closed():
    """a client that has shut its sending side down gets the whole response"""
    client = connect()
    client.sendall(PAGE.replace(b"page", b"large"))
    client.shutdown(socket.SHUT_WR)
    received = read_all(client)
    return len(received) > 2000000, len(received)


def pipelined():
    """pipelined requests are answered in order"""
    client = connect()
    requests = PAGE + PAGE.replace(b"GET", b"POST") + PAGE.replace(b"page", b"none")
    threading.Thread(target=client.sendall, args=(requests * 100 + PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),)).start()
    seen = re.findall(rb"^HTTP/1.1 (\d+)", read_all(client), re.M)
    return seen == [b"200", b"405", b"404"] * 100 + [b"200"], len(seen)


def others():
    """other clients are served meanwhile"""
    end = time.monotonic() + 2 * TIMEOUT
    while time.monotonic() < end:
        with connect() as client:
            client.sendall(PAGE)
            status = read_response(client)
        if status != "200":
            return False, status
        time.sleep(0.05)
    return True, ""


def request_twice(seen):
    """One of many clients: two requests with a pause between them."""
    try:
        with connect() as client:
            client.sendall(PAGE)
            status = read_response(client)
            if status == "200":
                time.sleep(0.3)
                client.sendall(PAGE)
                status += read_response(client)
    except OSError as error:
        status = repr(error)
    seen.append(status)


def overload():
    """each of many clients gets 200 or 503, and a client that got 200 gets it again"""
    seen = []
    clients = [threading.Thread(target=request_twice, args=(seen,)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return set(seen) <= {"200200", "503"} and "200200" in seen, seen


def run(case):
    try:
        good, seen = case()
    except OSError as error:
        good, seen = False, repr(error)
    ended.append((case.__doc__, good, seen))


cases = [silent, late, slow_head, slow_body, not_reading, half_closed, pipelined, others] if sys.argv[2] == "timeouts" else [overload]
threads = [threading.Thread(target=run, args=(case,)) for case in cases]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for statement, is_true, what in ended:
    print(("ok" if is_true else "FAIL"), statement + ("" if is_true else f": {what}"))

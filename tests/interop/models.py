#!/usr/bin/env python3
"""models.py ADDRESS patience|crowd: what an unkind client finds out about rill-httpd, whatever its model; it has --timeout 4.

patience  who says nothing, or too little, is told so within four seconds, and two more for a busy machine, however late his last byte came
crowd     forty come at once, and there are not places, or descriptors, or stacks for all of them: each hears 200 or 503, and who
          has heard 200 hears it again
One line `ok` or `FAIL`, and the statement, for each."""
import re
import socket
import sys
import threading
import time

ADDRESS = (sys.argv[1], 80)
PATIENCE, EARLY, LATE, CROWD = 4, 0.5, 2, 40
PAGE = b"GET /page HTTP/1.1\r\nHost: rill\r\n\r\n"
ended = []  # of threads: (statement, is it true, what was seen)


def hear(client):
    """All that comes until the end."""
    heard = b""
    while more := client.recv(65536):
        heard += more
    return heard


def hear_one(client):
    """The status of one answer, which is heard to its end."""
    heard = b""
    while not (head := re.match(rb"HTTP/1.1 (\d+).*?\r\nContent-Length: (\d+).*?\r\n\r\n", heard, re.S)) or len(heard) < head.end() + int(head[2]):
        more = client.recv(65536)
        if not more:
            return "an end"
        heard += more
    return head[1].decode()


def connect():
    return socket.create_connection(ADDRESS, timeout=20)


def in_time(began):
    return PATIENCE - EARLY < time.monotonic() - began < PATIENCE + LATE


def silent():
    """who says nothing is left"""
    began = time.monotonic()
    heard = hear(connect())
    return heard == b"" and in_time(began), heard


def late():
    """a request after a while is answered, and then there is patience anew"""
    client = connect()
    time.sleep(PATIENCE * 0.6)
    client.sendall(PAGE)
    status, began = hear_one(client), time.monotonic()
    return status == "200" and hear(client) == b"" and in_time(began), status


def slow_head():
    """a head of which a byte comes at the last moment is refused in time"""
    client, began = connect(), time.monotonic()
    client.sendall(b"G")
    time.sleep(PATIENCE * 0.8)
    client.sendall(b"E")
    status = hear_one(client)
    return status == "408" and in_time(began), (status, time.monotonic() - began)


def slow_body():
    """a body that goes on coming is refused in time"""
    client, began = connect(), time.monotonic()
    client.sendall(PAGE[:-2] + b"Content-Length: 1000\r\n\r\n")
    client.settimeout(0.2)
    while True:
        client.sendall(b"x")
        try:
            status = hear_one(client)
        except TimeoutError:
            continue
        return status == "408" and in_time(began), (status, time.monotonic() - began)


def deaf():
    """who takes nothing of an answer is given up"""
    client, began = socket.socket(), time.monotonic()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.connect(ADDRESS)
    client.sendall(PAGE.replace(b"page", b"large"))
    while time.monotonic() < began + 4 * PATIENCE:
        time.sleep(0.5)
        try:
            client.send(b"x")
        except OSError:
            return True, ""
    return False, "it is still there"


def half_closed():
    """who has shut its side down gets the whole answer"""
    client = connect()
    client.sendall(PAGE.replace(b"page", b"large"))
    client.shutdown(socket.SHUT_WR)
    heard = hear(client)
    return len(heard) > 2000000, len(heard)


def pipelined():
    """pipelined requests are answered in order"""
    client = connect()
    requests = PAGE + PAGE.replace(b"GET", b"POST") + PAGE.replace(b"page", b"none")
    threading.Thread(target=client.sendall, args=(requests * 100 + PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),)).start()
    seen = re.findall(rb"^HTTP/1.1 (\d+)", hear(client), re.M)
    return seen == [b"200", b"405", b"404"] * 100 + [b"200"], len(seen)


def everyday():
    """others are served meanwhile"""
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        with connect() as client:
            client.sendall(PAGE)
            status = hear_one(client)
        if status != "200":
            return False, status
        time.sleep(0.05)
    return True, ""


def visit(seen):
    """One of the crowd, who asks, stays for a while, asks again and goes."""
    try:
        with connect() as client:
            client.sendall(PAGE)
            status = hear_one(client)
            if status == "200":
                time.sleep(0.3)
                client.sendall(PAGE)
                status += hear_one(client)
    except OSError as error:
        status = repr(error)
    seen.append(status)


def crowd():
    """each of a crowd hears 200 or 503, and who has heard 200 hears it again"""
    seen = []
    visitors = [threading.Thread(target=visit, args=(seen,)) for _ in range(CROWD)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return set(seen) <= {"200200", "503"} and "200200" in seen, seen


def play(scene):
    try:
        good, seen = scene()
    except OSError as error:
        good, seen = False, repr(error)
    ended.append((scene.__doc__, good, seen))


scenes = [silent, late, slow_head, slow_body, deaf, half_closed, pipelined, everyday] if sys.argv[2] == "patience" else [crowd]
players = [threading.Thread(target=play, args=(scene,)) for scene in scenes]
for player in players:
    player.start()
for player in players:
    player.join()
for statement, is_true, what in ended:
    print(("ok" if is_true else "FAIL"), statement + ("" if is_true else f": {what}"))

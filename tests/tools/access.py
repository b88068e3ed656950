#!/usr/bin/python3
"""Who is let in: management keys, failures and bans over RESP and HTTP, and HTTP itself."""
import http.client
import json
import os
import re

from gateway import Gateway, run_tests

BANNED = re.compile("-ERR IP banned due to too many failed attempts. Try again in ((?:[0-9]+m)?[0-9]+s)$")


def ban_left(reply):
    """Seconds left by what a banned client is told."""
    match = BANNED.match(reply)
    assert match, reply
    minutes, _, seconds = match[1].rpartition("m")
    return 60 * int(minutes or 0) + int(seconds[:-1])


def status_and_error(gateway, key=None, headers=()):
    if key is not None:
        headers = [("Authorization", f"Bearer {key}"), *headers]
    status, _, body = gateway.http("GET", "/v0/management/usage-queue", headers=headers)
    return status, json.loads(body)["error"] if status != 200 else None


def commands_before_auth_count_towards_the_ban():
    with Gateway() as gateway:
        wire = gateway.connect()
        for _ in range(5):
            assert wire.command("PING") == "-NOAUTH Authentication required."
        assert 1770 < ban_left(wire.command("PING")) <= 1800
        assert ban_left(wire.command("AUTH", gateway.key)) > 0
        assert ban_left(gateway.connect().command("AUTH", gateway.key)) > 0
        status, error = status_and_error(gateway, gateway.key)
        assert status == 403 and 1770 < ban_left("-ERR " + error) <= 1800
        counts = gateway.counts()
        assert counts["auth_failures"] == 5 and counts["auth_bans"] == 1


def every_kind_of_failure_counts_once():
    with Gateway() as gateway:
        wire = gateway.connect()
        assert wire.command("AUTH", "wrong") == "-ERR invalid management key"
        assert wire.command("AUTH", "") == "-ERR missing management key"
        assert wire.command("AUTH") == "-ERR wrong number of arguments for 'auth' command"
        assert status_and_error(gateway) == (401, "missing management key")
        assert gateway.counts()["auth_bans"] == 0
        assert status_and_error(gateway, "wrong") == (401, "invalid management key")
        assert gateway.counts()["auth_bans"] == 1


def success_resets_the_counter():
    with Gateway() as gateway:
        wire = gateway.connect()
        for _ in range(3):
            for _ in range(4):
                assert wire.command("AUTH", "wrong") == "-ERR invalid management key"
            assert wire.command("AUTH", gateway.key) == "OK"


def a_ban_ends_and_is_not_extended_by_refusals():
    with Gateway() as gateway:
        wire = gateway.resp()
        other = gateway.connect()
        for _ in range(5):
            other.command("AUTH", "wrong")
        gateway.sim("POST", "advance?seconds=1000")
        assert 770 < ban_left(other.command("AUTH", "wrong")) <= 800
        assert wire.command("LPOP", "usage") is None, "an open connection keeps its AUTH"
        gateway.sim("POST", "advance?seconds=755")
        assert 15 < ban_left(other.command("AUTH", "wrong")) <= 45
        gateway.sim("POST", "advance?seconds=45")
        assert other.command("AUTH", "wrong") == "-ERR invalid management key"
        assert other.command("AUTH", gateway.key) == "OK"


def forwarded_addresses_are_believed():
    with Gateway() as gateway:
        def remote(*headers):
            return status_and_error(gateway, gateway.key, headers)

        disabled = (403, "remote management disabled")
        assert remote(("X-Forwarded-For", "203.0.113.5")) == disabled
        assert remote(("X-Forwarded-For", "203.0.113.5, 127.0.0.1")) == disabled
        assert remote(("X-Forwarded-For", "127.0.0.1, 203.0.113.5"))[0] == 200
        assert remote(("X-Forwarded-For", "203.0.113.5, nobody"))[0] == 200, "not an address"
        assert remote(("X-Real-IP", "2001:db8::1")) == disabled
        assert remote(("X-Forwarded-For", "::1"), ("X-Real-IP", "203.0.113.5"))[0] == 200
        assert gateway.counts()["auth_failures"] == 0, "being remote is not a failure"
    with Gateway("--allow-remote", "on") as gateway:
        far = [("X-Forwarded-For", "203.0.113.5")]
        for _ in range(5):
            assert status_and_error(gateway, "wrong", far)[0] == 401
        assert status_and_error(gateway, gateway.key, far)[0] == 403
        assert status_and_error(gateway, gateway.key)[0] == 200, "each address for itself"


def the_key_may_come_in_several_ways():
    with Gateway() as gateway:
        key = gateway.key
        for headers, status in (
                ([("Authorization", f"bEaReR {key}")], 200),
                ([("Authorization", key)], 200),
                ([("Authorization", f"Basic {key}")], 401),
                ([("Authorization", "Bearer wrong"), ("X-Management-Key", key)], 401),
                ([("Authorization", ""), ("X-Management-Key", key)], 200)):
            assert status_and_error(gateway, None, headers)[0] == status, headers


def without_a_key_nothing_is_there():
    with Gateway(key=None) as gateway:
        wire = gateway.connect()
        wire.send(b"*1\r\n$4\r\nPING\r\n")
        assert wire.read_to_end() == b""
        status, headers, body = gateway.http("GET", "/v0/management/config")
        assert status == 404 and body == b"" and "x-cpa-version" not in headers
        gateway.publish(['{"request_id":"a"}'])
        assert gateway.counts()["refused_management_off"] == 1


def home_mode_refuses_both_ways():
    with Gateway("--home", "on") as gateway:
        wire = gateway.connect()
        wire.send(b"*")
        assert wire.read_to_end() == b"-ERR redis usage output disabled in home mode\r\n"
        assert gateway.management("GET", "usage-queue")[0] == 404
        assert gateway.management("GET", "config")[0] == 200


def half_a_bulk_before_the_end_is_named():
    with Gateway() as gateway:
        for sent, expected in ((b"*1\r\n$4\r\nPI", b"-ERR unexpected EOF\r\n"),
                               (b"*1\r\n$4\r\nPING\r", b"-ERR unexpected EOF\r\n"),
                               (b"*1\r\n$4\r\n", b""), (b"*1\r\n$", b""), (b"*", b"")):
            wire = gateway.connect()
            wire.send(sent)
            wire.socket.shutdown(1)
            assert wire.read_to_end() == expected, sent


def connections_are_kept_and_bodies_come_in_every_way():
    with Gateway() as gateway:
        client = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        for _ in range(3):
            client.request("GET", "/sim/counts")
            assert json.load(client.getresponse())["connections"] == 1
        client.request("POST", "/sim/publish", iter([b'{"request_id":"a"}\n', b'{"request', b'_id":"b"}']),
                       encode_chunked=True)
        assert json.load(client.getresponse()) == {"lines": 2}
        assert gateway.ids() == ["a", "b"]
        client.close()
        wire = gateway.connect()
        wire.send(b"POST /sim/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n"
                  b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
        assert wire.read_exactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(b'{"request_id":"c"}')
        assert wire.read_to_end().endswith(b'{"lines":1}')


def long_answers_are_chunked():
    with Gateway() as gateway:
        _, headers, body = gateway.management("GET", "config")
        assert headers["transfer-encoding"] == "chunked" and "content-length" not in headers
        assert len(json.loads(body)["api-keys"]) == 50
        wire = gateway.connect()
        wire.send(b"GET /v0/management/config HTTP/1.0\r\nAuthorization: " + gateway.key.encode()
                  + b"\r\n\r\n")
        head, _, old = wire.read_to_end().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200 OK\r\n") and old == body
        assert b"Content-Length" not in head and b"Connection" not in head


def the_edge_between_sized_and_chunked():
    with Gateway() as gateway:
        for size, encoding, length in ((2048, None, "2048"), (2049, "chunked", None)):
            payload = '"' + "x" * (size - 4) + '"'
            gateway.publish([payload])
            _, headers, body = gateway.management("GET", "usage-queue")
            assert body.decode() == f"[{payload}]" and len(body) == size
            assert headers.get("transfer-encoding") == encoding
            assert headers.get("content-length") == length


def what_is_not_http_is_told_so():
    with Gateway() as gateway:
        for sent, first in ((b"GET / HTTP/1.1\r\n\r\n",
                             b"HTTP/1.1 400 Bad Request: missing required Host header"),
                            (b"GET / HTTP/2.0\r\n",
                             b"HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version"),
                            (b"GET / HTTP/1.1\r\nbad header\r\n", b"HTTP/1.1 400 Bad Request"),
                            (b"\x16\x03\x01\x00\n", b"HTTP/1.1 400 Bad Request")):
            wire = gateway.connect()
            wire.send(sent)
            answer = wire.read_to_end()
            assert answer.split(b"\r\n")[0] == first, answer
            assert b"\r\nConnection: close\r\n\r\n" + first[9:] in answer


def unknown_paths_and_methods():
    with Gateway() as gateway:
        status, headers, body = gateway.http("GET", "/nothing")
        assert status == 404 and headers["content-type"] == "text/plain"
        assert body == b"404 page not found"
        status, headers, body = gateway.http("HEAD", "/nothing")
        assert status == 404 and body == b"" and headers["content-length"] == "18"
        assert gateway.management("POST", "config")[0] == 404
        assert gateway.http("OPTIONS", "/anything")[0] == 204
        assert gateway.http("GET", "/v0/management/nothing")[0] == 401


def auth_files_fit_the_events():
    with Gateway("--accounts", "7") as gateway:
        gateway.sim("POST", "burst?count=300")
        counts = gateway.wait_for(lambda c: c["published"] == 300, "300 events")
        assert counts["queued_now"] == 300
        events = json.loads(gateway.management("GET", "usage-queue?count=300")[2])
        files = json.loads(gateway.management("GET", "auth-files")[2])["files"]
        assert len(files) == 7
        by_index = {f["auth_index"]: f for f in files}
        assert {e["auth_index"] for e in events} <= set(by_index)
        for event in events:
            assert by_index[event["auth_index"]]["email"] == event["source"]
        assert sum(f["success"] + f["failed"] for f in files) == 300
        assert all(list(f) == sorted(f) for f in files)
        assert all(re.fullmatch("[012][0-9]:[0-5]0-[012][0-9]:[0-5]0", f["recent_requests"][0]["time"])
                   for f in files)
        codex = next(f for f in files if f["type"] == "codex")
        assert codex["id_token"]["plan_type"] == "plus" and codex["name"].endswith("-plus.json")
        one = json.loads(gateway.management("GET", "auth-files?name=" + codex["name"])[2])["files"]
        assert one == [codex]
        none = gateway.management("GET", "auth-files?auth_index=none")[2]
        assert none == b'{"files":[]}'


def auth_files_can_be_given():
    path = os.path.abspath(__file__)
    with Gateway("--auth-files", path) as gateway, open(path, "rb") as file:
        assert gateway.management("GET", "auth-files")[2] == file.read()


if __name__ == "__main__":
    run_tests([
        commands_before_auth_count_towards_the_ban,
        every_kind_of_failure_counts_once,
        success_resets_the_counter,
        a_ban_ends_and_is_not_extended_by_refusals,
        forwarded_addresses_are_believed,
        the_key_may_come_in_several_ways,
        without_a_key_nothing_is_there,
        home_mode_refuses_both_ways,
        half_a_bulk_before_the_end_is_named,
        connections_are_kept_and_bodies_come_in_every_way,
        long_answers_are_chunked,
        the_edge_between_sized_and_chunked,
        what_is_not_http_is_told_so,
        unknown_paths_and_methods,
        auth_files_fit_the_events,
        auth_files_can_be_given,
    ])

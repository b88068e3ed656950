"""Every mode, and where "auto" goes when the gateway is old, is not RESP, or changes.

collector_modes.py [upward]
"""
import json
import sys

from collector_harness import (Gateway, Ledger, Script, equal, event, expect_all_stored, folder,
                               frame, has_ipv6, message, run_tests, wait_until)


def each_mode_collects():
    transports = {"auto": "subscribe", "subscribe": "subscribe", "http": "http", "resp": "resp"}
    for mode, transport in transports.items():
        with folder() as data, Gateway("--rate", "200") as gateway:
            with Ledger(data, gateway.url, mode=mode) as ledger:
                ledger.wait_for_transport(transport)
                wait_until(lambda: ledger.events() > 100, "a hundred events")
                gateway.quiet()
                expect_all_stored(ledger, gateway)
                equal(ledger.status()["mode"], mode, "mode")
                equal(gateway.counts()["lost"], 0, "lost")


def a_gateway_before_subscribe_is_popped():
    with folder() as data, Gateway("--shape", "6.9.38", "--rate", "50") as gateway:
        with Ledger(data, gateway.url) as ledger:
            ledger.wait_for_transport("resp")
            wait_until(lambda: ledger.events() > 20, "events")
            gateway.quiet()
            expect_all_stored(ledger, gateway)
            equal(gateway.counts()["auth_failures"], 0, "failed logins")


def what_an_old_gateway_lacks_is_named():
    with folder() as data, Gateway("--shape", "6.9.38") as gateway:
        with Ledger(data, gateway.url, mode="subscribe") as ledger:
            ledger.wait_for_error("subscribe: RESP server does not support SUBSCRIBE")
        with Ledger(data, gateway.url, mode="http") as ledger:
            ledger.wait_for_error("http: http usage queue is unsupported: 404 Not Found")


def the_release_without_resp_login_is_fetched():
    with folder() as data, Gateway("--shape", "7.1.17", "--rate", "50") as gateway:
        with Ledger(data, gateway.url) as ledger:
            ledger.wait_for_transport("http")
            wait_until(lambda: ledger.events() > 20, "events")
            gateway.quiet()
            expect_all_stored(ledger, gateway)


class Queue:
    """The two halves of a gateway that a test switches on and off."""

    def __init__(self):
        self.waiting = []
        self.speaks_resp = False
        self.http_status = "200 OK"

    def talk(self, peer, words):
        if words[0] == "HTTP":
            self.talk_http(peer, words[2])
        elif not self.speaks_resp:
            peer.answer("400 Bad Request", b"400 Bad Request", "text/plain")
            return False
        else:
            peer.send({"AUTH": b"+OK\r\n", "SUBSCRIBE": frame("subscribe", "usage", 1),
                       "LPOP": b"*0\r\n", "PING": frame("pong", None),
                       "UNSUBSCRIBE": frame("unsubscribe", "usage", 0)}[words[0]])
            if words[0] == "SUBSCRIBE":
                peer.send(message(event("pushed")))
            return words[0] != "UNSUBSCRIBE"

    def talk_http(self, peer, path):
        if "usage-queue" not in path:
            peer.answer("200 OK", b"[]")
        elif self.http_status != "200 OK":
            peer.answer(self.http_status, b'{"error":"not today"}')
        else:
            taken, self.waiting = self.waiting, []
            peer.answer("200 OK", ("[" + ",".join(taken) + "]").encode())


def a_peer_that_is_http_only_is_named_and_fetched():
    queue = Queue()
    with folder() as data, Script(queue.talk) as script:
        with Ledger(data, script.url, mode="resp") as ledger:
            ledger.wait_for_error("auth: unsupported RESP prefix 'H'")
        queue.waiting = [event("a"), event("b", 1), "null", json.dumps(event("c", 2))]
        with Ledger(data, script.url) as ledger:
            ledger.wait_for_transport("http")
            wait_until(lambda: ledger.events() == 3, "the queue")
            equal(ledger.request_ids(), ["a", "b", "c"], "stored")


def statuses_are_told_and_recovered_from():
    queue = Queue()
    with folder() as data, Script(queue.talk) as script:
        with Ledger(data, script.url, mode="http") as ledger:
            ledger.wait_for_transport("http")
            queue.http_status = "500 Internal Server Error"
            ledger.wait_for_error('http: usage queue request failed: 500 Internal Server Error: '
                                  '{"error":"not today"}')
            queue.waiting = [event("late")]
            queue.http_status = "200 OK"
            wait_until(lambda: ledger.events() == 1, "the event after the failure")
            equal(ledger.status()["collector"], "running", "collector")
            queue.http_status = "405 Method Not Allowed"
            ledger.wait_for_error("http: http usage queue is unsupported: 405 Method Not Allowed")


def auto_goes_up_again():
    queue = Queue()
    queue.waiting = [event("fetched", 1)]
    with folder() as data, Script(queue.talk) as script, Ledger(data, script.url) as ledger:
        ledger.wait_for_transport("http")
        wait_until(lambda: ledger.events() == 1, "the fetched event")
        queue.speaks_resp = True
        ledger.wait_for_transport("subscribe", 60)
        wait_until(lambda: ledger.events() == 2, "the pushed event")
        equal(ledger.status().get("lastError", ""), "", "lastError")


def ipv6_addresses_work():
    if not has_ipv6():
        print("no IPv6 loopback here: ipv6_addresses_work is skipped")
        return
    queue = Queue()
    queue.speaks_resp = True
    with folder() as data, Script(queue.talk, host="::1") as script:
        with Ledger(data, script.url) as ledger:
            ledger.wait_for_transport("subscribe")
            wait_until(lambda: ledger.events() == 1, "the pushed event")


run_tests([auto_goes_up_again] if sys.argv[1:] == ["upward"] else [
    each_mode_collects,
    a_gateway_before_subscribe_is_popped,
    what_an_old_gateway_lacks_is_named,
    the_release_without_resp_login_is_fetched,
    a_peer_that_is_http_only_is_named_and_fetched,
    statuses_are_told_and_recovered_from,
    ipv6_addresses_work,
])

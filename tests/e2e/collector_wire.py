"""Peers that misbehave on the wire: what was whole is stored, and the message says what came.

collector_wire.py [heartbeat]
"""
import sys
import time

from collector_harness import (Ledger, Script, equal, event, folder, frame, message, run_tests,
                               wait_until)


class Subscription:
    """A gateway whose n-th subscription gets the n-th list of chunks, then is closed; the
    last one stays open."""

    def __init__(self, *turns):
        self.turns = list(turns)
        self.pops = []

    def talk(self, peer, words):
        if words[0] == "HTTP":
            peer.answer("200 OK", b"[]")
        elif words[0] == "AUTH":
            peer.send(b"+OK\r\n")
        elif words[0] in ("LPOP", "RPOP"):
            peer.send(self.pops.pop(0) if self.pops else b"*0\r\n")
        elif words[0] == "SUBSCRIBE":
            peer.send(frame("subscribe", "usage", 1))
            for chunk in self.turns.pop(0) if self.turns else []:
                peer.send(chunk)
                time.sleep(0.001)
            return bool(not self.turns)
        elif words[0] == "UNSUBSCRIBE":
            peer.send(frame("unsubscribe", "usage", 0))
            return False
        return True


def single_bytes(data):
    return [data[at:at + 1] for at in range(len(data))]


def frames_in_single_bytes_are_read():
    gateway = Subscription(single_bytes(message(event("a")) + message(event("b", 1))))
    with folder() as data, Script(gateway.talk) as script, Ledger(data, script.url) as ledger:
        wait_until(lambda: ledger.events() == 2, "two events")
        equal(ledger.request_ids(), ["a", "b"], "stored")


def broken_frames_end_the_connection_with_a_message():
    good = message(event("good"))
    cases = {
        good[:-2] + b"XY": "subscribe: RESP bulk string does not end with CR LF",
        good + b"HTTP/1.1 400 Bad Request\r\n": "subscribe: unsupported RESP prefix 'H'",
        good + b"*5000\r\n": "subscribe: RESP array of 5000 is over the limit of 4096",
        good + b"*1\r\n$99999999\r\n": "subscribe: RESP bulk string of 99999999 is over the limit",
        good + frame("hello", "x"): "subscribe: unexpected array in a subscription: \"hello\"",
        good + b"-ERR out of order\r\n": "subscribe: ERR out of order",
    }
    for data_sent, error in cases.items():
        gateway = Subscription([data_sent], [message(event("after", 1))])
        with folder() as data, Script(gateway.talk) as script, Ledger(data, script.url) as ledger:
            wait_until(lambda: ("after",) in ledger.query("SELECT request_id FROM usage_events"),
                       "the event after the reconnect")
            assert ledger.program.said(error), f"{error!r} is not in {ledger.program.lines}"


def a_pop_that_is_cut_short_keeps_what_came():
    whole = frame(event("a"), event("b", 1), event("c", 2))
    gateway = Subscription()
    gateway.pops = [b"*3\r\n" + whole[4:-20], frame(event("d", 3))]

    def talk(peer, words):
        goes_on = gateway.talk(peer, words)
        return goes_on and not (words[0] == "RPOP" and len(gateway.pops) == 1)

    with folder() as data, Script(talk) as script:
        with Ledger(data, script.url, mode="resp") as ledger:
            wait_until(lambda: ledger.events() == 3, "three events")
            equal(ledger.request_ids(), ["a", "b", "d"], "stored")
            assert ledger.program.said("consume: EOF"), ledger.program.lines


def a_payload_of_the_largest_size_passes():
    text = event("large")[:-1] + ',"padding":"'
    payload = text + "x" * (16 * 1024 * 1024 - len(text) - 2) + '"}'
    gateway = Subscription([message(payload)])
    with folder() as data, Script(gateway.talk) as script, Ledger(data, script.url) as ledger:
        wait_until(lambda: ledger.events() == 1, "the large event", 60)
        equal(ledger.request_ids(), ["large"], "stored")


def the_backlog_over_http_where_resp_cannot_pop():
    gateway = Subscription([message(event("live"))])

    def talk(peer, words):
        if words[0] == "LPOP":
            peer.send(b"-ERR unknown command 'lpop'\r\n")
        elif words[0] == "HTTP" and "usage-queue" in words[2]:
            waiting = [event("old", 1)] if script.heard("HTTP", "GET", words[2]) == 1 else []
            peer.answer("200 OK", ("[" + ",".join(waiting) + "]").encode())
        else:
            return gateway.talk(peer, words)
        return True

    with folder() as data, Script(talk) as script, Ledger(data, script.url) as ledger:
        wait_until(lambda: ledger.events() == 2, "the live and the old event")
        equal(ledger.request_ids(), ["live", "old"], "stored")


def silence_is_asked_and_then_given_up():
    gateway = Subscription()

    def talk(peer, words):
        if words[0] == "PING":
            if script.heard("PING") == 1:
                peer.send(frame("pong", None))
            return True  # the second one gets no answer
        return gateway.talk(peer, words)

    with folder() as data, Script(talk) as script, Ledger(data, script.url) as ledger:
        begun = time.monotonic()
        wait_until(lambda: script.heard("SUBSCRIBE") == 1, "the subscription")
        wait_until(lambda: script.heard("PING") == 1, "the first PING", 45)
        assert time.monotonic() - begun > 25, "PING before there was silence"
        wait_until(lambda: script.heard("SUBSCRIBE") == 2, "the new subscription", 60)
        equal(script.heard("PING"), 2, "PINGs")
        assert ledger.program.said("subscribe: no answer to PING"), ledger.program.lines


run_tests([silence_is_asked_and_then_given_up] if sys.argv[1:] == ["heartbeat"] else [
    frames_in_single_bytes_are_read,
    broken_frames_end_the_connection_with_a_message,
    a_pop_that_is_cut_short_keeps_what_came,
    a_payload_of_the_largest_size_passes,
    the_backlog_over_http_where_resp_cannot_pop,
])

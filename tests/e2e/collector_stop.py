"""An ordered end under load: what the gateway handed over is stored, before and after a
restart, and nothing twice."""
import time

from collector_harness import (Gateway, Ledger, Script, equal, event, folder, frame, message,
                               run_tests, same_ids, wait_until)


def three_ends_under_load_lose_only_what_the_gateway_dropped():
    with folder() as data, Gateway("--rate", "500") as gateway:
        for turn in range(3):
            with Ledger(data, gateway.url) as ledger:
                wait_until(lambda: gateway.counts()["subscribers_now"] == 1, "a subscriber")
                before = gateway.counts()["published"]
                wait_until(lambda: gateway.counts()["published"] > before + 400, "traffic")
                if turn == 2:
                    gateway.quiet()
                begun = time.monotonic()
            assert time.monotonic() - begun < 12, "the end took too long"
            assert ledger.program.said("listening -> ending"), ledger.program.lines
        counts = gateway.counts()
        lost = gateway.ids("lost")
        equal(counts["dropped_disconnect"], 0, "dropped with a connection that was just cut")
        equal(counts["queued_now"], 0, "left in the queue")
        assert len(lost) <= 2 * 3, f"lost {len(lost)}: a reader at full speed loses next to none"
        same_ids(ledger.request_ids(), sorted(set(gateway.ids()) - set(lost)))


def the_end_of_a_collector_without_a_gateway_is_quick():
    with folder() as data, Gateway() as gateway:
        gateway.stop()
        with Ledger(data, gateway.url) as ledger:
            ledger.wait_for_error("connect: ")
            begun = time.monotonic()
        assert time.monotonic() - begun < 5, "the end took too long"


def the_last_bytes_are_read():
    def talk(peer, words):
        if words[0] == "HTTP":
            peer.answer("200 OK", b"[]")
        elif words[0] == "SUBSCRIBE":
            peer.send(frame("subscribe", "usage", 1))
        elif words[0] == "UNSUBSCRIBE":
            peer.send(message(event("last", 1))[:-7])
            time.sleep(0.3)
            peer.send(message(event("last", 1))[-7:] + frame("unsubscribe", "usage", 0))
        else:
            peer.send(b"+OK\r\n" if words[0] == "AUTH" else b"*0\r\n")
        return words[0] != "UNSUBSCRIBE"

    with folder() as data, Script(talk) as script:
        with Ledger(data, script.url) as ledger:
            ledger.wait_for_transport("subscribe")
        equal(script.heard("UNSUBSCRIBE"), 1, "UNSUBSCRIBE commands")
        equal(ledger.request_ids(), ["last"], "stored")


run_tests([
    the_last_bytes_are_read,
    three_ends_under_load_lose_only_what_the_gateway_dropped,
    the_end_of_a_collector_without_a_gateway_is_quick,
])

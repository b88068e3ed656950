"""Connections end in every way, under traffic: what the gateway did not lose is stored."""
import time

from collector_harness import (Gateway, Ledger, equal, expect_all_stored, folder, run_tests,
                               same_ids, wait_until)


def subscribed(gateway):
    wait_until(lambda: gateway.counts()["subscribers_now"] == 1, "a subscriber")


def disconnects_lose_nothing_that_the_gateway_kept():
    with folder() as data, Gateway("--rate", "200") as gateway, Ledger(data, gateway.url) as ledger:
        for _ in range(5):
            subscribed(gateway)
            before = gateway.counts()["published"]
            wait_until(lambda: gateway.counts()["published"] > before + 50, "traffic")
            gateway.post("disconnect")
            # The collector may be back before the count is read, so nothing to wait for here.
        subscribed(gateway)
        gateway.quiet()
        expect_all_stored(ledger, gateway, gateway.ids("lost"))
        assert gateway.counts()["subscriptions"] >= 3, gateway.counts()


def the_first_reconnect_comes_at_once():
    with folder() as data, Gateway() as gateway, Ledger(data, gateway.url) as ledger:
        subscribed(gateway)
        time.sleep(1.2)  # a connection counts as good after a second
        begun = time.monotonic()
        gateway.post("disconnect")
        wait_until(lambda: gateway.counts()["subscriptions"] == 2, "the second subscription")
        assert time.monotonic() - begun < 0.9, "the first pause is to be short"
        ledger.wait_for_transport("subscribe")
        equal(ledger.status().get("lastError", ""), "", "lastError")


def a_restarted_gateway_is_found_again_and_drained():
    with folder() as data, Gateway() as gateway, Ledger(data, gateway.url) as ledger:
        subscribed(gateway)
        gateway.post("burst?count=300&seconds=0")
        expect_all_stored(ledger, gateway)
        first = gateway.ids()
        gateway.stop()
        ledger.wait_for_error("connect: ")
        equal(ledger.status()["collector"], "error", "collector")
        gateway.options = ["--seed", "2", "--burst", "500", "--burst-seconds", "0"]
        gateway.start()  # and these queue up until somebody comes
        wait_until(lambda: ledger.events() >= 800, "both bursts")
        same_ids(ledger.request_ids(), sorted(first + gateway.ids()))
        ledger.wait_for_transport("subscribe")


def a_gateway_that_comes_late_is_found():
    with folder() as data, Gateway() as gateway:
        gateway.stop()
        with Ledger(data, gateway.url) as ledger:
            ledger.wait_for_error("connect: ")
            gateway.start()
            ledger.wait_for_transport("subscribe")  # and not by a lesser transport for good


def an_overflow_is_survived():
    with folder() as data, Gateway("--slots", "16") as gateway, Ledger(data, gateway.url) as ledger:
        subscribed(gateway)
        gateway.post("stall?ms=500&subscribers=1")
        gateway.post("burst?count=400&seconds=0")
        wait_until(lambda: gateway.counts()["overflows"] == 1, "the overflow")
        subscribed(gateway)
        gateway.quiet()
        expect_all_stored(ledger, gateway, gateway.ids("lost"))


run_tests([
    disconnects_lose_nothing_that_the_gateway_kept,
    the_first_reconnect_comes_at_once,
    a_restarted_gateway_is_found_again_and_drained,
    a_gateway_that_comes_late_is_found,
    an_overflow_is_survived,
])

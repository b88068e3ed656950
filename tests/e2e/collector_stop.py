"""An ordered end under load: what the gateway handed over is stored, before and after a
restart, and nothing twice."""
import time

from collector_harness import Gateway, Ledger, equal, folder, run_tests, same_ids, wait_until


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


run_tests([
    three_ends_under_load_lose_only_what_the_gateway_dropped,
    the_end_of_a_collector_without_a_gateway_is_quick,
])

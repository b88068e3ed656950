"""A burst and a steady stream: published = stored, none twice, memory flat.

collector_rate.py burst COUNT SECONDS
collector_rate.py steady PER_SECOND SECONDS
"""
import os
import sys
import time

from collector_harness import Gateway, Ledger, equal, expect_all_stored, folder, wait_until


def nothing_is_lost(ledger, gateway):
    expect_all_stored(ledger, gateway)
    counts = gateway.counts()
    equal(counts["lost"], 0, "lost by the gateway")
    equal(counts["overflows"], 0, "subscriber buffers that overflowed")
    status = ledger.status()
    equal(status["totalInserted"], counts["published"], "totalInserted")
    equal(status["totalSkipped"], 0, "totalSkipped")
    equal(status["deadLetters"], 0, "deadLetters")
    return counts["published"]


def burst(count, seconds):
    with folder() as data, Gateway() as gateway, Ledger(data, gateway.url, mode="subscribe") as ledger:
        wait_until(lambda: gateway.counts()["subscribers_now"] == 1, "a subscriber")
        gateway.post(f"burst?count={count}&seconds={seconds}")
        begun = time.monotonic()
        wait_until(lambda: gateway.counts()["published"] == count, "the burst", 60)
        published_s = time.monotonic() - begun
        wait_until(lambda: ledger.events() == count, "all events", 200)
        print(f"published in {published_s:.1f} s, stored after {time.monotonic() - begun:.1f} s,"
              f" resident {ledger.resident_kib()} KiB")
        equal(nothing_is_lost(ledger, gateway), count, "published")


def steady(per_second, seconds):
    # The address sanitizer keeps freed memory back; here it would look like growth.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    with folder() as data, Gateway() as gateway, \
            Ledger(data, gateway.url, mode="subscribe", ASAN_OPTIONS=sanitizer) as ledger:
        wait_until(lambda: gateway.counts()["subscribers_now"] == 1, "a subscriber")
        total = per_second * seconds
        gateway.post(f"burst?count={total}&seconds={seconds}")
        resident_kib = {}
        for percent in (20, 100):
            wait_until(lambda: gateway.counts()["published"] >= total * percent // 100,
                       f"{percent} %", 3 * seconds + 30)
            wait_until(lambda: ledger.events() >= total * percent // 100, "the same stored", 60)
            resident_kib[percent] = ledger.resident_kib()
        print(f"resident at 20 % {resident_kib[20]} KiB, at 100 % {resident_kib[100]} KiB")
        equal(nothing_is_lost(ledger, gateway), total, "published")
        # The page cache of SQLite is bounded; 8 MiB leave room for it to fill.
        assert resident_kib[100] <= resident_kib[20] + 8192, "memory grows with the events"


{"burst": burst, "steady": steady}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))

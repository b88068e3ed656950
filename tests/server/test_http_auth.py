"""The admin key over real connections: forms of the header, what is free before the setup,
slowing down of guesses."""
import threading
import time

from ledger import Ledger, equal, run_all


def status_with(ledger, authorization):
    return ledger.request("GET", "/status", headers={"Authorization": authorization}).status


def header_forms():
    with Ledger(admin_key="Key with space") as ledger:
        good = ["Bearer Key with space", "bearer   Key with space  ", "BEARER Key with space"]
        for header in good:
            equal(status_with(ledger, header), 200, repr(header))
        bad = ["Bearer\tKey with space", "Key with space", "Basic Key with space", "Bearer ", "Bearer"]
        for header in bad:
            equal(status_with(ledger, header), 401, repr(header))
        equal(ledger.request("GET", "/status").status, 401, "no header")
        # the key is found nowhere else
        equal(ledger.request("GET", "/status?key=Key+with+space").status, 401, "query")
        equal(ledger.request("GET", "/status", headers={"X-Management-Key": "Key with space",
                                                        "Cookie": "key=Key with space"}).status,
              401, "other headers")
        equal(status_with(ledger, "Bearer key with space"), 401, "other case")


def requests_without_a_key_are_not_counted():
    with Ledger() as ledger:
        begin = time.monotonic()
        for _ in range(60):
            equal(ledger.request("GET", "/status").status, 401, "no key")
        equal(ledger.get("/status").status, 200, "right key after many without")
        assert time.monotonic() - begin < 10


def guesses_are_slowed_down_and_refused():
    with Ledger() as ledger:
        for i in range(5):
            equal(status_with(ledger, f"Bearer guess{i}"), 401, f"guess {i}")
        begin = time.monotonic()
        equal(status_with(ledger, "Bearer guess5"), 401, "sixth guess")
        assert time.monotonic() - begin >= 0.2, "the sixth guess did not wait"
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            status_with(ledger, "Bearer flood"))) for _ in range(60)]
        for thread in threads:
            thread.start()
        # the server does other things meanwhile
        equal(ledger.request("GET", "/health").status, 200, "health during a flood")
        for thread in threads:
            thread.join()
        equal(set(results), {401, 429}, "answers to a flood")
        assert results.count(429) > results.count(401) > 1, results


def right_key_forgets_the_wrong_ones():
    with Ledger() as ledger:
        for i in range(5):
            equal(status_with(ledger, f"Bearer guess{i}"), 401, "guess")
        equal(ledger.get("/status").status, 200, "right key")
        begin = time.monotonic()
        for i in range(4):
            equal(status_with(ledger, f"Bearer guess{i}"), 401, "guess")
        equal(ledger.get("/status").status, 200, "right key")
        assert time.monotonic() - begin < 2


def waiting_guess_may_leave():
    with Ledger() as ledger:
        for i in range(7):
            equal(status_with(ledger, f"Bearer guess{i}"), 401, "guess")
        connections = [ledger.connect() for _ in range(4)]
        for connection in connections:
            connection.request("GET", "/status", headers={"Authorization": "Bearer guess"})
        for connection in connections:
            connection.close()
        equal(ledger.request("GET", "/health").status, 200, "health")


run_all(header_forms, requests_without_a_key_are_not_counted, guesses_are_slowed_down_and_refused,
        right_key_forgets_the_wrong_ones, waiting_guess_may_leave)

"""Events arrive: live ones, those that waited, those that are no events, and their accounts."""
import hashlib
import json

from collector_harness import (Gateway, Ledger, equal, event, expect_all_stored, folder, run_tests,
                               wait_until)


def live_events_are_stored_with_their_account():
    with folder() as data, Gateway("--rate", "100") as gateway, Ledger(data, gateway.url) as ledger:
        ledger.wait_for_transport("subscribe")
        wait_until(lambda: ledger.events() > 50, "fifty events")
        gateway.quiet()
        expect_all_stored(ledger, gateway)
        wait_until(lambda: ledger.status()["totalInserted"] == len(gateway.ids()), "the total")
        status = ledger.status()
        equal(status["collector"], "running", "collector")
        equal(status["mode"], "auto", "mode")
        equal(status["upstream"], gateway.url, "upstream")
        equal(status.get("lastError", ""), "", "lastError")
        assert status["lastConsumedAt"] > 0 and status["lastInsertedAt"] > 0, status
        listed, = ledger.query("SELECT count(*) FROM gateway_auth_file")[0]
        assert listed > 0, "no credential file was stored"
        named, unnamed = ledger.query(
            "SELECT count(account_snapshot), sum(account_snapshot IS NULL AND auth_type = 'oauth')"
            " FROM usage_events")[0]
        assert named > 0, "no event got its account"
        equal(unnamed or 0, 0, "OAuth events without an account")


def what_queued_up_before_the_start_is_drained():
    with folder() as data, Gateway() as gateway:
        gateway.post("burst?count=2500&seconds=0")
        wait_until(lambda: gateway.counts()["queued_now"] == 2500, "the backlog")
        with Ledger(data, gateway.url) as ledger:
            expect_all_stored(ledger, gateway)
            equal(gateway.counts()["queued_now"], 0, "left in the queue")
            equal(gateway.counts()["popped_resp"], 2500, "popped over RESP")


def the_same_event_twice_is_stored_once_and_garbage_is_kept_aside():
    lines = [event("one"), event("two", 1), event("one"), "[1,2]", "not json", "{\"refresh\":true}"]
    with folder() as data, Gateway() as gateway, Ledger(data, gateway.url) as ledger:
        ledger.wait_for_transport("subscribe")
        gateway.publish(lines)
        wait_until(lambda: ledger.status()["totalInserted"] == 2 and
                   ledger.status()["totalSkipped"] == 1, "the totals")
        wait_until(lambda: ledger.status()["deadLetters"] == 2, "two dead letters")
        equal(ledger.request_ids(), ["one", "two"], "stored")


def a_refresh_reads_the_credential_files_again():
    index = hashlib.sha256(b"seed").hexdigest()[:16]
    with folder() as data:
        path = f"{data}/auth.json"

        def write(account):
            entry = {"auth_index": index, "name": "codex-mia.json", "email": account,
                     "provider": "codex"}
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"files": [entry]}, file)

        write("mia@example.com")
        with Gateway("--auth-files", path) as gateway, Ledger(data, gateway.url) as ledger:
            def accounts():
                return ledger.query("SELECT account FROM gateway_auth_file")
            wait_until(lambda: accounts() == [("mia@example.com",)], "the first account")
            write("sam@example.com")
            gateway.stop()  # it reads the file at its start
            gateway.start()
            wait_until(lambda: ledger.status()["transport"] == "subscribe" and
                       gateway.counts()["subscribers_now"] == 1, "the new connection")
            gateway.post("refresh")
            wait_until(lambda: accounts() == [("sam@example.com",)], "the second account")


run_tests([
    live_events_are_stored_with_their_account,
    what_queued_up_before_the_start_is_drained,
    the_same_event_twice_is_stored_once_and_garbage_is_kept_aside,
    a_refresh_reads_the_credential_files_again,
])

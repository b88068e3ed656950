"""Events arrive: live ones, those that waited, those that are no events, and their accounts."""
import hashlib
import json
import time

from collector_harness import (Gateway, Ledger, Script, equal, event, expect_all_stored, folder,
                               frame, message, run_tests, wait_until)


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


def first_events_wait_for_their_account_but_not_for_ever():
    answer = json.dumps({"files": [{"auth_index": "ab12cd34ab12cd34", "name": "codex-mia.json",
                                    "email": "mia@example.com", "provider": "codex"}]}).encode()
    for mode, delay_s, account in (("auto", 0.7, "mia@example.com"), ("auto", 8, None),
                                   ("http", 0.7, "mia@example.com")):
        pushed = []

        def talk(peer, words):
            if words[0] == "HTTP" and "usage-queue" in words[2]:
                peer.answer("200 OK", b"[]" if pushed else f"[{event('first')}]".encode())
                pushed.append(time.monotonic())
            elif words[0] == "HTTP":
                time.sleep(delay_s)
                peer.answer("200 OK", answer)
            elif words[0] == "SUBSCRIBE":
                pushed.append(time.monotonic())
                peer.send(frame("subscribe", "usage", 1) + message(event("first")))
            elif words[0] == "UNSUBSCRIBE":
                return False
            else:
                peer.send(b"+OK\r\n" if words[0] == "AUTH" else b"*0\r\n")
            return True

        with folder() as data, Script(talk) as script, \
                Ledger(data, script.url, mode=mode) as ledger:
            wait_until(lambda: ledger.events() == 1, "the first event")
            assert time.monotonic() - pushed[0] < 7, "the event waited for an answer"
            equal(ledger.query("SELECT account_snapshot FROM usage_events"), [(account,)],
                  f"account in mode {mode} when the gateway takes {delay_s} s")


run_tests([
    first_events_wait_for_their_account_but_not_for_ever,
    live_events_are_stored_with_their_account,
    what_queued_up_before_the_start_is_drained,
    the_same_event_twice_is_stored_once_and_garbage_is_kept_aside,
    a_refresh_reads_the_credential_files_again,
])

"""A key that is refused: few attempts, a clear message, and no ban of anybody."""
import time

from collector_harness import (Gateway, KEY, Ledger, Script, equal, folder, frame, run_tests,
                               wait_until)


def a_wrong_key_is_tried_once_and_not_again_soon():
    for mode, stage in (("auto", "auth"), ("subscribe", "auth"), ("resp", "auth"), ("http", "http")):
        with folder() as data, Gateway() as gateway:
            with Ledger(data, gateway.url, key="not-the-key", mode=mode) as ledger:
                error = ledger.wait_for_error("invalid management key")
                assert error.startswith(stage + ": "), error
                equal(ledger.status()["collector"], "error", "collector")
                time.sleep(2.5)  # what would hammer does so within this time
                counts = gateway.counts()
                equal(counts["auth_failures"], 1, f"failed logins in mode {mode}")
                equal(counts["auth_bans"], 0, "bans")
            with Ledger(data, gateway.url, mode=mode) as ledger:
                wait_until(lambda: ledger.status()["collector"] == "running", "the right key")


def a_ban_is_waited_for_and_the_login_comes_first():
    begun = []

    def talk(peer, words):
        if words[0] == "HTTP":
            peer.answer("200 OK", b"[]")
        elif words[0] == "AUTH":
            begun.append(time.monotonic())
            equal(words, ["AUTH", KEY], "the login")
            peer.is_known = len(begun) > 1
            peer.send(b"+OK\r\n" if peer.is_known else
                      b"-ERR IP banned due to too many failed attempts. Try again in 1s\r\n")
        else:
            assert getattr(peer, "is_known", False), f"{words} before AUTH"
            peer.send(frame("subscribe", "usage", 1) if words[0] == "SUBSCRIBE" else b"*0\r\n")
        return words[0] != "UNSUBSCRIBE"

    with folder() as data, Script(talk) as script, Ledger(data, script.url) as ledger:
        ledger.wait_for_error("auth: ERR IP banned")
        ledger.wait_for_transport("subscribe")
        assert 1 <= begun[1] - begun[0] < 15, f"waited {begun[1] - begun[0]} s for a ban of 1 s"
        wait_until(lambda: script.heard("LPOP"), "the drain")


def a_gateway_without_a_key_is_not_hammered():
    def talk(peer, words):
        peer.send(b"-ERR remote management key not set\r\n")

    with folder() as data, Script(talk) as script, Ledger(data, script.url) as ledger:
        ledger.wait_for_error("auth: ERR remote management key not set")
        time.sleep(2.5)
        equal(script.heard("AUTH"), 1, "logins")
        equal(len(script.log), 1, "commands")


run_tests([
    a_wrong_key_is_tried_once_and_not_again_soon,
    a_ban_is_waited_for_and_the_login_comes_first,
    a_gateway_without_a_key_is_not_hammered,
])

"""New settings under load: the old subscription ends only while the new one listens, so no
event is lost; what both received is stored once."""
import json

from collector_harness import (ADMIN_KEY, Gateway, KEY, Ledger, NO_PROXY, PATIENCE_S, equal,
                               expect_all_stored, folder, run_tests, wait_until)
from urllib.request import Request


def send(ledger, method, path, document):
    request = Request(f"http://{ledger.program.address}{path}", method=method,
                      data=json.dumps(document).encode(),
                      headers={"Authorization": f"Bearer {ADMIN_KEY}",
                               "Content-Type": "application/json"})
    with NO_PROXY.open(request, timeout=PATIENCE_S) as answer:
        return json.loads(answer.read())


def set_up(ledger, gateway):
    send(ledger, "POST", "/setup", {"cpaBaseUrl": gateway.url, "managementKey": KEY})
    ledger.wait_for_transport("subscribe")


def no_event_falls_between_two_settings():
    with folder() as data, Gateway("--rate", "500") as gateway:
        with Ledger(data, "", key="") as ledger:
            set_up(ledger, gateway)
            queued = gateway.counts()["queued"]  # before anybody subscribed
            for turn in range(10):
                before = gateway.counts()
                send(ledger, "PUT", "/usage-service/config",
                     {"config": {"collector": {"enabled": True, "pollIntervalMs": 400 + turn}}})
                wait_until(lambda: gateway.counts()["subscriptions"] > before["subscriptions"] and
                           gateway.counts()["subscribers_now"] == 1 and
                           gateway.counts()["published"] > before["published"] + 100,
                           "the new subscription alone, and traffic")
            gateway.quiet()
            counts = gateway.counts()
            equal(counts["lost"], 0, "lost by the gateway")
            equal(counts["queued"], queued, "events published while nobody was subscribed")
            expect_all_stored(ledger, gateway)


def switched_off_and_on_again():
    with folder() as data, Gateway("--rate", "100") as gateway:
        with Ledger(data, "", key="") as ledger:
            set_up(ledger, gateway)
            send(ledger, "PUT", "/usage-service/config", {"config": {"collector": {"enabled": False}}})
            wait_until(lambda: ledger.status()["collector"] == "stopped", "the end")
            equal(gateway.counts()["subscribers_now"], 0, "subscribers")
            wait_until(lambda: gateway.counts()["queued_now"] > 20, "a backlog")
            send(ledger, "PUT", "/usage-service/config", {"config": {"collector": {"enabled": True}}})
            ledger.wait_for_transport("subscribe")
            gateway.quiet()
            expect_all_stored(ledger, gateway, gateway.ids("lost"))


def other_modes_follow_each_other():
    with folder() as data, Gateway("--rate", "200") as gateway:
        with Ledger(data, "", key="") as ledger:
            set_up(ledger, gateway)
            for mode in ("http", "subscribe", "resp", "auto"):
                send(ledger, "PUT", "/usage-service/config",
                     {"config": {"collector": {"enabled": True, "collectorMode": mode}}})
                wait_until(lambda: ledger.status()["mode"] == mode and
                           ledger.status()["collector"] == "running", f"mode {mode}")
            gateway.quiet()
            expect_all_stored(ledger, gateway, gateway.ids("lost"))


def another_gateway_ends_the_old_subscription_too():
    with folder() as data, Gateway("--rate", "100") as gateway, Gateway() as other:
        with Ledger(data, "", key="") as ledger:
            set_up(ledger, gateway)
            wait_until(lambda: ledger.events() > 20, "events")
            send(ledger, "POST", "/setup", {"cpaBaseUrl": other.url, "managementKey": KEY})
            wait_until(lambda: gateway.counts()["subscribers_now"] == 0, "the end of the old one")
            other.post("burst?count=50&seconds=0")
            gateway.quiet()
            wanted = len(other.ids()) + gateway.counts()["to_subscribers"]
            wait_until(lambda: ledger.events() >= wanted, "the events of both")


run_tests([
    no_event_falls_between_two_settings,
    switched_off_and_on_again,
    other_modes_follow_each_other,
    another_gateway_ends_the_old_subscription_too,
])

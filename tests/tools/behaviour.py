#!/usr/bin/python3
"""What becomes of an event: subscribers, their buffers, the queue, and the counts.

Each behaviour was seen on a real gateway; what a loss test concludes rests on them.
"""
import json

from gateway import Closed, Gateway, run_tests

SLOTS = 256  # messages in a subscriber's buffer


def payloads(first, count, size=8000):
    """Distinct payloads with the request ids e<first>, e<first+1>, ..."""
    return [f'{{"request_id":"e{i}","pad":"{"x" * size}"}}' for i in range(first, first + count)]


def id_of(payload):
    return json.loads(payload)["request_id"]


def read_messages(wire):
    """Ids of the messages up to the end of the connection, and the last other reply."""
    ids, last = [], None
    try:
        while True:
            reply = wire.reply()
            if reply[0] == "message":
                ids.append(id_of(reply[2]))
            else:
                last = reply
    except Closed:
        return ids, last


def fill_buffer(gateway, least):
    """Publishes until that many messages wait in the subscriber's buffer; how many it took."""
    published = 0
    while gateway.counts()["buffered_now"] < least:
        gateway.publish(payloads(published, 50))
        published += 50
        assert published < 20000
    return published


def check_sums(counts):
    assert counts["published"] == counts["given"] + counts["queued"], counts
    assert counts["published"] == (counts["delivered_at_least_once"] + counts["lost"]
                                   + counts["outstanding"]), counts
    assert counts["queued"] == (counts["popped_resp"] + counts["popped_http"] + counts["pruned"]
                                + counts["queued_now"]), counts


def check_end(end, ack):
    with Gateway() as gateway:
        wire = gateway.subscriber()
        published = fill_buffer(gateway, 100)
        wire.send(wire.frame(end))
        ids, last = read_messages(wire)
        assert last == ack, last
        counts = gateway.counts()
        lost = gateway.ids("lost")
        assert len(lost) >= 50 and counts["dropped_unsubscribe"] == len(lost)
        assert ids + lost == gateway.ids(), "delivered first, then dropped, in order"
        assert counts["published"] == published and counts["queued_now"] == 0
        check_sums(counts)
        gateway.publish(payloads(published, 1))
        assert id_of(gateway.resp().command("LPOP", "usage")) == f"e{published}"


def unsubscribe_drops_what_the_buffer_holds():
    check_end("UNSUBSCRIBE", ["unsubscribe", "usage", 0])


def quit_drops_what_the_buffer_holds():
    check_end("QUIT", "OK")


def disconnect_drops_what_the_buffer_holds():
    with Gateway() as gateway:
        wire = gateway.subscriber()
        fill_buffer(gateway, 100)
        wire.close()
        counts = gateway.wait_for(lambda c: c["subscribers_now"] == 0, "the end of the subscriber")
        assert counts["dropped_disconnect"] >= 100
        assert counts["dropped_disconnect"] == counts["lost"] == len(gateway.ids("lost"))
        assert counts["queued_now"] == 0 and counts["outstanding"] == 0
        check_sums(counts)


def reading_subscriber_gets_everything_in_order():
    with Gateway() as gateway:
        wire = gateway.subscriber()
        got = []
        for first in range(0, 3000, 200):
            gateway.publish(payloads(first, 200, size=1000))
            got += [id_of(wire.reply()[2]) for _ in range(200)]
        assert got == gateway.ids()
        counts = gateway.counts()
        assert counts["lost"] == 0 and counts["copies_written"] == 3000
        check_sums(counts)


def backlog_is_not_sent_to_a_subscriber():
    with Gateway() as gateway:
        gateway.publish(payloads(0, 3))
        wire = gateway.subscriber()
        popper = gateway.resp()
        assert [id_of(p) for p in popper.command("RPOP", "usage", 2)] == ["e0", "e1"]
        gateway.publish(payloads(3, 1))
        assert id_of(wire.reply()[2]) == "e3"
        assert [id_of(p) for p in popper.command("LPOP", "usage", 9)] == ["e2"]
        assert popper.command("LPOP", "usage") is None
        assert wire.is_silent()


def overflow_closes_after_the_buffered_messages():
    with Gateway() as gateway:
        wire = gateway.subscriber()
        published = fill_buffer(gateway, 1)
        while gateway.counts()["overflows"] == 0:
            assert gateway.counts()["buffered_now"] <= SLOTS and published < 20000
            gateway.publish(payloads(published, 1))
            published += 1
        gateway.publish(payloads(published, 2))
        counts = gateway.counts()
        assert counts["subscribers_now"] == 0 and counts["queued_now"] == 2
        assert counts["buffered_now"] == SLOTS and counts["dropped_overflow"] == 1
        ids, last = read_messages(wire)
        assert last is None
        assert ids == [f"e{i}" for i in range(published - 1)], "all but the one that overflowed"
        assert gateway.ids("lost") == [f"e{published - 1}"]
        check_sums(gateway.counts())


def the_control_message_takes_one_slot():
    with Gateway() as gateway:
        wire = gateway.resp()
        gateway.sim("POST", "stall?ms=3600000&subscribers=1")
        assert wire.command("SUBSCRIBE", "usage") == ["subscribe", "usage", 1]
        gateway.publish(payloads(0, SLOTS - 1))
        assert gateway.counts()["overflows"] == 0
        gateway.publish(payloads(SLOTS - 1, 1))
        counts = gateway.counts()
        assert counts["overflows"] == 1 and counts["buffered_now"] == SLOTS - 1
        gateway.sim("POST", "stall?ms=0&subscribers=1")
        assert wire.reply() == ["message", "usage", '{"support_refresh":true}']
        ids, _ = read_messages(wire)
        assert ids == [f"e{i}" for i in range(SLOTS - 1)]


def an_event_is_lost_only_if_no_subscriber_has_it():
    with Gateway() as gateway:
        slow, fast = gateway.subscriber(), gateway.subscriber()
        published = 0
        got = []
        while gateway.counts()["overflows"] == 0:
            gateway.publish(payloads(published, 200))
            got += [id_of(fast.reply()[2]) for _ in range(200)]
            published += 200
        slow.close()
        counts = gateway.wait_for(lambda c: c["buffered_now"] == 0, "the slow one's end")
        assert got == gateway.ids()
        assert counts["dropped_overflow"] == 1 and counts["lost"] == 0
        assert counts["dropped_disconnect"] > 0
        check_sums(counts)


def expired_events_leave_on_the_next_enqueue_or_pop():
    with Gateway("--retention", "60") as gateway:
        gateway.publish(payloads(0, 2))
        gateway.sim("POST", "advance?seconds=59")
        gateway.publish(payloads(2, 1))
        assert gateway.counts()["queued_now"] == 3
        gateway.sim("POST", "advance?seconds=2")
        assert gateway.counts()["queued_now"] == 3, "nothing is pruned by itself"
        gateway.publish(payloads(3, 1))
        counts = gateway.counts()
        assert counts["queued_now"] == 2 and counts["pruned"] == 2
        assert gateway.ids("lost") == ["e0", "e1"]
        gateway.sim("POST", "advance?seconds=59")
        assert [id_of(p) for p in gateway.resp().command("LPOP", "usage", 5)] == ["e3"]
        check_sums(gateway.counts())


def retention_has_the_gateways_limits():
    for given, real in (("0", 60), ("1", 1), ("3600", 3600), ("3601", 3600)):
        with Gateway("--retention", given) as gateway:
            _, _, body = gateway.management("GET", "config")
            assert json.loads(body)["redis-usage-queue-retention-seconds"] == real


def statistics_off_discards_events():
    with Gateway("--statistics", "off") as gateway:
        def setting():
            alone = json.loads(gateway.management("GET", "usage-statistics-enabled")[2])
            config = json.loads(gateway.management("GET", "config")[2])
            assert config["usage-statistics-enabled"] == alone["usage-statistics-enabled"]
            return alone["usage-statistics-enabled"]

        assert setting() is False
        gateway.publish(payloads(0, 2))
        counts = gateway.counts()
        assert counts["published"] == 0 and counts["refused_statistics_off"] == 2
        assert gateway.management("PATCH", "usage-statistics-enabled", '{"value":true}')[0] == 200
        assert setting() is True
        gateway.publish(payloads(2, 1))
        assert gateway.ids() == ["e2"]
        assert gateway.management("PUT", "usage-statistics-enabled", '{"value":"no"}')[0] == 400
        assert setting() is True


def refresh_goes_to_subscribers_only():
    with Gateway() as gateway:
        gateway.sim("POST", "refresh")
        assert gateway.counts()["queued_now"] == 0
        wire = gateway.subscriber()
        gateway.sim("POST", "refresh")
        assert wire.reply() == ["message", "usage", '{"refresh":true}']


def the_errors_channel_is_separate():
    with Gateway() as gateway:
        errors, usage = gateway.subscriber("errors"), gateway.subscriber()
        assert gateway.sim("POST", "publish?channel=errors", '{"status_code":429}')["lines"] == 1
        gateway.publish(payloads(0, 1))
        assert errors.reply() == ["message", "errors", '{"status_code":429}']
        assert id_of(usage.reply()[2]) == "e0"
        assert errors.is_silent() and usage.is_silent()
        errors_only = gateway.counts()
        assert errors_only["queued_now"] == 0 and errors_only["published"] == 1


def http_pops_the_oldest_first():
    with Gateway() as gateway:
        lines = payloads(0, 3, size=1) + ["not json", '"text"', '{"a":<>}']
        gateway.publish(lines)
        status, headers, body = gateway.management("GET", "usage-queue?count=2")
        assert status == 200 and headers["content-type"] == "application/json; charset=utf-8"
        assert body.decode() == "[" + ",".join(lines[:2]) + "]"
        assert json.loads(gateway.management("GET", "usage-queue")[2])[0]["request_id"] == "e2"
        rest = json.loads(gateway.management("GET", "usage-queue?count=100")[2])
        assert rest == ["not json", "text", '{"a":<>}'], "what is not JSON comes as a string"
        assert gateway.counts()["popped_http"] == 6
        check_sums(gateway.counts())


def subscribers_can_be_disconnected():
    with Gateway() as gateway:
        wires = [gateway.subscriber(), gateway.subscriber()]
        gateway.publish(payloads(0, 1))
        assert gateway.sim("POST", "disconnect")["closed"] == 2
        assert [read_messages(wire) for wire in wires] == [(["e0"], None)] * 2
        gateway.publish(payloads(1, 1))
        assert gateway.counts()["queued_now"] == 1


def a_subscriber_that_comes_back_and_drains_loses_nothing():
    total = 3000
    with Gateway("--count", str(total), "--disconnect-every", "0.05") as gateway:
        gateway.sim("POST", f"burst?count={total}&seconds=1")
        got = set()
        popper = gateway.resp()
        while len(got) < total:
            wire = gateway.subscriber()
            got.update(id_of(p) for p in popper.command("LPOP", "usage", 100000))
            got.update(read_messages(wire)[0])
            if gateway.counts()["published"] == total:
                got.update(id_of(p) for p in popper.command("LPOP", "usage", 100000))
                break
        published = gateway.ids()
        assert len(published) == len(set(published)) == total
        assert set(published) == got | set(gateway.ids("lost"))
        check_sums(gateway.counts())


if __name__ == "__main__":
    run_tests([
        unsubscribe_drops_what_the_buffer_holds,
        quit_drops_what_the_buffer_holds,
        disconnect_drops_what_the_buffer_holds,
        reading_subscriber_gets_everything_in_order,
        backlog_is_not_sent_to_a_subscriber,
        overflow_closes_after_the_buffered_messages,
        the_control_message_takes_one_slot,
        an_event_is_lost_only_if_no_subscriber_has_it,
        expired_events_leave_on_the_next_enqueue_or_pop,
        retention_has_the_gateways_limits,
        statistics_off_discards_events,
        refresh_goes_to_subscribers_only,
        the_errors_channel_is_separate,
        http_pops_the_oldest_first,
        subscribers_can_be_disconnected,
        a_subscriber_that_comes_back_and_drains_loses_nothing,
    ])

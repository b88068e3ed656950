#!/usr/bin/python3
"""What the simulated gateway publishes: shapes by release, rates, bursts, stalls, replays."""
import json
import os
import subprocess
import tempfile
import threading
import time

from gateway import Gateway, run_tests

# First release of each key of an event, in the order of the newest one.
KEYS = [
    ("timestamp", "6.9.38"), ("latency_ms", "6.9.38"), ("ttft_ms", "7.1.24"), ("source", "6.9.38"),
    ("auth_index", "6.9.38"), ("access_token_sha256", "7.2.116"), ("client_ip", "7.2.104"),
    ("x_forwarded_for", "7.2.104"), ("user_agent", "7.2.104"), ("tokens", "6.9.38"),
    ("failed", "6.9.38"), ("generate", "7.2.78"), ("fail", "7.0.0"),
    ("response_headers", "7.1.13"), ("accounting_version", "7.2.97"),
    ("token_breakdown", "7.2.97"), ("provider", "6.9.38"), ("executor_type", "7.1.38"),
    ("model", "6.9.38"), ("alias", "6.10.7"), ("endpoint", "6.9.38"), ("auth_type", "6.9.38"),
    ("api_key", "6.9.38"), ("request_id", "6.9.38"), ("reasoning_effort", "7.1.18"),
    ("service_tier", "7.1.27"), ("response_service_tier", "7.2.65")]
TOKEN_KEYS = [
    ("input_tokens", "6.9.38"), ("output_tokens", "6.9.38"), ("reasoning_tokens", "6.9.38"),
    ("cached_tokens", "6.9.38"), ("cache_read_tokens", "7.0.3"),
    ("cache_read_tokens_present", "7.2.74"), ("cache_creation_tokens", "7.0.3"),
    ("total_tokens", "6.9.38")]


def number(version):
    return tuple(map(int, version.split(".")))


def keys_of(table, version):
    return [key for key, since in table if number(version) >= number(since)]


def published(gateway, count):
    gateway.sim("POST", f"burst?count={count}")
    gateway.wait_for(lambda c: c["published"] >= count, "the events")
    return [json.loads(p) for p in gateway.resp().command("LPOP", "usage", 10 * count)]


def releases_around_each_change():
    """Every release that brought a key, the one before it, and the newest."""
    releases = {number("7.2.140"), number("7.1.16"), number("7.2.73")}
    for _, since in KEYS + TOKEN_KEYS:
        major, minor, patch = number(since)
        releases.add((major, minor, patch))
        if patch > 0 and since != "6.9.38":
            releases.add((major, minor, patch - 1))
    releases -= {number("7.1.17")}  # it has no RESP commands at all
    return [".".join(map(str, release)) for release in sorted(releases)]


def events_have_the_keys_of_their_release():
    for version in releases_around_each_change():
        with Gateway("--shape", version) as gateway:
            for event in published(gateway, 40):
                expected = keys_of(KEYS, version)
                if number("7.2.65") <= number(version) < number("7.2.74"):
                    expected.insert(expected.index("service_tier") + 1, "request_service_tier")
                if event["failed"] or event["provider"] != "codex":
                    expected = [k for k in expected if k != "response_service_tier"]
                assert list(event) == expected, version
                assert list(event["tokens"]) == keys_of(TOKEN_KEYS, version)


def generated_events_are_new_and_distinct():
    with Gateway("--seed", "5") as gateway:
        before = time.time()
        events = published(gateway, 3000)
        assert [e["request_id"] for e in events] == gateway.ids()
        assert len({e["request_id"] for e in events}) == 3000
        assert len({e["timestamp"] for e in events}) > 2900, "nanoseconds"
        stamp = events[0]["timestamp"]
        assert abs(time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - before) < 5
        assert 0 < sum(e["failed"] for e in events) < 200
        first = [(e["model"], e["source"], e["tokens"]) for e in events[:20]]
    with Gateway("--seed", "5") as gateway:
        assert [(e["model"], e["source"], e["tokens"]) for e in published(gateway, 20)] == first


def timestamps_carry_the_local_offset():
    os.environ["TZ"] = "Asia/Kolkata"
    try:
        with Gateway() as gateway:
            stamp = published(gateway, 1)[0]["timestamp"]
    finally:
        del os.environ["TZ"]
    assert stamp.endswith("+05:30") and len(stamp) <= len("2026-11-24T00:00:00.123456789+05:30")


def older_releases_know_fewer_commands():
    with Gateway("--shape", "7.0.6") as gateway:
        assert gateway.resp().command("SUBSCRIBE", "usage") == "-ERR unknown command 'subscribe'"
    with Gateway("--shape", "7.1.17") as gateway:
        wire = gateway.connect()
        wire.send(b"*")
        assert wire.read_to_end() == b"-ERR RESP AUTH disabled; use mTLS\r\n"
    with Gateway("--shape", "7.1.38") as gateway:
        wire = gateway.resp()
        assert wire.command("LPOP", "anything") is None
        assert wire.command("SUBSCRIBE", "Usage") == ["subscribe", "usage", 1]
        gateway.publish(["{}"])
        assert wire.reply() == ["message", "usage", "{}"], "no control message yet"
    with Gateway("--shape", "6.10.7") as gateway:
        assert gateway.management("GET", "usage-queue")[0] == 404
        _, headers, _ = gateway.management("GET", "config")
        assert headers["x-cpa-version"] == "dev" and "x-cpa-support-plugin" not in headers
    with Gateway("--version", "v9.9.9") as gateway:
        _, headers, _ = gateway.management("GET", "config")
        assert headers["x-cpa-version"] == "v9.9.9" and headers["x-cpa-support-plugin"] == "1"


def rate_and_count_are_kept():
    start = time.monotonic()
    with Gateway("--rate", "2000", "--count", "500") as gateway:
        gateway.wait_for(lambda c: c["published"] == 500, "500 events")
        assert time.monotonic() - start >= 0.25, "not all at once"
        gateway.sim("POST", "rate?per_second=100000")
        gateway.sim("POST", "burst?count=10")
        assert gateway.counts()["published"] == 500, "nothing beyond --count"


def a_burst_can_be_planned():
    with Gateway("--burst", "50", "--burst-seconds", "0", "--burst-every", "0.05") as gateway:
        gateway.wait_for(lambda c: c["published"] >= 100, "two bursts")


def a_fast_subscriber_gets_a_burst_whole():
    with Gateway("--count", "20000") as gateway:
        wire = gateway.subscriber()
        reader = threading.Thread(target=wire.read_to_end)
        reader.start()
        gateway.sim("POST", "burst?count=20000&seconds=2")
        gateway.wait_for(lambda c: c["copies_written"] + c["lost"] == 20000, "the burst")
        gateway.sim("POST", "disconnect")
        reader.join()
        got = [json.loads(wire.reply()[2])["request_id"] for _ in range(20000)]
        assert got == gateway.ids() and len(set(got)) == 20000
        counts = gateway.counts()
        assert counts["lost"] == counts["overflows"] == 0


def a_stall_freezes_everything():
    with Gateway() as gateway:
        wire = gateway.resp()
        start = time.monotonic()
        gateway.sim("POST", "stall?ms=300")
        assert wire.command("LPOP", "usage") is None
        assert time.monotonic() - start >= 0.3
        gateway.sim("POST", "stall?ms=3600000")  # the end of standard input ends it all the same


def a_file_is_replayed_once():
    lines = ['{"timestamp":"2020-01-01T00:00:00Z","request_id":"one"}', "",
             '{"timestamp":"2020-01-01T00:00:00Z","request_id":"two"}', "broken"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "payloads.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\r\n".join(lines))
        with Gateway("--replay", path, "--rate", "1000") as gateway:
            gateway.wait_for(lambda c: c["published"] == 3, "the file's lines")
            gateway.sim("POST", "burst?count=10")
            popped = gateway.resp().command("LPOP", "usage", 10)
            assert popped == [line for line in lines if line]
            assert gateway.ids() == ["one", "two", "-"]
        with Gateway("--replay", path, "--replay-now", "--rate", "1000") as gateway:
            gateway.wait_for(lambda c: c["published"] == 3, "the file's lines")
            first = json.loads(gateway.resp().command("LPOP", "usage"))
            assert first["request_id"] == "one" and first["timestamp"] > "2024"


def wrong_words_are_refused():
    program = os.path.join(os.environ["USAGE_BUILD_DIR"], "tools/gateway-sim/gateway-sim")
    for words, complaint in ((["--what"], "unknown word"), (["serve"], "unknown word"),
                             (["--rate"], "expects a value"), (["--rate", "fast"], "expects a number"),
                             (["--slots", "0"], "whole number"), (["--slots", "1.5"], "whole number"),
                             (["--shape", "7.2"], "expects a version"),
                             (["--statistics", "yes"], "on or off")):
        run = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert run.returncode == 2 and run.stdout == "", words
        assert complaint in run.stderr and run.stderr.count("\n") == 1, run.stderr
    for words in (["--listen", "nowhere"], ["--replay", "/nonexistent"], ["--auth-files", "/nonexistent"]):
        run = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert run.returncode == 1 and run.stderr.count("\n") == 1, run
    run = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert "--replay-now" in run.stdout and run.stderr == ""


def wrong_controls_are_refused():
    with Gateway() as gateway:
        for path in ("burst?count=0", "burst?count=x", "rate?per_second=-1", "stall?ms=9e9",
                     "publish?channel=other"):
            status, _, body = gateway.http("POST", "/sim/" + path)
            assert status == 400 and "expects" in json.loads(body)["error"], path
        assert gateway.http("GET", "/sim/ids?of=other")[0] == 400
        assert gateway.http("GET", "/sim/nothing")[0] == 404
        assert gateway.http("GET", "/sim/burst")[0] == 404


if __name__ == "__main__":
    run_tests([
        events_have_the_keys_of_their_release,
        generated_events_are_new_and_distinct,
        timestamps_carry_the_local_offset,
        older_releases_know_fewer_commands,
        rate_and_count_are_kept,
        a_burst_can_be_planned,
        a_fast_subscriber_gets_a_burst_whole,
        a_stall_freezes_everything,
        a_file_is_replayed_once,
        wrong_words_are_refused,
        wrong_controls_are_refused,
    ])

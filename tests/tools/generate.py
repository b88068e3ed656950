#!/usr/bin/python3
"""usage-generate: the same arguments give the same lines, of the promised distribution."""
import collections
import json
import os
import subprocess

from gateway import run_tests

COUNT = 20000

# What a line of the real gateway looks like: its keys, in its order.
KEYS = ["timestamp", "latency_ms", "ttft_ms", "source", "auth_index", "client_ip",
        "x_forwarded_for", "user_agent", "tokens", "failed", "generate", "fail",
        "response_headers", "accounting_version", "token_breakdown", "provider",
        "executor_type", "model", "alias", "endpoint", "auth_type", "api_key", "request_id",
        "reasoning_effort", "service_tier"]


def generate(*arguments):
    program = os.path.join(os.environ["USAGE_BUILD_DIR"], "tools/gateway-sim/usage-generate")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, check=False)


def lines_of(*arguments):
    run = generate(*arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def events_of(*arguments):
    return [json.loads(line) for line in lines_of(*arguments)]


def near(value, expected, tolerance):
    assert abs(value - expected) <= tolerance, f"{value}, expected {expected} +- {tolerance}"


def median(values):
    return sorted(values)[len(values) // 2]


def same_arguments_give_the_same_lines():
    first = lines_of(500, "--seed", 7)
    assert len(first) == 500
    assert first == lines_of(500, "--seed", 7)
    assert first != lines_of(500, "--seed", 8)


def shares_and_sizes_are_as_promised():
    lines = lines_of(COUNT)
    events = [json.loads(line) for line in lines]
    near(sum(len(line) + 1 for line in lines) / COUNT, 1386.6, 14)
    for key, distinct in (("source", 200), ("auth_index", 200), ("api_key", 50), ("model", 12),
                          ("alias", 60), ("user_agent", 5), ("provider", 4), ("client_ip", 1400),
                          ("request_id", COUNT)):
        assert len({e[key] for e in events}) == distinct, key

    def share(predicate):
        return sum(map(predicate, events)) / COUNT

    near(share(lambda e: e["failed"]), 0.03, 0.006)
    near(share(lambda e: e["provider"] == "codex"), 0.672, 0.015)
    near(share(lambda e: e["model"] == "gpt-5.5"), 0.322, 0.015)
    near(share(lambda e: e["service_tier"] == "auto"), 0.7, 0.015)
    near(share(lambda e: e["reasoning_effort"] == ""), 0.3, 0.015)
    near(share(lambda e: "(" in e["alias"]), 0.14, 0.012)
    near(share(lambda e: e["tokens"]["cached_tokens"] > 0), 0.679, 0.015)
    near(share(lambda e: e["tokens"]["input_tokens"] > 280000), 0.0252, 0.005)
    near(median([e["tokens"]["input_tokens"] for e in events]), 13050, 600)
    near(median([e["tokens"]["output_tokens"] for e in events]), 474, 20)
    near(median([e["latency_ms"] for e in events]), 5430, 200)
    near(median([e["ttft_ms"] for e in events]), 1280, 40)
    keys = collections.Counter(e["api_key"] for e in events).most_common(2)
    near(keys[0][1] / keys[1][1], 2, 0.25)


def times_rise_over_thirty_days_in_a_daily_wave():
    times = [e["timestamp"] for e in events_of(COUNT)]
    padded = [t[:-1].ljust(19, ".").ljust(29, "0") for t in times]
    assert padded == sorted(padded)
    assert min(times)[:10] == "2026-10-21" and max(times)[:10] == "2026-11-19"
    assert len({t[:10] for t in times}) == 30
    hours = collections.Counter(t[11:13] for t in times)
    near(hours["14"] / COUNT, 0.073, 0.008)
    near(hours["02"] / COUNT, 0.010, 0.003)
    near(sum(t[14:16] < "15" for t in times) / COUNT, 0.25, 0.012)


def range_and_cardinalities_can_be_chosen():
    events = events_of(3000, "--days", 2, "--end", "2024-03-01T12:00:00Z", "--accounts", 5,
                       "--keys", 3, "--models", 2)
    assert min(e["timestamp"] for e in events) >= "2024-02-28T12:00:00"
    assert max(e["timestamp"] for e in events) < "2024-03-01T12:00:00"
    assert len({e["api_key"] for e in events}) == 3
    assert {e["model"] for e in events} == {"gpt-5.5", "gpt-5.4"}
    assert len({e["auth_index"] for e in events}) <= 5
    assert len(events_of(1, "--accounts", 1)) == 1 and lines_of(0) == []


def every_line_is_a_whole_event():
    for event in events_of(3000):
        keys = list(event)
        if keys[-1] == "response_service_tier":
            assert event["provider"] == "codex" and not event["failed"]
            keys.pop()
        assert keys == KEYS
        assert list(event["response_headers"]) == sorted(event["response_headers"])
        tokens, parts = event["tokens"], event["token_breakdown"]
        given, made = parts["input"], parts["output"]
        assert parts["total_tokens"] == tokens["total_tokens"] == (
            given["total_tokens"] + made["total_tokens"] + parts["unclassified_tokens"])
        assert given["total_tokens"] == (given["uncached_tokens"] + given["cache_read_tokens"]
                                         + given["cache_write_tokens"])
        assert made["total_tokens"] == made["non_reasoning_tokens"] + made["reasoning_tokens"]
        inside = 0 if event["provider"] == "claude" else tokens["cache_read_tokens"]
        assert given["uncached_tokens"] == tokens["input_tokens"] - inside
        assert made["total_tokens"] == tokens["output_tokens"] + (
            tokens["reasoning_tokens"] if event["provider"] == "gemini" else 0)
        assert min(*given.values(), *made.values()) >= 0
        assert event["failed"] == (event["fail"]["status_code"] != 200)
        assert (event["fail"]["body"] != "") == event["failed"]
        assert event["ttft_ms"] <= event["latency_ms"]


def wrong_arguments_are_refused():
    for arguments in ([], ["x"], ["-1"], ["5", "--days"], ["5", "--days", "0"], ["5", "--what", "1"],
                      ["5", "--models", "13"], ["5", "--end", "yesterday"]):
        run = generate(*arguments)
        assert run.returncode == 2 and run.stdout == b"", arguments
        assert run.stderr.startswith(b"usage-generate: ") and run.stderr.count(b"\n") == 1


if __name__ == "__main__":
    run_tests([
        same_arguments_give_the_same_lines,
        shares_and_sizes_are_as_promised,
        times_rise_over_thirty_days_in_a_daily_wave,
        range_and_cardinalities_can_be_chosen,
        every_line_is_a_whole_event,
        wrong_arguments_are_refused,
    ])

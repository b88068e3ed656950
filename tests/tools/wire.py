#!/usr/bin/python3
"""The simulated gateway answers recorded conversations with the same bytes.

tests/data/wire/wire.jsonl holds conversations with a real gateway, in order, one case a
line: what was sent, what came back, and whether the connection was closed. All of them
are replayed against one gateway. Where a client's request made the real one publish an
event, the recorded event itself is published here. Only the dates and the time left of a
ban are set aside before comparing.
"""
import json
import os
import re

from gateway import Closed, Gateway, run_tests

DATES = re.compile(rb"(\r\nDate: )[^\r]*")
BAN = re.compile(rb"Try again in (30m0s|29m5\ds)")
PAYLOAD = re.compile(r'\{"timestamp":".*?"service_tier":"[a-z]*"(?:,"response_service_tier":"[a-z]*")?\}')


def read_cases():
    path = os.path.join(os.environ["USAGE_SOURCE_DIR"], "tests/data/wire/wire.jsonl")
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def plan_events(cases):
    """Fills in "publish" for each step: the recorded events that appeared because of it.

    An event goes to a "then" step that shows it at once; otherwise to the oldest "then"
    step still without one; otherwise (made before the case began) to the step that shows it.
    """
    waiting = []
    for case in cases:
        for step in case["talk"]:
            step["publish"] = []
            payloads = PAYLOAD.findall(step["recv"])
            if "then" in step and not payloads:
                waiting.append(step)
            for payload in payloads:
                owner = step if "then" in step or not waiting else waiting.pop(0)
                owner["publish"].append(payload)


def comparable(data):
    return BAN.sub(b"Try again in SOON", DATES.sub(rb"\1DATE", data))


def receive(wire, expected):
    """As many bytes as are expected, or what came before the end.

    The time left of a ban, 30m0s or 29m59s, has no fixed length: one line is read there.
    """
    try:
        if BAN.search(expected) and expected.startswith(b"-"):
            return wire.read_line()
        return wire.read_exactly(len(expected))
    except Closed:
        return wire.rest()


def play(gateway, case):
    wire = gateway.connect()
    for step in case["talk"]:
        if step["publish"]:
            gateway.publish(step["publish"])
        if "send" in step:
            wire.send(step["send"].encode("latin-1"))
        expected = step["recv"].encode("latin-1")
        got = receive(wire, expected)
        assert comparable(got) == comparable(expected), f"\nexpected {expected}\ngot      {got}"
        if step["closed"]:
            rest = wire.read_to_end()
            assert rest == b"", f"more than expected: {rest}"
        else:
            assert wire.is_silent(), f"more than expected: {wire.rest()}"
    wire.close()


def main():
    cases = read_cases()
    plan_events(cases)
    assert len(cases) == 49 and sum(len(s["publish"]) for c in cases for s in c["talk"]) == 7
    with Gateway() as gateway:
        def make(case):
            def test():
                play(gateway, case)
            test.__name__ = case["case"]
            return test
        run_tests([make(case) for case in cases])


if __name__ == "__main__":
    main()

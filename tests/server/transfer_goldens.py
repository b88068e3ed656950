"""The inputs of tests/data/transfer/goldens.jsonl and what becomes of them: one line each,
with `differs` where the answer is not the original's, and why. All go to one server; what
<A>, <B>, <D>, <T> and <H> stand for is different in each, so they do not meet."""
import json
import os

DATA = os.path.join(os.environ["USAGE_SOURCE_DIR"], "tests/data/transfer")
WARNINGS = ["legacy_usage_metadata_is_partial", "legacy_usage_source_matching_may_be_approximate"]


def event(event_hash, time):
    return {"event_hash": event_hash, "timestamp_ms": 1767323045000, "timestamp": time,
            "model": "gpt-x", "endpoint": "POST /v1/responses", "input_tokens": 1,
            "output_tokens": 2, "total_tokens": 3, "created_at_ms": 1767323046000}


def padded_line(length, unique):
    """An event of exactly length bytes."""
    text = json.dumps({**event(f"long-{unique}", "2026-01-02T03:04:05Z"), "x": ""})
    return text[:-2] + "x" * (length - len(text)) + text[-2:]


def expand(text, number, way):
    """The bytes of a golden's input; number and way make its events its own."""
    unique = f"{number}{way}"
    time = f"2026-01-{1 + number % 28:02}T0{'PS'.index(way)}:{number:02}:05Z"
    a, b = event(f"aaa1-{unique}", time), event(f"bbb2-{unique}", time)
    events = "".join(json.dumps(event(f"e{i}-{unique}", time)) + "\n" for i in range(300))
    for name, value in (
            ("<A>", json.dumps(a)), ("<B>", json.dumps(b)), ("<300 events>", events),
            ("<pretty A>", json.dumps(a, indent=1)), ("<pretty B>", json.dumps({**b, "latency_ms": 1}, indent=1)),
            ("<D>", json.dumps({"timestamp": time, "tokens": {"input_tokens": 1}})),
            ("<T>", time), ("<H>", unique)):
        text = text.replace(name, value)
    while "<line of " in text:
        before, rest = text.split("<line of ", 1)
        length, after = rest.split(" bytes>", 1)
        text = before + padded_line(int(length), unique) + after
    return text.encode()


def load():
    with open(os.path.join(DATA, "goldens.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def result_of(golden, error=None):
    """The result object of a success."""
    added, skipped, failed, unsupported = golden["counts"]
    result = {"format": golden["format"], "added": added, "skipped": skipped,
              "total": added + skipped, "failed": failed, "unsupported": unsupported,
              "warnings": WARNINGS if golden["warnings"] else None}
    if error is not None:
        result["error"] = error
    return result

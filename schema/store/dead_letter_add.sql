-- usage_ingest: a payload that cannot be an event.
INSERT INTO dead_letter (
    gateway_id, received_at_ms, reason, payload_bytes, payload_sha256, payload_json)
VALUES (
    :gateway_id, :received_at_ms, :reason, :payload_bytes, :payload_sha256, :payload_json);

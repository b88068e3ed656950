-- The collector: one payload of the gateway, inside the writer's transaction. No rows.
INSERT INTO usage_ingest (payload, received_at_ms, gateway)
VALUES (:payload, :received_at_ms, :gateway);

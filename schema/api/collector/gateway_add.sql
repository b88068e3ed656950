-- The collector, before it replaces credential files: the gateway's row, if it is new. No rows.
INSERT INTO gateway (name)
VALUES (:gateway)
ON CONFLICT (name) DO NOTHING;

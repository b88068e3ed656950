-- The server, wherever it saves a setting: insert or replace. No rows.
INSERT INTO settings (
    key,
    value,        -- JSON text
    updated_at_ms
)
VALUES (:key, :value, :now_ms)
ON CONFLICT (key) DO UPDATE
SET value = excluded.value,
    updated_at_ms = excluded.updated_at_ms;

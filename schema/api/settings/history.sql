-- The server at start: was this database used before? One row.
SELECT EXISTS (SELECT 1 FROM event)
       OR EXISTS (SELECT 1 FROM dead_letter)
       OR EXISTS (SELECT 1
                  FROM settings
                  WHERE key IN ('setup', 'manager_config_v1')) AS has_history; -- 0 or 1

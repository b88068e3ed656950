-- usage_ingest: the id of an equal bundle. 0 or 1 rows.
SELECT id
FROM bundle_client
WHERE client_ip = :client_ip
    AND x_forwarded_for = :x_forwarded_for
    AND user_agent = :user_agent;

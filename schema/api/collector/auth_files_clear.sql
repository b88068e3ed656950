-- The collector: forget the gateway's credential files; auth_files_add follows in the same
-- transaction. No rows.
DELETE FROM gateway_auth_file
WHERE gateway_id = (SELECT id
                    FROM gateway
                    WHERE name = :gateway);

-- usage_ingest: adds a bundle that is not there.
INSERT INTO bundle_client (
    client_ip, x_forwarded_for, user_agent)
VALUES (
    :client_ip, :x_forwarded_for, :user_agent);

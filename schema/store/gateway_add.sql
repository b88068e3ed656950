-- usage_ingest: adds a gateway that is not there.
INSERT INTO gateway (name)
VALUES (:name);

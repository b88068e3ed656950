-- usage_ingest: adds a dictionary text that is not there.
INSERT INTO term (text)
VALUES (:text);

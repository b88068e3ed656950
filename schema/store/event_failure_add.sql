-- usage_ingest: the failure text of an event.
INSERT INTO event_failure (event_id, fail_summary)
VALUES (:event_id, :fail_summary);

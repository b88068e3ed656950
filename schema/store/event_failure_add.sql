-- usage_ingest: the failure text of an event.
INSERT OR REPLACE INTO event_failure (event_id, fail_summary)
VALUES (:event_id, :fail_summary);

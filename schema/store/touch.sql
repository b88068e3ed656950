-- usage_response_metadata: preparing this connects the table usage_ingest.
SELECT added
FROM usage_ingest;

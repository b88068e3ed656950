-- The collector, before and after a batch: what became of this connection's payloads. One row.
SELECT added,   -- rows stored
       skipped, -- duplicates
       dead     -- dead letters
FROM usage_ingest;

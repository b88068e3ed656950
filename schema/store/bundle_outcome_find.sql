-- usage_ingest: the id of an equal bundle. 0 or 1 rows.
SELECT id
FROM bundle_outcome
WHERE failed = :failed
    AND fail_status_code = :fail_status_code
    AND header_quota_plan_type = :header_quota_plan_type
    AND header_error_kind = :header_error_kind
    AND header_error_code = :header_error_code
    AND trace_form = :trace_form
    AND trace_prefix = :trace_prefix
    AND generate = :generate
    AND accounting_version = :accounting_version
    AND breakdown_quality = :breakdown_quality
    AND breakdown_schema_version = :breakdown_schema_version
    AND metadata_shape = :metadata_shape;

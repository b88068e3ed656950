-- usage_ingest: adds a bundle that is not there.
INSERT INTO bundle_outcome (
    failed, fail_status_code, header_quota_plan_type, header_error_kind,
    header_error_code, trace_form, trace_prefix, generate, accounting_version,
    breakdown_quality, breakdown_schema_version, metadata_shape)
VALUES (
    :failed, :fail_status_code, :header_quota_plan_type, :header_error_kind,
    :header_error_code, :trace_form, :trace_prefix, :generate, :accounting_version,
    :breakdown_quality, :breakdown_schema_version, :metadata_shape);

-- Export: a bundle_outcome. 1 row; NULL: not given.
SELECT
    b.failed,
    b.fail_status_code,
    plan_type.text,
    error_kind.text,
    error_code.text,
    b.trace_form,
    trace_prefix.text,
    b.generate,
    b.accounting_version,
    b.breakdown_quality,
    b.breakdown_schema_version,
    b.metadata_shape
FROM bundle_outcome AS b
LEFT JOIN term AS plan_type ON plan_type.id = b.header_quota_plan_type
LEFT JOIN term AS error_kind ON error_kind.id = b.header_error_kind
LEFT JOIN term AS error_code ON error_code.id = b.header_error_code
LEFT JOIN term AS trace_prefix ON trace_prefix.id = b.trace_prefix
WHERE b.id = :id;

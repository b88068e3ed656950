-- usage_ingest: the id of an equal bundle. 0 or 1 rows.
SELECT id
FROM bundle_what
WHERE provider = :provider
    AND executor_type = :executor_type
    AND model = :model
    AND requested_model = :requested_model
    AND resolved_model = :resolved_model
    AND analytics_model = :analytics_model
    AND reasoning_effort = :reasoning_effort
    AND service_tier = :service_tier
    AND request_service_tier = :request_service_tier
    AND response_service_tier = :response_service_tier
    AND cache_input_mode = :cache_input_mode;

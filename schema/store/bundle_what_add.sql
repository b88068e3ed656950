-- usage_ingest: adds a bundle that is not there.
INSERT INTO bundle_what (
    provider, executor_type, model, requested_model, resolved_model, analytics_model,
    reasoning_effort, service_tier, request_service_tier, response_service_tier,
    cache_input_mode)
VALUES (
    :provider, :executor_type, :model, :requested_model, :resolved_model,
    :analytics_model, :reasoning_effort, :service_tier, :request_service_tier,
    :response_service_tier, :cache_input_mode);

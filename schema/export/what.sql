-- Export: the texts of a bundle_what. 1 row; NULL: not given.
SELECT
    provider.text,
    executor_type.text,
    model.text,
    analytics_model.text,
    requested_model.text,
    resolved_model.text,
    reasoning_effort.text,
    service_tier.text,
    request_service_tier.text,
    response_service_tier.text,
    b.cache_input_mode
FROM bundle_what AS b
LEFT JOIN term AS provider ON provider.id = b.provider
LEFT JOIN term AS executor_type ON executor_type.id = b.executor_type
LEFT JOIN term AS model ON model.id = b.model
LEFT JOIN term AS analytics_model ON analytics_model.id = b.analytics_model
LEFT JOIN term AS requested_model ON requested_model.id = b.requested_model
LEFT JOIN term AS resolved_model ON resolved_model.id = b.resolved_model
LEFT JOIN term AS reasoning_effort ON reasoning_effort.id = b.reasoning_effort
LEFT JOIN term AS service_tier ON service_tier.id = b.service_tier
LEFT JOIN term AS request_service_tier ON request_service_tier.id = b.request_service_tier
LEFT JOIN term AS response_service_tier ON response_service_tier.id = b.response_service_tier
WHERE b.id = :id;

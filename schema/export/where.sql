-- Export: the texts of a bundle_where. 1 row; NULL: not given.
SELECT
    endpoint.text,
    method.text,
    path.text,
    api_key_hash.text
FROM bundle_where AS b
LEFT JOIN term AS endpoint ON endpoint.id = b.endpoint
LEFT JOIN term AS method ON method.id = b.method
LEFT JOIN term AS path ON path.id = b.path
LEFT JOIN term AS api_key_hash ON api_key_hash.id = b.api_key_hash
WHERE b.id = :id;

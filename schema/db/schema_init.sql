-- The writer at start: creates or upgrades the schema.
SELECT usage_init()

-- usage_init(): the views are made anew, in schema/views.
DROP VIEW IF EXISTS usage_breakdowns;
DROP VIEW IF EXISTS usage_events;

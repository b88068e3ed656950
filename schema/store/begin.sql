-- Import and usage_init: begins a short transaction; the write lock is taken at once.
BEGIN IMMEDIATE;

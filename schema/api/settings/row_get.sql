-- The server, wherever it reads a setting. One row, or none when it was never saved.
SELECT value -- JSON text
FROM settings
WHERE key = :key;

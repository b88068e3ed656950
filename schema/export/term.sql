-- Export: a text of the dictionary. 1 row.
SELECT text
FROM term
WHERE id = :id;

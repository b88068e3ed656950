-- Export: the texts of a bundle_who. 1 row; NULL: not given.
SELECT
    auth_type.text,
    auth_index.text,
    source.text,
    source_hash.text,
    account.text,
    label.text,
    file.text,
    provider.text,
    project.text
FROM bundle_who AS b
LEFT JOIN term AS auth_type ON auth_type.id = b.auth_type
LEFT JOIN term AS auth_index ON auth_index.id = b.auth_index
LEFT JOIN term AS source ON source.id = b.source
LEFT JOIN term AS source_hash ON source_hash.id = b.source_hash
LEFT JOIN term AS account ON account.id = b.account_snapshot
LEFT JOIN term AS label ON label.id = b.auth_label_snapshot
LEFT JOIN term AS file ON file.id = b.auth_file_snapshot
LEFT JOIN term AS provider ON provider.id = b.auth_provider_snapshot
LEFT JOIN term AS project ON project.id = b.auth_project_id_snapshot
WHERE b.id = :id;

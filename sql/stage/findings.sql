-- title: Findings of a batch as they go into the lake
-- params: none
-- returns: the columns of findings, content_hash and batch_id
SELECT *
FROM batch_findings

-- title: Images whose earlier rows of the generator go: it has made them anew
-- params: none
-- returns: the temporary table superseded
CREATE TEMP TABLE superseded AS
SELECT image_key
FROM new_outcomes
WHERE known AND status = 'done'

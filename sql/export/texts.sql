-- title: Let the descriptions that have a text be read as memory.main.texts
-- params: none
-- returns: nothing
CREATE VIEW memory.main.texts AS
SELECT *
FROM lake.main.descriptions
WHERE trim(text) <> ''

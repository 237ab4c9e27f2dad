-- title: Let the descriptions that say something be read as memory.main.texts
-- params: none
-- returns: nothing
CREATE VIEW memory.main.texts AS
SELECT *
FROM lake.main.descriptions
WHERE regexp_matches(text, '\S')

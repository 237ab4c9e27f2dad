-- title: Images whose rows cannot simply be added: the lake knows them, or they are staged more than once
-- params: none
-- returns: the temporary table special_images
CREATE TEMP TABLE special_images AS
SELECT image_id FROM known_images
UNION
SELECT image_id FROM repeated_images

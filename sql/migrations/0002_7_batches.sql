-- title: Let the numbers of later images begin after those that were given
-- params: none
-- returns: number of rows
UPDATE batches
SET first_number = (SELECT max(image_key & 17179869183) + 1 FROM image_ids)

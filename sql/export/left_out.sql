-- title: A place for the images of the slice that are not exported
-- params: none
-- returns: nothing
CREATE TABLE memory.main.left_out (
    image_id VARCHAR,
    reason VARCHAR,
    message VARCHAR
)

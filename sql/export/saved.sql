-- title: A place for what became of each image's pixels
-- params: none
-- returns: nothing
CREATE TABLE memory.main.saved (
    image_id VARCHAR,
    path VARCHAR,
    sha256 VARCHAR,
    linked BOOLEAN
)

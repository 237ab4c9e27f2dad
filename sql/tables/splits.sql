-- title: One row an image and named split
-- params: none
-- returns: the table splits
CREATE TABLE splits (
    name VARCHAR NOT NULL,              -- Name of the split
    part VARCHAR NOT NULL,              -- Part the image is in (train, val, test)
    image_id VARCHAR NOT NULL           -- Image
)

-- title: One row an image: the map from image_id to row key, so that a look-up need not scan images
-- params: none
-- returns: the table image_ids
-- sorted: id_hash ASC
CREATE TABLE image_ids (
    id_hash UBIGINT NOT NULL,           -- md5_number_lower(image_id); two ids may share one
    image_key BIGINT NOT NULL           -- Row key of the image
)

-- title: Rows of a manifest with ids, paths and boxes worked out, and what is wrong with each box
-- params: none
-- returns: the temporary view manifest_resolved, from the view manifest_given; variables source, given_source, folder, beside
CREATE TEMP VIEW manifest_resolved AS
WITH placed AS (
    SELECT
        * EXCLUDE (x0, y0, x1, y1, x, y, w, h, source, image_id, uri),
        coalesce(getvariable('given_source')::VARCHAR, source, getvariable('source')) AS source,
        source AS source_raw,
        coalesce(
            image_id,
            md5(concat_ws(chr(31), 'manifest', coalesce(getvariable('given_source')::VARCHAR, source, getvariable('source')), coalesce(uri, file_name), frame))
        ) AS image_id,
        image_id IS NULL AND uri IS NULL AND file_name IS NULL AS nameless,
        uri AS given_uri,
        coalesce(uri, CASE WHEN getvariable('beside') THEN file_name END) AS located,
        coalesce(x0, x) AS x0,
        coalesce(y0, y) AS y0,
        coalesce(x1, x + w) AS x1,
        coalesce(y1, y + h) AS y1
    FROM manifest_given
), resolved AS (
    SELECT
        p.* EXCLUDE (located, given_uri, file_name),
        parse_filename(coalesce(file_name, CASE WHEN NOT (contains(given_uri, ':') AND regexp_matches(given_uri, '^(tar|tarzst|parquet|lance):')) THEN given_uri END), false, 'forward_slash') AS file_name,
        CASE
            WHEN starts_with(located, '/') OR (contains(located, ':') AND regexp_matches(located, '^[A-Za-z][A-Za-z0-9+.-]+:')) THEN located
            WHEN starts_with(located, './') THEN getvariable('folder') || regexp_replace(located, '^(\./)+', '')
            ELSE getvariable('folder') || located
        END AS uri
    FROM placed AS p
)
SELECT
    *,
    CASE
        WHEN x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1 IS NULL THEN 'none'
        WHEN x0 IS NULL OR y0 IS NULL OR x1 IS NULL OR y1 IS NULL THEN 'incomplete'
        WHEN NOT (isfinite(x0) AND isfinite(y0) AND isfinite(x1) AND isfinite(y1)) THEN 'infinite'
        WHEN x1 <= x0 OR y1 <= y0 THEN 'empty'
        WHEN x1 <= 0 OR y1 <= 0 OR x0 >= coalesce(width, 'inf'::DOUBLE) OR y0 >= coalesce(height, 'inf'::DOUBLE) THEN 'outside'
        WHEN x0 < -1 OR y0 < -1 OR x1 > coalesce(width, 'inf'::DOUBLE) + 1 OR y1 > coalesce(height, 'inf'::DOUBLE) + 1 THEN 'clipped'
        ELSE 'whole'
    END AS box
FROM resolved

-- title: The sets of embeddings, newest first
-- params: none
-- returns: name, generator, model, unit, dimension, vectors, version, fingerprint, run_id, updated_at
SELECT
    name,
    generator,
    model,
    unit,
    dimension,
    vectors,
    version,
    fingerprint,
    run_id,
    date_trunc('second', updated_at) AS updated_at
FROM vector_sets
ORDER BY vector_sets.updated_at DESC, name

-- title: Let files of the index of regions hold about a million rows, as compaction does
-- params: none
-- returns: nothing
CALL lake.set_option('target_file_size', '16MB', table_name => 'roi_index')

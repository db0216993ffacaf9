-- part 1 of 1, read into memory
SELECT t1.`Timestamp`, t1.`Size` FROM `Events` AS t1 WHERE (t1.`User` = 'bob') ORDER BY t1.`Timestamp` NULLS FIRST SETTINGS join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0;
-- finished in memory: Filter <- operator scan <- Values
-- because the operator scan has no form in the SQL of clickhouse

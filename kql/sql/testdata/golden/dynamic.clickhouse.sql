-- part 1 of 1, read into memory
SELECT t1.`Timestamp`, t1.`DeviceId`, t1.`User`, t1.`Command`, t1.`Size`, t1.`Score`, t1.`Fields`, t1.`Ok` FROM `Events` AS t1 SETTINGS join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0;
-- finished in memory: Project <- Filter <- Project <- Values
-- because the conversion of dynamic to int has no form in the SQL of clickhouse

-- part 1 of 2, read into memory
SELECT t1.`DeviceId`, t1.`User`, t1.`Command`, t1.`Size` FROM `Events` AS t1 SETTINGS join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0;
-- part 2 of 2, read into memory
SELECT t1.`DeviceId`, maxOrNull(t1.`Port`) AS `max_Port` FROM `Devices` AS t1 WHERE (toInt64(t1.`Port`) > 1) GROUP BY t1.`DeviceId` SETTINGS join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0;
-- finished in memory: operator graph-match <- Use
-- because the operator graph-match has no form in the SQL of clickhouse
-- because the operator make-graph has no form in the SQL of clickhouse

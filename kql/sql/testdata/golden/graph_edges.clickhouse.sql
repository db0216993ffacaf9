-- part 1 of 1, read into memory
WITH s1 AS (SELECT t1.`Timestamp`, t1.`DeviceId`, t1.`User`, t1.`Command`, t1.`Size`, t1.`Score`, t1.`Fields`, t1.`Ok` FROM `Events` AS t1) SELECT t3.`Timestamp` AS `c9_`, t3.`DeviceId` AS `c10_`, t3.`User` AS `c11_`, t3.`Command` AS `c12_`, t3.`Size` AS `c13_`, t3.`Score` AS `c14_`, t3.`Fields` AS `c15_`, t3.`Ok` AS `c16_` FROM `s1` AS t3 WHERE (t3.`Size` > 3) SETTINGS join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0;
-- finished in memory: Project <- Project <- Use
-- because the function hash has no form in the SQL of clickhouse

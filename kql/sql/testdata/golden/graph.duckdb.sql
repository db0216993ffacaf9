-- part 1 of 2, read into memory
SELECT t1."DeviceId", t1."User", t1."Command", t1."Size" FROM "Events" AS t1;
-- part 2 of 2, read into memory
SELECT t1."DeviceId", max(t1."Port") AS "max_Port" FROM "Devices" AS t1 WHERE (CAST(t1."Port" AS BIGINT) > 1) GROUP BY t1."DeviceId";
-- finished in memory: operator graph-match <- Use
-- because the operator graph-match has no form in the SQL of duckdb
-- because the operator make-graph has no form in the SQL of duckdb

-- part 1 of 1, read into memory
SELECT t1."Timestamp", t1."Size" FROM "Events" AS t1 WHERE (t1."User" = 'bob') ORDER BY t1."Timestamp" NULLS FIRST;
-- finished in memory: Filter <- operator scan <- Values
-- because the operator scan has no form in the SQL of duckdb

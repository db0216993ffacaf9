SELECT t1."Timestamp" - (t1."Timestamp" % 864000000000) AS "Timestamp", count(*) AS "c2_" FROM "Events" AS t1 GROUP BY t1."Timestamp" - (t1."Timestamp" % 864000000000);

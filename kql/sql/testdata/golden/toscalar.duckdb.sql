SELECT t1."User" FROM "Events" AS t1 WHERE (t1."Size" = (SELECT max(t2."Size") AS "max_Size" FROM "Events" AS t2));

SELECT t1."User", t1."DeviceId" FROM "Events" AS t1 GROUP BY t1."User", t1."DeviceId" LIMIT 3;

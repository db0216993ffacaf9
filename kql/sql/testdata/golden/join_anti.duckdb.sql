SELECT count(*) AS "Count" FROM "Events" AS t1 ANTI JOIN (SELECT t2."DeviceId", t2."Name" FROM "Devices" AS t2 WHERE starts_with(lower(t2."Name"), 'srv')) AS t3 ON (t1."DeviceId" = t3."DeviceId");

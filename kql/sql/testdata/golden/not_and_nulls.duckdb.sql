SELECT t1."Size", t1."Score" FROM "Events" AS t1 WHERE ((NOT (t1."Size" IS NOT DISTINCT FROM 3)) OR ((t1."Score" > 5e-01) AND (NOT isnan(t1."Score"))));

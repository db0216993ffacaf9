-- +goose Up
-- Pairs of incidents that people parted, the older one first, and what each stands
-- for now: that follows merges.
CREATE TABLE parting (
    ws    INTEGER NOT NULL,
    a     INTEGER NOT NULL,
    b     INTEGER NOT NULL,
    now_a INTEGER NOT NULL,
    now_b INTEGER NOT NULL,
    PRIMARY KEY (ws, a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX parting_by_now_a ON parting (ws, now_a);
CREATE INDEX parting_by_now_b ON parting (ws, now_b);

-- The last word about each pair is in the log. What the incidents were merged into
-- is entered at the next start.
INSERT INTO parting (ws, a, b, now_a, now_b)
SELECT ws, a, b, a, b FROM (
    SELECT ws, MIN(one, other) AS a, MAX(one, other) AS b, kind, ROW_NUMBER() OVER (PARTITION BY ws, MIN(one, other), MAX(one, other) ORDER BY key DESC) AS back
    FROM (
        SELECT c.key, c.key >> 40 AS ws, json_extract(c.doc, '$.kind') AS kind, s.value AS other,
            COALESCE(NULLIF(json_extract(c.doc, '$.incident'), 0), json_extract(c.doc, '$.recorded.incident'), 0) AS one
        FROM command_log c, json_each(c.doc, '$.sources') s
        WHERE c.doc LIKE '%"kind":"reject"%' OR c.doc LIKE '%"kind":"unreject"%' OR c.doc LIKE '%"kind":"undoMerge"%'
            OR c.doc LIKE '%"kind":"move"%' OR c.doc LIKE '%"kind":"merge"%'
    ) said
    WHERE one > 0 AND one <> other
) words
WHERE back = 1 AND kind IN ('reject', 'undoMerge', 'move');

-- +goose Down
DROP TABLE parting;

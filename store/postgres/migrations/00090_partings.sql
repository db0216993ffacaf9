-- +goose Up
-- Pairs of incidents that people parted, the older one first, and what each stands
-- for now: that follows merges.
CREATE TABLE parting (
    ws    BIGINT NOT NULL,
    a     BIGINT NOT NULL,
    b     BIGINT NOT NULL,
    now_a BIGINT NOT NULL,
    now_b BIGINT NOT NULL,
    PRIMARY KEY (ws, a, b)
);
CREATE INDEX parting_by_now_a ON parting (ws, now_a);
CREATE INDEX parting_by_now_b ON parting (ws, now_b);

-- The last word about each pair is in the log. What the incidents were merged into
-- is entered at the next start.
INSERT INTO parting (ws, a, b, now_a, now_b)
SELECT ws, a, b, a, b FROM (
    SELECT ws, LEAST(one, other) AS a, GREATEST(one, other) AS b, kind, ROW_NUMBER() OVER (PARTITION BY ws, LEAST(one, other), GREATEST(one, other) ORDER BY key DESC) AS back
    FROM (
        SELECT d.key, d.key >> 40 AS ws, d.doc->>'kind' AS kind, s.value::bigint AS other,
            COALESCE(NULLIF((d.doc->>'incident')::bigint, 0), (d.doc->'recorded'->>'incident')::bigint, 0) AS one
        FROM (
            SELECT key, replace(doc, '\u0000', '\ufffd')::json AS doc FROM command_log -- an escaped NUL is more than PostgreSQL reads
            WHERE doc LIKE '%"kind":"reject"%' OR doc LIKE '%"kind":"unreject"%' OR doc LIKE '%"kind":"undoMerge"%'
                OR doc LIKE '%"kind":"move"%' OR doc LIKE '%"kind":"merge"%'
        ) d, json_array_elements_text(d.doc->'sources') s
    ) said
    WHERE one > 0 AND one <> other
) words
WHERE back = 1 AND kind IN ('reject', 'undoMerge', 'move');

-- +goose Down
DROP TABLE parting;

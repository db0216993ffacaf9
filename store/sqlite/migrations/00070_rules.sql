-- +goose Up
-- What came of each rule, counted as alerts are written: "hash" is that of its name.
CREATE TABLE alert_rule (
    ws        INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    rule      TEXT NOT NULL,
    title     TEXT NOT NULL, -- of the version that came last
    product   TEXT NOT NULL,
    alerts    INTEGER NOT NULL,
    incidents INTEGER NOT NULL,
    excluded  INTEGER NOT NULL,
    stamp     INTEGER NOT NULL, -- of the version that came last, as in alert_stamp
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    PRIMARY KEY (ws, hash)
) STRICT, WITHOUT ROWID;

-- How many alerts of a rule are in an incident, at least one.
CREATE TABLE alert_rule_incident (
    incident INTEGER NOT NULL, -- key
    hash     BLOB NOT NULL,
    alerts   INTEGER NOT NULL,
    PRIMARY KEY (incident, hash)
) STRICT, WITHOUT ROWID;

INSERT INTO alert_rule_incident (incident, hash, alerts)
SELECT incident, clew_hash(rule), COUNT(*) FROM alert GROUP BY incident, rule;

INSERT INTO alert_rule (ws, hash, rule, title, product, alerts, incidents, excluded, stamp, first, last)
SELECT ws, clew_hash(rule), rule, MAX(CASE WHEN back = 1 THEN title ELSE '' END), MAX(CASE WHEN back = 1 THEN product ELSE '' END),
    COUNT(*), COUNT(DISTINCT incident), SUM(stamp % 2), MAX(CASE WHEN back = 1 THEN stamp ELSE 0 END), MIN(first_activity), MAX(last_activity)
FROM (
    SELECT a.ws, a.rule, a.title, a.product, a.incident, a.first_activity, a.last_activity, COALESCE(x.stamp, 0) AS stamp,
        ROW_NUMBER() OVER (PARTITION BY a.ws, a.rule ORDER BY a.seq DESC) AS back
    FROM alert a LEFT JOIN alert_stamp x ON x.key = a.key
) versions
GROUP BY ws, rule;

-- +goose Down
DROP TABLE alert_rule_incident;
DROP TABLE alert_rule;

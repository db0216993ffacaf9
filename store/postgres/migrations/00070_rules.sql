-- +goose Up
-- What came of each rule, counted as alerts are written: "hash" is that of its name.
CREATE TABLE alert_rule (
    ws        BIGINT NOT NULL,
    hash      BYTEA NOT NULL,
    rule      TEXT COLLATE "C" NOT NULL,
    title     TEXT COLLATE "C" NOT NULL, -- of the version that came last
    product   TEXT COLLATE "C" NOT NULL,
    alerts    BIGINT NOT NULL,
    incidents BIGINT NOT NULL,
    excluded  BIGINT NOT NULL,
    stamp     BIGINT NOT NULL, -- of the version that came last, as in alert_stamp
    first     BIGINT NOT NULL,
    last      BIGINT NOT NULL,
    PRIMARY KEY (ws, hash)
);

-- How many alerts of a rule are in an incident, at least one.
CREATE TABLE alert_rule_incident (
    incident BIGINT NOT NULL, -- key
    hash     BYTEA NOT NULL,
    alerts   BIGINT NOT NULL,
    PRIMARY KEY (incident, hash)
);

INSERT INTO alert_rule_incident (incident, hash, alerts)
SELECT incident, substring(sha256(int8send(octet_length(convert_to(rule, 'UTF8'))::bigint) || convert_to(rule, 'UTF8')) from 1 for 16), COUNT(*) FROM alert GROUP BY incident, rule;

INSERT INTO alert_rule (ws, hash, rule, title, product, alerts, incidents, excluded, stamp, first, last)
SELECT ws, substring(sha256(int8send(octet_length(convert_to(rule, 'UTF8'))::bigint) || convert_to(rule, 'UTF8')) from 1 for 16), rule, MAX(CASE WHEN back = 1 THEN title ELSE '' END), MAX(CASE WHEN back = 1 THEN product ELSE '' END),
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

-- +goose Up
-- Alerts whose rule was excluded from correlation when they came, or that carried
-- a tag for it: few, so they have a table of their own.
CREATE TABLE alert_stamp (
    key   INTEGER PRIMARY KEY, -- of the alert
    stamp INTEGER NOT NULL -- 1 excluded, 2 tagged to be included, 4 tagged to be excluded
) STRICT;

-- Every version of a workspace's correlation settings; the last one holds.
CREATE TABLE correlation_settings (
    ws       INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL, -- who, when, what changed
    settings BLOB NOT NULL, -- compressed JSON
    PRIMARY KEY (ws, version)
) STRICT, WITHOUT ROWID;

-- Pairs of incidents that may be related, the older one first.
CREATE TABLE suggestion (
    ws    INTEGER NOT NULL,
    a     INTEGER NOT NULL,
    b     INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    state TEXT NOT NULL,
    doc   TEXT NOT NULL,
    PRIMARY KEY (ws, a, b)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX suggestion_by_id ON suggestion (ws, id);
CREATE INDEX suggestion_by_b ON suggestion (ws, b);

-- +goose Down
DROP TABLE suggestion;
DROP TABLE correlation_settings;
DROP TABLE alert_stamp;

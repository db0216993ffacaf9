-- +goose Up
-- Alerts whose rule was excluded from correlation when they came, or that carried
-- a tag for it: few, so they have a table of their own.
CREATE TABLE alert_stamp (
    key   BIGINT PRIMARY KEY, -- of the alert
    stamp BIGINT NOT NULL -- 1 excluded, 2 tagged to be included, 4 tagged to be excluded
);

-- Every version of a workspace's correlation settings; the last one holds.
CREATE TABLE correlation_settings (
    ws       BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    doc      TEXT COLLATE "C" NOT NULL, -- who, when, what changed
    settings BYTEA NOT NULL, -- compressed JSON
    PRIMARY KEY (ws, version)
);

-- Pairs of incidents that may be related, the older one first.
CREATE TABLE suggestion (
    ws    BIGINT NOT NULL,
    a     BIGINT NOT NULL,
    b     BIGINT NOT NULL,
    id    BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    doc   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ws, a, b)
);
CREATE UNIQUE INDEX suggestion_by_id ON suggestion (ws, id);
CREATE INDEX suggestion_by_b ON suggestion (ws, b);

-- +goose Down
DROP TABLE suggestion;
DROP TABLE correlation_settings;
DROP TABLE alert_stamp;

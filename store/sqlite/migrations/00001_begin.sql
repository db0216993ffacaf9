-- +goose Up
-- A "key" holds the workspace in its upper bits and the number within the
-- workspace in its lower 40: one integer finds a row, and the rows of a workspace
-- lie together. Times are microseconds since 1970, UTC.

CREATE TABLE workspace (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    seq      INTEGER NOT NULL DEFAULT 0, -- last log position
    rev      INTEGER NOT NULL DEFAULT 0, -- grows with every commit
    activity INTEGER NOT NULL DEFAULT 0, -- last number of an activity
    reject   INTEGER NOT NULL DEFAULT 0  -- last number of a dead letter
) STRICT;

-- Every version of every alert in its normal form, by log position.
CREATE TABLE alert_log (
    key      INTEGER PRIMARY KEY, -- log position
    alert    TEXT NOT NULL,
    source   TEXT NOT NULL,
    received INTEGER NOT NULL,
    normal   BLOB,
    raw      BLOB
) STRICT;

-- The current version of every alert. The number in its key is the log position
-- of its first version, so that it stays the same.
CREATE TABLE alert (
    key              INTEGER PRIMARY KEY,
    ws               INTEGER NOT NULL,
    id               TEXT NOT NULL,
    id_hash          BLOB NOT NULL, -- ids may be longer than an index takes
    seq              INTEGER NOT NULL, -- of this version
    replaces         INTEGER NOT NULL,
    source           TEXT NOT NULL,
    received         INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    incident         INTEGER NOT NULL, -- key
    severity         TEXT NOT NULL,
    severity_rank    INTEGER NOT NULL,
    status           TEXT NOT NULL,
    classification   TEXT NOT NULL,
    determination    TEXT NOT NULL,
    owner            TEXT NOT NULL,
    category         TEXT NOT NULL,
    tactics          TEXT NOT NULL, -- each between unit separators
    techniques       TEXT NOT NULL,
    product          TEXT NOT NULL,
    service_source   TEXT NOT NULL,
    detection_source TEXT NOT NULL,
    rule             TEXT NOT NULL,
    first_activity   INTEGER NOT NULL,
    last_activity    INTEGER NOT NULL,
    title            TEXT NOT NULL,
    search           TEXT NOT NULL, -- lower case
    link             TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_by_id ON alert (ws, id_hash);
CREATE INDEX alert_by_incident ON alert (incident, first_activity, seq);
CREATE INDEX alert_by_activity ON alert (ws, last_activity, seq);
CREATE INDEX alert_by_received ON alert (ws, received, seq);

CREATE TABLE alert_entity (
    alert    INTEGER NOT NULL,
    entity   INTEGER NOT NULL,
    evidence INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    impacted INTEGER NOT NULL,
    verdict  TEXT NOT NULL,
    roles    TEXT NOT NULL,
    PRIMARY KEY (alert, entity, evidence)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_entity_by_entity ON alert_entity (entity, alert);

CREATE TABLE entity (
    key         INTEGER PRIMARY KEY,
    ws          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    label       TEXT NOT NULL,
    critical    INTEGER NOT NULL,
    redirect_to INTEGER NOT NULL, -- key, 0 when it stands for itself
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    search      TEXT NOT NULL -- label and identifiers in lower case, one a line
) STRICT;
CREATE INDEX entity_by_last_seen ON entity (ws, last_seen, key);
CREATE INDEX entity_by_redirect ON entity (redirect_to) WHERE redirect_to <> 0;

CREATE TABLE entity_identifier (
    entity INTEGER NOT NULL,
    hash   BLOB NOT NULL, -- of kind, type, scope and value
    kind   TEXT NOT NULL,
    type   TEXT NOT NULL,
    scope  TEXT NOT NULL,
    value  TEXT NOT NULL,
    alert  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (entity, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    key    INTEGER PRIMARY KEY,
    ws     INTEGER NOT NULL,
    rev    INTEGER NOT NULL, -- of the commit that wrote it last
    facets TEXT NOT NULL,    -- what the queue filters and sorts by, JSON
    doc    BLOB NOT NULL     -- the head, compressed JSON
) STRICT;
CREATE INDEX incident_by_rev ON incident (ws, rev);

-- What a search looks into, in lower case. Apart, because every search reads all of it.
CREATE TABLE incident_text (
    key    INTEGER PRIMARY KEY,
    search TEXT NOT NULL
) STRICT;

CREATE TABLE incident_entity (
    incident INTEGER NOT NULL,
    entity   INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    impacted INTEGER NOT NULL,
    verdict  INTEGER NOT NULL, -- rank
    roles    INTEGER NOT NULL, -- bits
    alerts   INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (incident, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_entity_by_entity ON incident_entity (entity, incident);

CREATE TABLE activity (
    key        INTEGER PRIMARY KEY,
    incident   INTEGER NOT NULL, -- key
    origin     INTEGER NOT NULL, -- number of an incident, 0 when it happened here
    at         INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    kind       TEXT NOT NULL,
    merge_id   INTEGER NOT NULL,
    search     TEXT NOT NULL,
    doc        TEXT NOT NULL
) STRICT;
CREATE INDEX activity_by_incident ON activity (incident, key);

CREATE TABLE incident_merge (
    ws        INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    target    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    undone_at INTEGER NOT NULL,
    doc       BLOB NOT NULL,
    PRIMARY KEY (ws, id)
) STRICT;
CREATE INDEX incident_merge_by_target ON incident_merge (ws, target, at);

CREATE TABLE command_log (
    key INTEGER PRIMARY KEY, -- log position
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE checkpoint (
    key      INTEGER PRIMARY KEY, -- log position
    snapshot BLOB NOT NULL
) STRICT;

CREATE TABLE reject (
    key       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    source    TEXT NOT NULL,
    origin    TEXT NOT NULL,
    record    INTEGER NOT NULL,
    field     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    raw       BLOB,
    raw_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX reject_by_time ON reject (at);

CREATE TABLE intake (
    ws        INTEGER NOT NULL,
    source    TEXT NOT NULL,
    received  INTEGER NOT NULL,
    added     INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    folded    INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    PRIMARY KEY (ws, source)
) STRICT;

-- How many alerts came in per hour; hours since 1970.
CREATE TABLE alert_hour (
    ws     INTEGER NOT NULL,
    hour   INTEGER NOT NULL,
    alerts INTEGER NOT NULL,
    PRIMARY KEY (ws, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    name         TEXT PRIMARY KEY NOT NULL,
    display_name TEXT NOT NULL,
    role         TEXT NOT NULL,
    password     TEXT NOT NULL,
    disabled     INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    last_sign_in INTEGER NOT NULL,
    settings     TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    hash      BLOB PRIMARY KEY NOT NULL,
    account   TEXT NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    address   TEXT NOT NULL,
    agent     TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account);
CREATE INDEX session_by_expiry ON session (expires);

CREATE TABLE token (
    id        TEXT PRIMARY KEY NOT NULL,
    name      TEXT NOT NULL,
    hash      BLOB NOT NULL UNIQUE,
    account   TEXT NOT NULL,
    scopes    TEXT NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT;

CREATE TABLE invitation (
    hash    BLOB PRIMARY KEY NOT NULL,
    account TEXT NOT NULL,
    role    TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE invitation;
DROP TABLE token;
DROP TABLE session;
DROP TABLE account;
DROP TABLE alert_hour;
DROP TABLE intake;
DROP TABLE reject;
DROP TABLE checkpoint;
DROP TABLE command_log;
DROP TABLE incident_merge;
DROP TABLE activity;
DROP TABLE incident_entity;
DROP TABLE incident_text;
DROP TABLE incident;
DROP TABLE entity_identifier;
DROP TABLE entity;
DROP TABLE alert_entity;
DROP TABLE alert;
DROP TABLE alert_log;
DROP TABLE workspace;

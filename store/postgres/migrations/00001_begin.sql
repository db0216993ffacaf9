-- +goose Up
-- A "key" holds the workspace in its upper bits and the number within the
-- workspace in its lower 40: one integer finds a row, and the rows of a workspace
-- lie together. Times are microseconds since 1970, UTC. Text compares by bytes.

CREATE TABLE workspace (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     TEXT COLLATE "C" NOT NULL UNIQUE,
    seq      BIGINT NOT NULL DEFAULT 0, -- last log position
    rev      BIGINT NOT NULL DEFAULT 0, -- grows with every commit
    activity BIGINT NOT NULL DEFAULT 0, -- last number of an activity
    reject   BIGINT NOT NULL DEFAULT 0  -- last number of a dead letter
);

-- Every version of every alert in its normal form, by log position.
CREATE TABLE alert_log (
    key      BIGINT PRIMARY KEY, -- log position
    alert    TEXT COLLATE "C" NOT NULL,
    source   TEXT COLLATE "C" NOT NULL,
    received BIGINT NOT NULL,
    normal   BYTEA,
    raw      BYTEA
);

-- The current version of every alert. The number in its key is the log position
-- of its first version, so that it stays the same.
CREATE TABLE alert (
    key              BIGINT PRIMARY KEY,
    ws               BIGINT NOT NULL,
    id               TEXT COLLATE "C" NOT NULL,
    id_hash          BYTEA NOT NULL, -- ids may be longer than an index takes
    seq              BIGINT NOT NULL, -- of this version
    replaces         BIGINT NOT NULL,
    source           TEXT COLLATE "C" NOT NULL,
    received         BIGINT NOT NULL,
    updated          BIGINT NOT NULL,
    incident         BIGINT NOT NULL, -- key
    severity         TEXT COLLATE "C" NOT NULL,
    severity_rank    BIGINT NOT NULL,
    status           TEXT COLLATE "C" NOT NULL,
    classification   TEXT COLLATE "C" NOT NULL,
    determination    TEXT COLLATE "C" NOT NULL,
    owner            TEXT COLLATE "C" NOT NULL,
    category         TEXT COLLATE "C" NOT NULL,
    tactics          TEXT COLLATE "C" NOT NULL, -- each between unit separators
    techniques       TEXT COLLATE "C" NOT NULL,
    product          TEXT COLLATE "C" NOT NULL,
    service_source   TEXT COLLATE "C" NOT NULL,
    detection_source TEXT COLLATE "C" NOT NULL,
    rule             TEXT COLLATE "C" NOT NULL,
    first_activity   BIGINT NOT NULL,
    last_activity    BIGINT NOT NULL,
    title            TEXT COLLATE "C" NOT NULL,
    search           TEXT COLLATE "C" NOT NULL, -- lower case
    link             TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX alert_by_id ON alert (ws, id_hash);
CREATE INDEX alert_by_incident ON alert (incident, first_activity, seq);
CREATE INDEX alert_by_activity ON alert (ws, last_activity, seq);
CREATE INDEX alert_by_received ON alert (ws, received, seq);

CREATE TABLE alert_entity (
    alert    BIGINT NOT NULL,
    entity   BIGINT NOT NULL,
    evidence BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    impacted BIGINT NOT NULL,
    verdict  TEXT COLLATE "C" NOT NULL,
    roles    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (alert, entity, evidence)
);
CREATE INDEX alert_entity_by_entity ON alert_entity (entity, alert);

CREATE TABLE entity (
    key         BIGINT PRIMARY KEY,
    ws          BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    label       TEXT COLLATE "C" NOT NULL,
    critical    BIGINT NOT NULL,
    redirect_to BIGINT NOT NULL, -- key, 0 when it stands for itself
    first_seen  BIGINT NOT NULL,
    last_seen   BIGINT NOT NULL,
    search      TEXT COLLATE "C" NOT NULL -- label and identifiers in lower case, one a line
);
CREATE INDEX entity_by_last_seen ON entity (ws, last_seen, key);
CREATE INDEX entity_by_redirect ON entity (redirect_to) WHERE redirect_to <> 0;

CREATE TABLE entity_identifier (
    entity BIGINT NOT NULL,
    hash   BYTEA NOT NULL, -- of kind, type, scope and value
    kind   TEXT COLLATE "C" NOT NULL,
    type   TEXT COLLATE "C" NOT NULL,
    scope  TEXT COLLATE "C" NOT NULL,
    value  TEXT COLLATE "C" NOT NULL,
    alert  TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (entity, hash)
);

CREATE TABLE incident (
    key    BIGINT PRIMARY KEY,
    ws     BIGINT NOT NULL,
    rev    BIGINT NOT NULL, -- of the commit that wrote it last
    facets TEXT COLLATE "C" NOT NULL,    -- what the queue filters and sorts by, JSON
    doc    BYTEA NOT NULL     -- the head, compressed JSON
);
CREATE INDEX incident_by_rev ON incident (ws, rev);

-- What a search looks into, in lower case. Apart, because every search reads all of it.
CREATE TABLE incident_text (
    key    BIGINT PRIMARY KEY,
    search TEXT COLLATE "C" NOT NULL
);

CREATE TABLE incident_entity (
    incident BIGINT NOT NULL,
    entity   BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    impacted BIGINT NOT NULL,
    verdict  BIGINT NOT NULL, -- rank
    roles    BIGINT NOT NULL, -- bits
    alerts   BIGINT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    PRIMARY KEY (incident, entity)
);
CREATE INDEX incident_entity_by_entity ON incident_entity (entity, incident);

CREATE TABLE activity (
    key        BIGINT PRIMARY KEY,
    incident   BIGINT NOT NULL, -- key
    origin     BIGINT NOT NULL, -- number of an incident, 0 when it happened here
    at         BIGINT NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    merge_id   BIGINT NOT NULL,
    search     TEXT COLLATE "C" NOT NULL,
    doc        TEXT COLLATE "C" NOT NULL
);
CREATE INDEX activity_by_incident ON activity (incident, key);

CREATE TABLE incident_merge (
    ws        BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    target    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    undone_at BIGINT NOT NULL,
    doc       BYTEA NOT NULL,
    PRIMARY KEY (ws, id)
);
CREATE INDEX incident_merge_by_target ON incident_merge (ws, target, at);

CREATE TABLE command_log (
    key BIGINT PRIMARY KEY, -- log position
    doc TEXT COLLATE "C" NOT NULL
);

CREATE TABLE checkpoint (
    key      BIGINT PRIMARY KEY, -- log position
    snapshot BYTEA NOT NULL
);

CREATE TABLE reject (
    key       BIGINT PRIMARY KEY,
    at        BIGINT NOT NULL,
    source    TEXT COLLATE "C" NOT NULL,
    origin    TEXT COLLATE "C" NOT NULL,
    record    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL,
    reason    TEXT COLLATE "C" NOT NULL,
    raw       BYTEA,
    raw_bytes BIGINT NOT NULL
);
CREATE INDEX reject_by_time ON reject (at);

CREATE TABLE intake (
    ws        BIGINT NOT NULL,
    source    TEXT COLLATE "C" NOT NULL,
    received  BIGINT NOT NULL,
    added     BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    rejected  BIGINT NOT NULL,
    folded    BIGINT NOT NULL,
    last      BIGINT NOT NULL,
    PRIMARY KEY (ws, source)
);

-- How many alerts came in per hour; hours since 1970.
CREATE TABLE alert_hour (
    ws     BIGINT NOT NULL,
    hour   BIGINT NOT NULL,
    alerts BIGINT NOT NULL,
    PRIMARY KEY (ws, hour)
);

CREATE TABLE account (
    name         TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    password     TEXT COLLATE "C" NOT NULL,
    disabled     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    last_sign_in BIGINT NOT NULL,
    settings     TEXT COLLATE "C" NOT NULL
);

CREATE TABLE session (
    hash      BYTEA PRIMARY KEY NOT NULL,
    account   TEXT COLLATE "C" NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    address   TEXT COLLATE "C" NOT NULL,
    agent     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX session_by_account ON session (account);
CREATE INDEX session_by_expiry ON session (expires);

CREATE TABLE token (
    id        TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    hash      BYTEA NOT NULL UNIQUE,
    account   TEXT COLLATE "C" NOT NULL,
    scopes    TEXT COLLATE "C" NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    last_used BIGINT NOT NULL
);

CREATE TABLE invitation (
    hash    BYTEA PRIMARY KEY NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    role    TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL
);

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

-- +goose Up
ALTER TABLE entity_identifier ADD COLUMN inventory TEXT COLLATE "C" NOT NULL DEFAULT ''; -- file and row, when that taught it

-- Users and devices that the organisation told of; the number in the key is that
-- of the asset.
CREATE TABLE inventory_asset (
    key      BIGINT PRIMARY KEY,
    ws       BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    critical BIGINT NOT NULL,
    leases   BIGINT NOT NULL,
    digest   BYTEA NOT NULL, -- of the row that changed it last
    doc      BYTEA NOT NULL -- compressed JSON
);
CREATE INDEX inventory_asset_by_digest ON inventory_asset (ws, digest);

CREATE TABLE inventory_name (
    ws    BIGINT NOT NULL,
    hash  BYTEA NOT NULL, -- as in entity_identifier
    asset BIGINT NOT NULL, -- key
    PRIMARY KEY (ws, hash, asset)
);
CREATE INDEX inventory_name_by_asset ON inventory_name (asset);

CREATE TABLE inventory_import (
    key BIGINT PRIMARY KEY,
    at  BIGINT NOT NULL,
    doc TEXT COLLATE "C" NOT NULL
);

CREATE TABLE entity_conflict (
    ws        BIGINT NOT NULL,
    hash      BYTEA NOT NULL, -- of what contradicts what
    entity    BIGINT NOT NULL, -- keys, 0 when none
    other     BIGINT NOT NULL,
    by_hash   BYTEA NOT NULL,
    has_hash  BYTEA NOT NULL,
    says_hash BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    settled   BIGINT NOT NULL, -- the split that settled it, 0 while it stands
    doc       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ws, hash)
);
CREATE INDEX entity_conflict_by_entity ON entity_conflict (entity);
CREATE INDEX entity_conflict_by_other ON entity_conflict (other);
CREATE INDEX entity_conflict_by_name ON entity_conflict (ws, by_hash);

CREATE TABLE entity_split (
    key    BIGINT PRIMARY KEY,
    entity BIGINT NOT NULL, -- keys
    part   BIGINT NOT NULL,
    doc    BYTEA NOT NULL
);
CREATE INDEX entity_split_by_entity ON entity_split (entity);
CREATE INDEX entity_split_by_part ON entity_split (part);

-- +goose Down
DROP TABLE entity_split;
DROP TABLE entity_conflict;
DROP TABLE inventory_import;
DROP TABLE inventory_name;
DROP TABLE inventory_asset;
ALTER TABLE entity_identifier DROP COLUMN inventory;

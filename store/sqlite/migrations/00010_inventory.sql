-- +goose Up
ALTER TABLE entity_identifier ADD COLUMN inventory TEXT NOT NULL DEFAULT ''; -- file and row, when that taught it

-- Users and devices that the organisation told of; the number in the key is that
-- of the asset.
CREATE TABLE inventory_asset (
    key      INTEGER PRIMARY KEY,
    ws       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    critical INTEGER NOT NULL,
    leases   INTEGER NOT NULL,
    digest   BLOB NOT NULL, -- of the row that changed it last
    doc      BLOB NOT NULL -- compressed JSON
) STRICT;
CREATE INDEX inventory_asset_by_digest ON inventory_asset (ws, digest);

CREATE TABLE inventory_name (
    ws    INTEGER NOT NULL,
    hash  BLOB NOT NULL, -- as in entity_identifier
    asset INTEGER NOT NULL, -- key
    PRIMARY KEY (ws, hash, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_name_by_asset ON inventory_name (asset);

CREATE TABLE inventory_import (
    key INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE entity_conflict (
    ws        INTEGER NOT NULL,
    hash      BLOB NOT NULL, -- of what contradicts what
    entity    INTEGER NOT NULL, -- keys, 0 when none
    other     INTEGER NOT NULL,
    by_hash   BLOB NOT NULL,
    has_hash  BLOB NOT NULL,
    says_hash BLOB NOT NULL,
    at        INTEGER NOT NULL,
    settled   INTEGER NOT NULL, -- the split that settled it, 0 while it stands
    doc       TEXT NOT NULL,
    PRIMARY KEY (ws, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_conflict_by_entity ON entity_conflict (entity);
CREATE INDEX entity_conflict_by_other ON entity_conflict (other);
CREATE INDEX entity_conflict_by_name ON entity_conflict (ws, by_hash);

CREATE TABLE entity_split (
    key    INTEGER PRIMARY KEY,
    entity INTEGER NOT NULL, -- keys
    part   INTEGER NOT NULL,
    doc    BLOB NOT NULL
) STRICT;
CREATE INDEX entity_split_by_entity ON entity_split (entity);
CREATE INDEX entity_split_by_part ON entity_split (part);

-- +goose Down
DROP TABLE entity_split;
DROP TABLE entity_conflict;
DROP TABLE inventory_import;
DROP TABLE inventory_name;
DROP TABLE inventory_asset;
ALTER TABLE entity_identifier DROP COLUMN inventory;

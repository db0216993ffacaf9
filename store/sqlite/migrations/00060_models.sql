-- +goose Up
-- Models that people uploaded or had trained. Settings name them by number, so no
-- number is given out twice: model_count holds the last one.
CREATE TABLE model (
    key     INTEGER PRIMARY KEY,
    ws      INTEGER NOT NULL,
    version TEXT NOT NULL,
    head    TEXT NOT NULL, -- JSON
    file    BLOB           -- packed; NULL until it is trained
) STRICT;
CREATE UNIQUE INDEX model_version ON model (ws, version);

CREATE TABLE model_count (
    ws   INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE model_count;
DROP TABLE model;

-- +goose Up
-- Models that people uploaded or had trained. Settings name them by number, so no
-- number is given out twice: model_count holds the last one.
CREATE TABLE model (
    key     BIGINT PRIMARY KEY,
    ws      BIGINT NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    head    TEXT COLLATE "C" NOT NULL, -- JSON
    file    BYTEA                     -- packed; NULL until it is trained
);
CREATE UNIQUE INDEX model_version ON model (ws, version);

CREATE TABLE model_count (
    ws   BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);

-- +goose Down
DROP TABLE model_count;
DROP TABLE model;

-- +goose Up
-- What people hunt with: saved queries, their runs, watchlists.
CREATE TABLE hunting_query (
    key      BIGINT PRIMARY KEY,
    ws       BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    function TEXT COLLATE "C" NOT NULL, -- empty when other queries can't call it
    head     TEXT COLLATE "C" NOT NULL  -- JSON
);
CREATE UNIQUE INDEX hunting_query_function ON hunting_query (ws, function) WHERE function <> '';

CREATE TABLE hunting_run (
    key     BIGINT PRIMARY KEY,
    account TEXT COLLATE "C" NOT NULL,
    head    TEXT COLLATE "C" NOT NULL -- JSON
);

CREATE TABLE watchlist (
    ws    BIGINT NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    head  TEXT COLLATE "C" NOT NULL, -- JSON
    items BYTEA,                    -- packed JSON
    PRIMARY KEY (ws, name)
);

-- +goose Down
DROP TABLE watchlist;
DROP TABLE hunting_run;
DROP TABLE hunting_query;

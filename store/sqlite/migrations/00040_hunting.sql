-- +goose Up
-- What people hunt with: saved queries, their runs, watchlists.
CREATE TABLE hunting_query (
    key      INTEGER PRIMARY KEY,
    ws       INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    function TEXT NOT NULL, -- empty when other queries can't call it
    head     TEXT NOT NULL  -- JSON
) STRICT;
CREATE UNIQUE INDEX hunting_query_function ON hunting_query (ws, function) WHERE function <> '';

CREATE TABLE hunting_run (
    key     INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    head    TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE watchlist (
    ws    INTEGER NOT NULL,
    name  TEXT NOT NULL,
    head  TEXT NOT NULL, -- JSON
    items BLOB,          -- packed JSON
    PRIMARY KEY (ws, name)
) STRICT;

-- +goose Down
DROP TABLE watchlist;
DROP TABLE hunting_run;
DROP TABLE hunting_query;

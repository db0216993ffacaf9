-- +goose Up
-- What-if runs: the head is small and listed, the findings are read one at a time.
CREATE TABLE backtest (
    key    INTEGER PRIMARY KEY,
    head   TEXT NOT NULL, -- JSON
    findings BLOB         -- packed JSON
) STRICT;

-- +goose Down
DROP TABLE backtest;

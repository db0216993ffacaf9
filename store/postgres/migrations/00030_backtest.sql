-- +goose Up
-- What-if runs: the head is small and listed, the findings are read one at a time.
CREATE TABLE backtest (
    key    BIGINT PRIMARY KEY,
    head   TEXT COLLATE "C" NOT NULL, -- JSON
    findings BYTEA                    -- packed JSON
);

-- +goose Down
DROP TABLE backtest;

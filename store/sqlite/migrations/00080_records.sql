-- +goose Up
-- What was decided about this version, in the correlation engine's own form; NULL
-- where it came before such was kept.
ALTER TABLE alert_log ADD COLUMN record BLOB;

-- +goose Down
ALTER TABLE alert_log DROP COLUMN record;

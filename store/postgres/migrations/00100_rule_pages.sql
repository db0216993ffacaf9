-- +goose Up
-- The list of rules goes by their alerts. Their names may be longer than an index takes.
CREATE INDEX alert_rule_by_alerts ON alert_rule (ws, alerts);

-- +goose Down
DROP INDEX alert_rule_by_alerts;

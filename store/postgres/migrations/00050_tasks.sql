-- +goose Up
-- What is to do for an incident; the number in the key is that of the task.
CREATE TABLE incident_task (
    key      BIGINT PRIMARY KEY,
    incident BIGINT NOT NULL, -- key
    position BIGINT NOT NULL, -- in the incident's list
    doc      BYTEA NOT NULL    -- compressed JSON
);
CREATE INDEX incident_task_by_incident ON incident_task (incident, position);

-- +goose Down
DROP TABLE incident_task;

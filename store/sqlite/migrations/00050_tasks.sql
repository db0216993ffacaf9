-- +goose Up
-- What is to do for an incident; the number in the key is that of the task.
CREATE TABLE incident_task (
    key      INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL, -- key
    position INTEGER NOT NULL, -- in the incident's list
    doc      BLOB NOT NULL     -- compressed JSON
) STRICT;
CREATE INDEX incident_task_by_incident ON incident_task (incident, position);

-- +goose Down
DROP TABLE incident_task;

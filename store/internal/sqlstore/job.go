package sqlstore

import (
	"github.com/riverqueue/river"

	"github.com/clew-sec/clew/store"
)

// JobArgs hands a job to River as it is: a kind and JSON.
type JobArgs struct{ Job store.Job }

// Kind implements river.JobArgs.
func (j JobArgs) Kind() string { return j.Job.Kind }

// MarshalJSON gives the arguments; none are an empty object.
func (j JobArgs) MarshalJSON() ([]byte, error) {
	if len(j.Job.Args) == 0 {
		return []byte("{}"), nil
	}
	return j.Job.Args, nil
}

// JobOptions gives River's options: when the job is due, the zero time is now.
func JobOptions(j store.Job) *river.InsertOpts { return &river.InsertOpts{ScheduledAt: j.At} }

package app

import "testing"

// TestQuiet gives memory back only while little goes on, and only when there may
// be garbage.
func TestQuiet(t *testing.T) {
	const mb = 1 << 20
	var q quiet
	for i, step := range []struct {
		allocated, held uint64
		little, worth   bool
	}{
		{100 * mb, 60 * mb, false, true}, // since the start
		{150 * mb, 110 * mb, false, true},
		{151 * mb, 111 * mb, true, true}, // freed: 20 MB stay
		{152 * mb, 21 * mb, true, false},
		{153 * mb, 22 * mb, true, false},
		{253 * mb, 90 * mb, false, true},
		{254 * mb, 91 * mb, true, true},
	} {
		now := usage{step.allocated, step.held}
		little := q.little(now)
		worth := q.worth(now)
		if little != step.little || worth != step.worth {
			t.Errorf("step %d: little %v, worth %v", i, little, worth)
		}
		if little && worth {
			q.freed(usage{step.allocated, 20 * mb})
		}
	}
	if m := memory(); m.held == 0 || m.allocated < m.held {
		t.Errorf("%+v", m)
	}
}

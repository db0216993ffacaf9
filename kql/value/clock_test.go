package value

import (
	"testing"
	"time"
)

func TestInstants(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Date(1, 1, 1, 0, 0, 0, 100, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_900, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_900, time.UTC),
	} {
		if got := TimeOf(TicksOf(at)); !got.Equal(at) {
			t.Errorf("%v comes back as %v", at, got)
		}
	}
	if TicksOf(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)) != 0 || TicksOf(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)) != MaxDateTime {
		t.Error("instants beyond the range of datetime")
	}
	if TicksOf(time.Unix(0, 0)) != UnixEpoch {
		t.Error("1970")
	}
}

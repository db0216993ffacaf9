package value

import "time"

// TimeOf is the instant of a datetime.
func TimeOf(ticks int64) time.Time {
	since := ticks - UnixEpoch
	return time.Unix(since/Second, since%Second*100).UTC()
}

// TicksOf is the datetime of an instant, cut to 100 ns. Instants before year 1
// or after year 9999 become the first and the last datetime.
func TicksOf(t time.Time) int64 {
	switch {
	case t.Unix() < -UnixEpoch/Second:
		return 0
	case t.Unix() > (MaxDateTime-UnixEpoch)/Second:
		return MaxDateTime
	}
	return UnixEpoch + t.Unix()*Second + int64(t.Nanosecond()/100)
}

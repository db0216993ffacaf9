package telemetry

import "sync"

// Quota bounds how many queries one user has running or waiting at the same
// time. It may be used by several goroutines.
type Quota struct {
	Each int // of one user; 0: no bound

	mu      sync.Mutex
	running map[string]int
}

// Take counts a query of a user until the returned function is called. One too
// many is a *LimitError.
func (q *Quota) Take(user string) (release func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.Each > 0 && q.running[user] >= q.Each {
		return nil, &LimitError{Limit: LimitQueries, Value: int64(q.Each)}
	}
	if q.running == nil {
		q.running = map[string]int{}
	}
	q.running[user]++
	return sync.OnceFunc(func() { q.release(user) }), nil
}

func (q *Quota) release(user string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running[user]--; q.running[user] == 0 {
		delete(q.running, user)
	}
}

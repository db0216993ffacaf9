package duckdb

import (
	"context"
	"os"
	"time"
)

// What was appended stays in memory, unpacked, and in the engine's log until a
// checkpoint moves it into the file. The engine makes one when its log is long;
// an idle server would keep up to that much memory, and read the log again at the
// next start. So once appends have been quiet for a while, one is made.
const (
	quiet = 20 * time.Second
	// worthwhile is the size of the log, in bytes, from which on one is made.
	worthwhile = 1 << 20
)

// settler makes checkpoints when appends are quiet, until it is stopped.
type settler struct {
	touched chan struct{} // an append has been committed; holds one
	cancel  context.CancelFunc
	done    chan struct{}
}

func newSettler(settle func(context.Context) error, failed func(error)) *settler {
	ctx, cancel := context.WithCancel(context.Background())
	t := &settler{touched: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		t.run(ctx, settle, failed)
	}()
	return t
}

// touch says that something was appended.
func (t *settler) touch() {
	select {
	case t.touched <- struct{}{}:
	default:
	}
}

// stop waits for a checkpoint that is being made.
func (t *settler) stop() {
	t.cancel()
	<-t.done
}

func (t *settler) run(ctx context.Context, settle func(context.Context) error, failed func(error)) {
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.touched:
			timer.Reset(quiet)
		case <-timer.C:
			if err := settle(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// appended says that the log has grown.
func (s *Store) appended() {
	if s.settler != nil {
		s.settler.touch()
	}
}

// settle makes a checkpoint when the log is worth it. Appends wait meanwhile.
func (s *Store) settle(ctx context.Context) error {
	info, err := os.Stat(s.opt.File + ".wal")
	if err != nil || info.Size() < worthwhile {
		return nil // without a log there is nothing to move
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	_, err = s.writer.Exec(ctx, "CHECKPOINT")
	return err
}

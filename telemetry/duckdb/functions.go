package duckdb

import (
	"context"
	"fmt"
	"sync"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// maxFunctions is how many functions one store takes; each costs some memory
// for as long as the store is open.
const maxFunctions = 20_000

// functions are those that SQL may call, by name.
type functions struct {
	mu    sync.Mutex
	known map[string]struct{}
}

// Define makes functions known to SQL. One that is known already, by its name,
// is left as it is: a name must always mean the same.
func (s *Store) Define(ctx context.Context, list []telemetry.Function) error {
	if len(list) == 0 {
		return nil
	}
	if err := s.usable(); err != nil {
		return err
	}
	s.functions.mu.Lock()
	defer s.functions.mu.Unlock()
	for _, f := range list {
		if _, ok := s.functions.known[f.Name]; ok {
			continue
		}
		if len(s.functions.known) >= maxFunctions {
			return fmt.Errorf("%w: too many functions of its queries are in use; restart it", telemetry.ErrBusy)
		}
		if err := s.admin.do(ctx, func(c *engine.Conn) error { return c.Register(engine.Function(f)) }); err != nil {
			return fmt.Errorf("registering the function %s: %w", f.Name, err)
		}
		if s.functions.known == nil {
			s.functions.known = map[string]struct{}{}
		}
		s.functions.known[f.Name] = struct{}{}
	}
	return nil
}

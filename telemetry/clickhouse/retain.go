package clickhouse

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/clew-sec/clew/telemetry"
)

// Retain tells the server for how long it keeps the rows of a table, for good
// when 0. It removes them as it merges parts, by the time that Expire goes by; so
// they go even while no Clew runs, and a copy of the table on another server
// loses them too. Rows that are there already are left to Expire: to look at all
// of them again would cost more than it.
func (s *Store) Retain(ctx context.Context, workspace, table string, keep time.Duration) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	t, err := s.lookup(ctx, workspace, table, 0)
	if err != nil {
		return err
	}
	rows, err := s.collect(ctx, "SELECT engine_full FROM system.tables WHERE database = "+text(s.database(workspace))+" AND name = "+text(table))
	if err != nil {
		return fmt.Errorf("reading how long %s is kept: %w", table, err)
	}
	seconds := int64(keep / time.Second)
	engine := rows[0][0].Text
	change := ""
	switch has := strings.Contains(engine, " TTL "); {
	case seconds > 0 && !strings.Contains(engine, fmt.Sprintf("toIntervalSecond(%d)", seconds)):
		change = "MODIFY TTL " + ttlSQL(t, seconds)
	case seconds <= 0 && has:
		change = "REMOVE TTL"
	default:
		return nil
	}
	err = s.http.exec(ctx, "ALTER TABLE "+s.TableSQL(workspace, table)+" "+change, url.Values{"materialize_ttl_after_modify": {"0"}})
	if err != nil {
		return fmt.Errorf("setting how long %s is kept: %w", table, err)
	}
	return nil
}

// ttlSQL is the moment at which a row goes.
func ttlSQL(t *telemetry.Stored, seconds int64) string {
	return fmt.Sprintf("%s + toIntervalSecond(%d)", clockSQL(timeSQL(t), max(0, lastSecond-seconds)), seconds)
}

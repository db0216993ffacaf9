package app

import (
	"crypto/tls"
	"errors"

	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/listen"
)

// SyslogConfig are the addresses on which syslog is listened to; empty ones are
// not.
type SyslogConfig struct{ UDP, TCP, TLS string }

func (c SyslogConfig) none() bool { return c == SyslogConfig{} }

// startSyslog listens for syslog, if that was asked for. The certificate is that of
// the portal.
func (a *App) startSyslog(secure *tls.Config) (err error) {
	c := a.cfg.Syslog
	if c.none() {
		return nil
	}
	if a.events == nil {
		return errors.New("syslog needs a place for its events: it can't be listened to with --telemetry off")
	}
	a.syslog, err = listen.Start(listen.Options{
		UDP: c.UDP, TCP: c.TCP, TLS: c.TLS, Config: secure, Service: a.events, Workspace: DefaultWorkspace, Log: a.cfg.Log.With("component", "syslog"),
		Committed: func(r ingest.Receipt) { a.server.CountEvents("syslog", r) },
	})
	return err
}

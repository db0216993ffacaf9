package app

import (
	"net"
	"testing"
)

// TestSyslogIsStored sends syslog to the running product and finds it after the
// end, which stores what is on its way.
func TestSyslogIsStored(t *testing.T) {
	cfg := Config{Data: t.TempDir(), Syslog: SyslogConfig{TCP: "127.0.0.1:0"}}
	a, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", a.syslog.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("<34>1 2026-11-01T10:00:00Z host.example su 1 ID47 - one\n99999999999 is too long")); err != nil {
		t.Fatal(err)
	}
	// The server ends the connection after it has stored what came before.
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the server answered")
	}
	c.Close()
	if n := rowsIn(t, a.Telemetry(), "Syslog"); n != 1 {
		t.Errorf("%d messages were stored", n)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.Telemetry = TelemetryOff
	off, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := off.Start(t.Context()); err == nil {
		t.Error("syslog was listened to without a place for it")
	}
	if err := off.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

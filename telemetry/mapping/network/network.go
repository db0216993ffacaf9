// Package network maps what sensors and servers see on the wire: Zeek, Suricata
// and the logs of DNS servers. A connection becomes a row of
// DeviceNetworkEvents, under the name of the sensor, and one of the normalised
// session tables.
package network

import (
	"embed"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

// Tables returns the tables that the plans with a prefix fill.
func Tables(prefix string) []string {
	part := plan.Set{}
	for n, p := range plans {
		if strings.HasPrefix(n, prefix) {
			part[n] = p
		}
	}
	return part.Tables()
}

// Suricata maps the events of Suricata's EVE log.
func Suricata() plan.Source {
	return &plan.JSONSource{
		Format: "suricata",
		Known: func(r *plan.Record) bool {
			return r.Has("event_type", "timestamp") && (r.Has("src_ip") || r.Has("stats"))
		},
		Plans: func(r *plan.Record) ([]*plan.Plan, error) {
			kind := string(r.Text("event_type"))
			r.EndOwn()
			if http, ok := r.Get("http"); ok && http.JSON != nil {
				r.AddText("System.Url", webAddress("http", string(http.JSON.GetStringBytes("hostname")), string(http.JSON.GetStringBytes("url"))))
			}
			if dns, ok := r.Get("dns"); ok && dns.JSON != nil {
				r.AddText("System.Query", string(dns.JSON.GetStringBytes("queries", "0", "rrname")))
				r.AddText("System.QueryType", string(dns.JSON.GetStringBytes("queries", "0", "rrtype")))
			}
			if p := plans["suricata/"+kind]; p != nil && kind != "any" {
				return []*plan.Plan{p}, nil
			}
			r.AddText("System.Action", action(kind))
			return []*plan.Plan{plans["suricata/any"]}, nil
		},
	}
}

// webAddress joins host and path, if there is one of them.
func webAddress(scheme, host, path string) string {
	if host == "" || strings.Contains(path, "://") {
		return path
	}
	return scheme + "://" + host + path
}

// action names an inspected protocol in the way of DeviceNetworkEvents.
func action(protocol string) string {
	if protocol == "" {
		return "ConnectionInspected"
	}
	return strings.ToUpper(protocol[:1]) + protocol[1:] + "ConnectionInspected"
}

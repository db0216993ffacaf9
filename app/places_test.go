package app

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/clew-sec/clew/server/api"
)

// placesFile makes a database of one network, as the city databases have it.
func placesFile(t *testing.T) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-City", RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	_, network, _ := net.ParseCIDR("203.0.113.0/24")
	names := func(s string) mmdbtype.Map { return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(s)}} }
	err = tree.Insert(network, mmdbtype.Map{
		"country": names("Utopia"), "city": names("Amaurot"), "subdivisions": mmdbtype.Slice{names("North")},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float64(1.5), "longitude": mmdbtype.Float64(-2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "places.mmdb")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPlaces(t *testing.T) {
	ctx := t.Context()
	cfg := Config{Data: t.TempDir(), Now: time.Now}
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	tele, err := openTelemetry(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tele.Close()
	where, err := openPlaces(placesFile(t))
	if err != nil {
		t.Fatal(err)
	}
	defer where.close()
	h := newHunter(cfg, tele, st, where)
	for ip, want := range map[string]string{"203.0.113.77": "Utopia", "198.51.100.1": "", "nonsense": "", "": "", "::1": ""} {
		r, err := h.Run(ctx, api.Hunt{
			Workspace: DefaultWorkspace, User: "test", MaxRows: 5, Text: "datatable(ip:string)['" + ip + "'] | extend g = geo_info_from_ip_address(ip) | project tostring(g.country), toreal(g.longitude)",
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Rows[0][0].Text; got != want || want != "" && r.Rows[0][1].Float != -2 {
			t.Errorf("%q is in %q, want %q", ip, got, want)
		}
	}
	blind := newHunter(cfg, tele, st, nil)
	r, err := blind.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: "test", MaxRows: 5, Text: "print g = geo_info_from_ip_address('203.0.113.77')"})
	if err != nil || len(r.Warnings) != 1 {
		t.Errorf("without a database: %+v %v", r, err)
	}
	if _, err := openPlaces(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was opened")
	}
}

package app

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/value"
)

// places answers geo_info_from_ip_address from a file in MaxMind's MMDB format
// that the operator supplies (GeoLite2 City, DB-IP City Lite, …). Nothing is
// asked of the internet.
type places struct{ db *maxminddb.Reader }

var _ eval.Places = (*places)(nil)

// openPlaces opens the file; nil without one.
func openPlaces(file string) (*places, error) {
	if file == "" {
		return nil, nil
	}
	db, err := maxminddb.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the database of places %q: %w", file, err)
	}
	return &places{db}, nil
}

// placeRecord is what is read of a record; names are those of the format's
// city databases.
type placeRecord struct {
	Country struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"city"`
	Location *struct {
		Latitude  float64 `maxminddb:"latitude"`
		Longitude float64 `maxminddb:"longitude"`
	} `maxminddb:"location"`
}

// Place implements eval.Places.
func (p *places) Place(ip string) (value.JSON, bool) {
	at, err := netip.ParseAddr(ip)
	if err != nil {
		return value.JSON{}, false
	}
	found := p.db.Lookup(at.Unmap())
	var r placeRecord
	if !found.Found() || found.Decode(&r) != nil {
		return value.JSON{}, false
	}
	b := value.AppendQuoted([]byte(`{"country":`), r.Country.Names["en"])
	state := ""
	if len(r.Subdivisions) > 0 {
		state = r.Subdivisions[0].Names["en"]
	}
	b = value.AppendQuoted(append(b, `,"state":`...), state)
	b = value.AppendQuoted(append(b, `,"city":`...), r.City.Names["en"])
	if r.Location != nil {
		b = append(b, `,"latitude":`...)
		b = value.AppendReal(b, r.Location.Latitude)
		b = append(b, `,"longitude":`...)
		b = value.AppendReal(b, r.Location.Longitude)
	}
	return value.ParseJSON(string(append(b, '}')))
}

// close gives the file free.
func (p *places) close() error {
	if p == nil {
		return nil
	}
	return p.db.Close()
}

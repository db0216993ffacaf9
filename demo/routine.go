package demo

import (
	"time"
)

// routine writes the everyday life that surrounds the attacks: an inventory at
// the start, then scenes by the hour of the day.
type routine struct {
	*recorder
	start   time.Time
	hours   int
	weights int
}

func newRoutine(r *recorder, s *Scenario) *routine {
	x := &routine{recorder: r, start: s.Options.Start, hours: s.Options.Days * 24}
	for _, o := range occasions {
		x.weights += o.weight
	}
	return x
}

// fill writes about n rows, none when n is negative.
func (x *routine) fill(n int) {
	if n <= 0 || x.until.Before(x.start) {
		return
	}
	from := x.out.Mark()
	if n > 4*len(x.Devices) {
		x.inventory()
	}
	n -= x.out.Mark() - from
	x.hours = min(x.hours, int(x.until.Sub(x.start)/time.Hour)+1)
	owed := x.out.Mark()
	for i, share := range hourly(x.start, x.hours, max(n, 0)) {
		owed += share
		hour := x.start.Add(time.Duration(i) * time.Hour)
		x.hour(hour, owed)
	}
}

// hour writes scenes of one hour until there are so many rows. In the last,
// half-gone hour some of them lie in the future and are dropped: it stops trying.
func (x *routine) hour(hour time.Time, rows int) {
	for tries := 4 * (rows - x.out.Mark()); tries > 0 && x.out.Mark() < rows && x.err == nil; tries-- {
		x.choose().run(x, hour.Add(x.d.span(0, time.Hour)))
	}
}

func (x *routine) choose() occasion {
	at := x.d.IntN(x.weights)
	for _, o := range occasions {
		if at -= o.weight; at < 0 {
			return o
		}
	}
	return occasions[0]
}

// occasion is one everyday scene with its share of all.
type occasion struct {
	weight int
	run    func(*routine, time.Time)
}

// inventory is a row of each user and device from the first hour.
func (x *routine) inventory() {
	for _, u := range x.Users {
		roles := list()
		if u.Admin {
			roles = list("Server administrator")
		}
		x.row("IdentityInfo", x.start.Add(x.d.span(0, time.Hour)), "AccountUpn", u.UPN, "AccountUPN", u.UPN, "AccountName", u.SAM, "AccountDomain", x.NTDomain, "AccountDisplayName", u.Name,
			"AccountObjectId", u.ObjectID, "AccountSID", u.SID, "OnPremSid", u.SID, "Department", u.Department, "JobTitle", u.Job, "EmailAddress", u.Mailbox, "MailAddress", u.Mailbox,
			"IsAccountEnabled", true, "AssignedRoles", roles, "IsServiceAccount", u.Service, "CompanyName", x.Name)
	}
	for i, d := range x.Devices {
		at := x.start.Add(x.d.span(0, time.Hour))
		kind, value := "Workstation", "Normal"
		if d.Role != "client" {
			kind = "Server"
		}
		if d.Role == "phone" {
			kind = "Mobile"
		}
		if d.Critical {
			value = "High"
		}
		x.row("DeviceInfo", at, append(on(d), "DeviceType", kind, "OSPlatform", d.OS, "OSVersion", d.Version, "AadDeviceId", d.ObjectID, "PublicIP", x.Egress[i%3], "AssetValue", value,
			"OnboardingStatus", "Onboarded", "SensorHealthState", "Active", "LoggedOnUsers", list(), "IsAzureADJoined", d.Role == "client")...)
		if d.Address != "" {
			x.row("DeviceNetworkInfo", at, append(on(d), "NetworkAdapterName", "Ethernet 1", "NetworkAdapterStatus", "Up", "NetworkAdapterType", "Ethernet",
				"IPAddresses", "["+bag("IPAddress", d.Address)+"]", "MacAddress", mac(d), "DefaultGateways", list("10.10.0.1"), "DnsAddresses", list(x.byRole["dc"].Address))...)
		}
	}
}

func mac(d *Device) string {
	h := digest(d.SensorID)
	return "02-" + h[:2] + "-" + h[2:4] + "-" + h[4:6] + "-" + h[6:8] + "-" + h[8:10]
}

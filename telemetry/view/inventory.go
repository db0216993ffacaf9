package view

import (
	"strings"
	"time"

	"github.com/clew-sec/clew/telemetry"
)

var (
	identityInfo = table("IdentityInfo")
	deviceInfo   = table("DeviceInfo")
)

// Identity is a user of the inventory, or one that alerts told of.
type Identity struct {
	Updated     time.Time
	ObjectID    string
	UPN         string
	SID         string
	CloudSID    string
	Name        string // without the domain
	Domain      string
	DisplayName string
	GivenName   string
	Surname     string
	Mail        string
	Department  string
	JobTitle    string
	Manager     string
	City        string
	Country     string
	Roles       []string
	Groups      []string
	Tags        []string
	// Enabled is nil when nobody knows.
	Enabled     *bool
	Criticality string // critical, high, low
	RiskLevel   string
	Source      string
}

// criticality is the number of the table: 0 is the most critical.
var criticality = map[string]int64{"critical": 0, "high": 1, "medium": 2, "low": 3}

// Add writes the row of a user.
func (u Identity) Add(out *telemetry.Batch, opt Options) {
	r := begin(out, identityInfo, u.Updated, opt)
	r.text("AccountObjectId", u.ObjectID)
	r.text("AccountUpn", u.UPN)
	r.text("AccountUPN", u.UPN)
	r.text("OnPremSid", u.SID)
	r.text("AccountSID", u.SID)
	r.text("CloudSid", u.CloudSID)
	r.text("AccountCloudSID", u.CloudSID)
	r.text("AccountName", u.Name)
	r.text("SAMAccountName", u.Name)
	r.text("AccountDomain", u.Domain)
	r.text("AccountDisplayName", u.DisplayName)
	r.text("GivenName", u.GivenName)
	r.text("Surname", u.Surname)
	r.text("EmailAddress", u.Mail)
	r.text("MailAddress", u.Mail)
	r.text("Department", u.Department)
	r.text("JobTitle", u.JobTitle)
	r.text("Manager", u.Manager)
	r.text("City", u.City)
	r.text("Country", u.Country)
	r.text("RiskLevel", u.RiskLevel)
	r.text("ChangeSource", u.Source)
	r.list("AssignedRoles", u.Roles)
	r.list("GroupMembership", u.Groups)
	r.list("Tags", u.Tags)
	if u.Enabled != nil {
		r.bool("IsAccountEnabled", *u.Enabled)
	}
	if n, ok := criticality[u.Criticality]; ok {
		r.number("CriticalityLevel", n)
	}
	r.end()
}

// Device is a device of the inventory, or one that alerts told of.
type Device struct {
	Updated    time.Time
	ID         string
	Name       string
	AadID      string
	OSPlatform string
	OSVersion  string
	OSBuild    int64
	PublicIP   string
	Type       string // Workstation, Server and so on
	Vendor     string
	Model      string
	Group      string
	Tags       []string
	Value      string // Low, Normal, High
	Exposure   string
	Onboarded  bool
	Users      []string // logged on, DOMAIN\name
	Source     string
}

// Add writes the row of a device.
func (d Device) Add(out *telemetry.Batch, opt Options) {
	r := begin(out, deviceInfo, d.Updated, opt)
	r.text("DeviceId", d.ID)
	r.text("DeviceName", strings.ToLower(d.Name))
	r.text("AadDeviceId", d.AadID)
	r.text("OSPlatform", d.OSPlatform)
	r.text("OSVersion", d.OSVersion)
	r.text("PublicIP", d.PublicIP)
	r.text("DeviceType", d.Type)
	r.text("DeviceCategory", "Endpoint")
	r.text("Vendor", d.Vendor)
	r.text("Model", d.Model)
	r.text("MachineGroup", d.Group)
	r.text("AssetValue", d.Value)
	r.text("ExposureLevel", d.Exposure)
	r.text("DiscoverySources", d.Source)
	if d.OSBuild != 0 {
		r.number("OSBuild", d.OSBuild)
	}
	if len(d.Tags) > 0 {
		r.json("DeviceManualTags", d.Tags)
	}
	status := "Can be onboarded"
	if d.Onboarded {
		status = "Onboarded"
	}
	r.text("OnboardingStatus", status)
	var users []map[string]string
	for _, u := range d.Users {
		domain, name, ok := strings.Cut(u, `\`)
		if !ok {
			domain, name = "", u
		}
		users = append(users, map[string]string{"UserName": name, "DomainName": domain})
	}
	if users != nil {
		r.json("LoggedOnUsers", users)
	}
	r.end()
}

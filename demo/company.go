package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// Company is the directory of the made-up organisation.
type Company struct {
	Name       string `json:"name"`
	Domain     string `json:"domain"`    // of mail and sign-in
	DNSDomain  string `json:"dnsDomain"` // of the directory
	NTDomain   string `json:"ntDomain"`
	TenantID   string `json:"tenantId"`
	AWSAccount string `json:"awsAccount"`
	AzureSub   string `json:"azureSubscription"`
	GCPProject string `json:"gcpProject"`

	Users    []*User   `json:"users"`   // people, administrators' second accounts, then service accounts
	Devices  []*Device `json:"devices"` // clients, then servers
	Egress   []string  `json:"egress"`  // public addresses of the offices and of the VPN
	CloudApp []string  `json:"cloudApps"`
	Clouds   []*Cloud  `json:"cloudResources"`
	Cluster  string    `json:"cluster"` // the Kubernetes cluster

	domainSID                string
	people, admins, services []*User
	byDepartment             map[string][]*User
	clients, servers         []*Device
	byRole                   map[string]*Device
}

// User is an account of the directory.
type User struct {
	Name       string  `json:"name"`
	SAM        string  `json:"sam"`
	UPN        string  `json:"upn"`
	SID        string  `json:"sid"`
	ObjectID   string  `json:"objectId"`
	Department string  `json:"department,omitempty"`
	Job        string  `json:"job,omitempty"`
	Mailbox    string  `json:"mailbox,omitempty"` // empty for accounts without one
	Admin      bool    `json:"admin,omitempty"`
	Service    bool    `json:"service,omitempty"`
	HomeIP     string  `json:"homeIp,omitempty"`
	Device     *Device `json:"-"` // the usual device of a person
	Phone      *Device `json:"-"`
}

// Device is a computer or a phone.
type Device struct {
	Name     string `json:"name"`
	FQDN     string `json:"fqdn"`
	SensorID string `json:"sensorId"` // of the endpoint product
	ObjectID string `json:"objectId"`
	OS       string `json:"os"`
	Version  string `json:"version"`
	Address  string `json:"address"`
	Role     string `json:"role"` // client, phone, or what a server is for
	Critical bool   `json:"critical,omitempty"`
	VMID     string `json:"vmId,omitempty"`
}

// Cloud is a resource at a cloud provider.
type Cloud struct {
	Provider string `json:"provider"` // aws, azure, gcp
	Name     string `json:"name"`
	Type     string `json:"type"`
	ID       string `json:"id"`
	Critical bool   `json:"critical,omitempty"`
}

func newCompany(seed uint64, users int) *Company {
	d := newDice(seed, 1)
	c := &Company{
		Name: "Larkmoor Instruments", Domain: "larkmoor.example", DNSDomain: "corp.larkmoor.example",
		NTDomain: "LARKMOOR", TenantID: d.guid(), AWSAccount: "000000004711", AzureSub: d.guid(),
		GCPProject: "larkmoor-analytics", Cluster: "lm-prod-k8s",
		Egress:       []string{"192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.40"},
		CloudApp:     []string{"Microsoft 365", "Exchange Online", "SharePoint Online", "Salesdesk CRM", "Paperhill HR", "Tickethaus", "Codebarn", "Signwell", "Boxcart"},
		byDepartment: map[string][]*User{}, byRole: map[string]*Device{},
	}
	c.domainSID = fmt.Sprintf("S-1-5-21-%d-%d-%d-", d.Uint32(), d.Uint32(), d.Uint32())
	c.addServers(d)
	c.addPeople(d, users)
	c.addServices(d)
	c.Users = append(append(append(c.Users, c.people...), c.admins...), c.services...)
	c.Devices = append(c.Devices, c.servers...)
	c.addClouds()
	return c
}

func (c *Company) addPeople(d *dice, n int) {
	pairs := d.Perm(len(firstNames) * len(lastNames))[:n]
	for i, p := range pairs {
		first, last := firstNames[p%len(firstNames)], lastNames[p/len(firstNames)]
		dep := departmentAt(i * 100 / n)
		u := &User{
			Name: first + " " + last, SAM: strings.ToLower(first[:1]+last) + suffix(i),
			UPN: strings.ToLower(first+"."+last) + "@" + c.Domain, SID: c.sid(1104 + i), ObjectID: d.guid(),
			Department: dep.name, Job: pick(d, dep.jobs),
			HomeIP: fmt.Sprintf("198.19.%d.%d", i/200, 10+i%200),
		}
		u.Mailbox = u.UPN
		c.equip(d, u, i)
		c.people = append(c.people, u)
		c.byDepartment[dep.name] = append(c.byDepartment[dep.name], u)
		if dep.name == "IT" && i%3 == 0 {
			c.admins = append(c.admins, &User{
				Name: u.Name + " (admin)", SAM: "adm-" + u.SAM, UPN: "adm-" + u.UPN, SID: c.sid(9000 + i),
				ObjectID: d.guid(), Department: "IT", Job: "Administrator", Admin: true, HomeIP: u.HomeIP, Device: u.Device,
			})
		}
	}
}

// suffix keeps account names apart; the directory numbers them anyway.
func suffix(i int) string { return strconv.Itoa(10 + i) }

func departmentAt(percent int) department {
	for _, dep := range departments {
		if percent -= dep.share; percent < 0 {
			return dep
		}
	}
	return departments[len(departments)-1]
}

func (c *Company) sid(rid int) string { return c.domainSID + strconv.Itoa(rid) }

func (c *Company) equip(d *dice, u *User, i int) {
	site := []string{"BRG", "LEI", "OST"}[i%3]
	os, version := "Windows11", "24H2"
	switch {
	case u.Department == "Engineering" && i%7 == 0:
		os, version = "Linux", "24.04"
	case u.Department == "Marketing" && i%2 == 0:
		os, version = "macOS", "15"
	}
	u.Device = c.device(d, fmt.Sprintf("LM-%s-%04d", site, i+1), os, version, fmt.Sprintf("10.%d.%d.%d", 20+i%3, i/200, 20+i%200), "client")
	c.clients = append(c.clients, u.Device)
	c.Devices = append(c.Devices, u.Device)
	if i%4 == 0 {
		u.Phone = c.device(d, fmt.Sprintf("LM-PH-%04d", i+1), "iOS", "18", "", "phone")
		c.Devices = append(c.Devices, u.Phone)
	}
}

func (c *Company) device(d *dice, name, os, version, address, role string) *Device {
	return &Device{
		Name: name, FQDN: strings.ToLower(name) + "." + c.DNSDomain, SensorID: d.hex(40), ObjectID: d.guid(),
		OS: os, Version: version, Address: address, Role: role,
	}
}

var serverRoles = []struct {
	name, role, os string
	critical       bool
}{
	{"LM-DC01", "dc", "WindowsServer2022", true}, {"LM-DC02", "dc2", "WindowsServer2022", true},
	{"LM-CA01", "ca", "WindowsServer2022", true}, {"LM-FS01", "files", "WindowsServer2022", false},
	{"LM-FS02", "files2", "WindowsServer2019", false}, {"LM-SQL01", "sql", "WindowsServer2022", true},
	{"LM-SQL02", "sql2", "WindowsServer2019", false}, {"LM-ERP01", "erp", "WindowsServer2022", true},
	{"LM-WEB01", "web", "WindowsServer2022", false}, {"LM-WEB02", "web2", "Linux", false},
	{"LM-RDS01", "rds", "WindowsServer2019", false}, {"LM-JUMP01", "jump", "WindowsServer2022", true},
	{"LM-BKP01", "backup", "WindowsServer2022", true}, {"LM-MGT01", "deploy", "WindowsServer2022", true},
	{"LM-HV01", "hypervisor", "WindowsServer2022", true}, {"LM-HV02", "hypervisor2", "WindowsServer2022", true},
	{"LM-PRN01", "print", "WindowsServer2019", false}, {"LM-BLD01", "build", "Linux", false},
	{"LM-VPN01", "vpn", "Linux", false}, {"LM-SCAN01", "scanner", "Linux", false},
	{"lm-node-1", "node1", "Linux", false}, {"lm-node-2", "node2", "Linux", false}, {"lm-node-3", "node3", "Linux", false},
	{"LM-MES01", "mes", "WindowsServer2019", true}, {"LM-WIKI01", "wiki", "Linux", false},
}

func (c *Company) addServers(d *dice) {
	for i, r := range serverRoles {
		s := c.device(d, r.name, r.os, "", fmt.Sprintf("10.10.0.%d", 11+i), r.role)
		s.Critical = r.critical
		s.VMID = d.guid()
		c.servers = append(c.servers, s)
		c.byRole[r.role] = s
	}
}

func (c *Company) addServices(d *dice) {
	for i, name := range []string{"svc-backup", "svc-deploy", "svc-sql", "svc-scan", "svc-dirsync", "svc-print", "svc-erp", "svc-build", "svc-web"} {
		c.services = append(c.services, &User{
			Name: "Service " + name[4:], SAM: name, UPN: name + "@" + c.Domain, SID: c.sid(8000 + i),
			ObjectID: d.guid(), Service: true,
		})
	}
}

func (c *Company) service(sam string) *User {
	for _, s := range c.services {
		if s.SAM == sam {
			return s
		}
	}
	return c.services[0]
}

func (c *Company) addClouds() {
	aws := func(kind, name string, critical bool) {
		c.Clouds = append(c.Clouds, &Cloud{"aws", name, kind, "arn:aws:" + kind + ":::" + name, critical})
	}
	aws("s3", "lm-customer-exports", true)
	aws("s3", "lm-firmware-builds", false)
	aws("s3", "lm-telemetry-raw", false)
	aws("iam", "user/ci-publisher", false)
	aws("cloudtrail", "lm-org-trail", true)
	azure := func(kind, path, name string, critical bool) {
		id := "/subscriptions/" + c.AzureSub + "/resourceGroups/rg-prod/providers/" + path + "/" + name
		c.Clouds = append(c.Clouds, &Cloud{"azure", name, kind, id, critical})
	}
	azure("keyVault", "Microsoft.KeyVault/vaults", "lm-prod-vault", true)
	azure("storage", "Microsoft.Storage/storageAccounts", "lmproddata", false)
	azure("cluster", "Microsoft.ContainerService/managedClusters", c.Cluster, true)
	azure("sqlServer", "Microsoft.Sql/servers", "lm-orders-sql", true)
	c.Clouds = append(c.Clouds, &Cloud{"gcp", "lm-bi-warehouse", "bigquery", "//bigquery.googleapis.com/projects/" + c.GCPProject + "/datasets/bi", false})
}

func (c *Company) cloud(name string) *Cloud {
	for _, r := range c.Clouds {
		if r.Name == name {
			return r
		}
	}
	return c.Clouds[0]
}

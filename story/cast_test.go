package story

import (
	"fmt"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// cast resolves the entities of sample alerts in the plainest way: every name
// that the sample company's directory knows leads to its owner.
type cast struct {
	names    map[string]string // any name of a user or device → its label
	critical map[string]bool
	ids      map[string]entity.ID
	entities []Entity
	mentions []Mention
}

func newCast(c *demo.Company) *cast {
	out := &cast{names: map[string]string{}, critical: map[string]bool{}, ids: map[string]entity.ID{}}
	for _, u := range c.Users {
		for _, n := range []string{u.SAM, u.UPN, u.SID, u.ObjectID} {
			out.names["user/"+strings.ToLower(n)] = u.UPN
		}
	}
	for _, d := range c.Devices {
		for _, n := range []string{d.Name, d.FQDN, d.SensorID} {
			out.names["device/"+strings.ToLower(n)] = strings.ToLower(d.Name)
		}
		out.critical[strings.ToLower(d.Name)] = d.Critical
	}
	return out
}

func (c *cast) owner(kind entity.Kind, names ...string) string {
	for _, n := range names {
		if label := c.names[string(kind)+"/"+strings.ToLower(n)]; label != "" {
			return label
		}
	}
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

func (c *cast) add(a *alert.Alert, i int, b *alert.EvidenceBase, kind entity.Kind, key, label string) {
	if label == "" {
		return
	}
	full := string(kind) + "/" + strings.ToLower(key)
	id := c.ids[full]
	if id == 0 {
		id = entity.ID(len(c.ids) + 1)
		c.ids[full] = id
		c.entities = append(c.entities, Entity{ID: id, Kind: kind, Label: label, Critical: c.critical[label]})
	}
	m := Mention{Alert: a.ID, Entity: id, Kind: kind, Evidence: i}
	if b != nil {
		m.Verdict = string(b.Verdict)
		for _, r := range b.Roles {
			m.Roles = append(m.Roles, string(r))
			m.Impacted = m.Impacted || kind.Asset() && (r == alert.RoleAttacked || r == alert.RoleCompromised || r == alert.RolePolicyViolator)
		}
	}
	c.mentions = append(c.mentions, m)
}

func (c *cast) read(a *alert.Alert) {
	for i, ev := range a.Evidence {
		b := ev.Base()
		switch e := ev.(type) {
		case *alert.UserEvidence:
			c.user(a, i, b, e.UserAccount)
		case *alert.DeviceEvidence:
			name := c.owner(entity.Device, e.MDEDeviceID, e.DeviceDNSName, e.HostName)
			c.add(a, i, b, entity.Device, name, name)
		case *alert.ProcessEvidence:
			c.process(a, i, b, e)
		case *alert.FileEvidence:
			if e.FileDetails != nil {
				c.add(a, i, b, entity.File, e.FileDetails.FileName+e.FileDetails.SHA256, e.FileDetails.FileName)
			}
		case *alert.IPEvidence:
			c.add(a, i, b, entity.IP, e.IPAddress, e.IPAddress)
		case *alert.URLEvidence:
			c.add(a, i, b, entity.URL, e.URL, e.URL)
		case *alert.DNSEvidence:
			c.add(a, i, b, entity.Domain, e.DomainName, e.DomainName)
		case *alert.MailboxEvidence:
			c.add(a, i, b, entity.Mailbox, e.PrimaryAddress, e.PrimaryAddress)
		case *alert.AnalyzedMessageEvidence:
			c.add(a, i, b, entity.Mail, e.Subject+e.RecipientEmailAddress, e.Subject)
		case *alert.MailClusterEvidence:
			c.add(a, i, b, entity.MailCluster, e.ClusterByValue, e.ClusterByValue)
		case *alert.CloudApplicationEvidence:
			c.add(a, i, b, entity.App, e.DisplayName, e.DisplayName)
		case *alert.OauthApplicationEvidence:
			c.add(a, i, b, entity.App, e.AppID, e.DisplayName)
		case *alert.NetworkConnectionEvidence:
			c.add(a, i, nil, entity.IP, e.SourceAddress.IPAddress, e.SourceAddress.IPAddress)
			c.add(a, i, nil, entity.IP, e.DestinationAddress.IPAddress, e.DestinationAddress.IPAddress)
		default:
			c.readCloud(a, i, b, ev)
		}
	}
}

func (c *cast) readCloud(a *alert.Alert, i int, b *alert.EvidenceBase, ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.AmazonResourceEvidence:
		c.add(a, i, b, entity.CloudResource, e.AmazonResourceID, e.ResourceName)
	case *alert.AzureResourceEvidence:
		c.add(a, i, b, entity.CloudResource, e.ResourceID, e.ResourceName)
	case *alert.ContainerEvidence:
		c.add(a, i, b, entity.Container, e.ContainerID, e.Name)
	case *alert.KubernetesPodEvidence:
		c.add(a, i, b, entity.Container, "pod/"+e.Name, e.Name)
	case *alert.KubernetesServiceAccountEvidence:
		c.add(a, i, b, entity.User, "k8s/"+e.Name, "system:serviceaccount:"+e.Name)
	case *alert.KubernetesSecretEvidence:
		c.add(a, i, b, entity.Other, "secret/"+e.Name, "secret "+e.Name)
	case *alert.MalwareEvidence:
		c.add(a, i, b, entity.Malware, e.Name, e.Name)
	case *alert.MailboxConfigurationEvidence:
		c.add(a, i, b, entity.Other, "rule/"+e.ConfigurationID, "inbox rule "+e.DisplayName)
	}
}

func (c *cast) user(a *alert.Alert, i int, b *alert.EvidenceBase, u *alert.UserAccount) {
	if u == nil {
		return
	}
	name := c.owner(entity.User, u.UserSID, u.UserPrincipalName, u.AzureADUserID, u.AccountName)
	c.add(a, i, b, entity.User, name, name)
}

func (c *cast) process(a *alert.Alert, i int, b *alert.EvidenceBase, e *alert.ProcessEvidence) {
	if e.ImageFile == nil {
		return
	}
	c.add(a, i, b, entity.Process, fmt.Sprint(e.MDEDeviceID, e.ProcessID, e.ProcessCreationDateTime), e.ImageFile.FileName)
	if p := e.ParentProcessImageFile; p != nil {
		c.add(a, -1, nil, entity.Process, fmt.Sprint(e.MDEDeviceID, e.ParentProcessID, e.ParentProcessCreationDateTime), p.FileName)
	}
	c.user(a, -1, nil, e.UserAccount)
}

// attackInput gives the alerts of one attack of a scenario, latest versions.
func attackInput(s *demo.Scenario, name string) Input {
	latest, order := map[string]*alert.Alert{}, []string{}
	for d := range s.Alerts() {
		if s.Truth[d.Alert.ID].Attack != name {
			continue
		}
		if latest[d.Alert.ID] == nil {
			order = append(order, d.Alert.ID)
		}
		latest[d.Alert.ID] = d.Alert
	}
	in := Input{Incident: incident.Incident{ID: 1}}
	c := newCast(s.Company)
	for _, id := range order {
		a := latest[id]
		c.read(a)
		in.Alerts = append(in.Alerts, FromAlert(a, correlate.Link{}))
	}
	in.Mentions, in.Entities = c.mentions, c.entities
	return in
}

package entity

import "testing"

// TestOwnersTellIdentifiersApart holds every pair of kind and type under one value,
// those with a short key and the others.
func TestOwnersTellIdentifiersApart(t *testing.T) {
	kinds := []Kind{User, Device, IP, File, Process, URL, Domain, Mailbox, Mail, MailCluster, App, Session, Group, Registry, CloudResource, Container, Malware, Other, "strange"}
	types := []string{
		"", "aadId", "adGuid", "sid", "upn", "sam", "deviceId", "aadDeviceId", "fqdn", "hostName", "resourceId", "address", "sha256", "sha1", "md5", "path",
		"name", "instance", "commandLine", "networkMessageId", "internetMessageId", "sender", "domain", "url", "strange",
	}
	var o owners
	held := map[Identifier]*record{}
	for _, k := range kinds {
		for _, typ := range types {
			for _, scope := range []string{"", "v", "w"} {
				id := Identifier{k, typ, scope, "v"}
				held[id] = &record{}
				o.give(&id, held[id])
			}
		}
	}
	for id, rec := range held {
		if o.of(&id) != rec {
			t.Fatalf("%v names another entity", id)
		}
	}
	for id := range held {
		o.take(&id)
		if o.of(&id) != nil {
			t.Fatalf("%v still names an entity", id)
		}
	}
	if o.len() > 0 {
		t.Fatal("something is left")
	}
}

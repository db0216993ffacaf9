package entity

import "iter"

// Known says whether k is one of the kinds above.
func (k Kind) Known() bool {
	switch k {
	case User, Device, IP, File, Process, URL, Domain, Mailbox, Mail, MailCluster, App, Session, Group, Registry, CloudResource,
		Container, Malware, Other:
		return true
	}
	return false
}

// Each yields every entity that is kept with what is known of it, in no
// particular order. The identifiers must not be changed.
func (r *Resolver) Each() iter.Seq2[ID, []Known] {
	return func(yield func(ID, []Known) bool) {
		for id, rec := range r.records.All() {
			if !yield(id, rec.known) {
				return
			}
		}
	}
}

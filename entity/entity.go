// Package entity answers "who and what is it really?": it reads the identifiers
// that alerts carry, brings them into normal forms, and resolves those that name
// the same user, device, address, file, … to one entity, keeping the proof of
// every alias so that a wrong one can be found and taken back.
//
// The package is pure: no clock, no I/O, no goroutine. The same mentions in the
// same order give the same entities with the same ids.
package entity

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

// Kind is what an entity is. The names travel in the API and the store.
type Kind string

// The kinds of entity.
const (
	User          Kind = "user"
	Device        Kind = "device"
	IP            Kind = "ip"
	File          Kind = "file"
	Process       Kind = "process"
	URL           Kind = "url"
	Domain        Kind = "domain"
	Mailbox       Kind = "mailbox"
	Mail          Kind = "mail"
	MailCluster   Kind = "mailCluster"
	App           Kind = "app"
	Session       Kind = "session"
	Group         Kind = "group"
	Registry      Kind = "registry"
	CloudResource Kind = "cloudResource"
	Container     Kind = "container"
	Malware       Kind = "malware"
	Other         Kind = "other"
)

// Asset says whether entities of this kind are what an organisation protects
// (device, user, mailbox, app, cloud resource); the rest is evidence.
func (k Kind) Asset() bool {
	switch k {
	case User, Device, Mailbox, App, CloudResource:
		return true
	}
	return false
}

// ID numbers the entities of one workspace from 1 in order of first sight.
// After a join the smaller id survives and the larger redirects to it.
type ID int64

// Identifier is one name of an entity in normal form: lower case where the
// system it comes from ignores case, canonical address text, no surrounding
// space. Type names the identifier ("upn", "sid", "aadId", "sam", "fqdn",
// "deviceId", "sha256", "address", "url", …); Scope limits a weak one (the NT
// domain of a "sam", the device of a "path"). Two mentions with an equal
// identifier of the same kind, type, scope and value name the same thing.
type Identifier struct {
	Kind  Kind   `json:"kind"`
	Type  string `json:"type"`
	Scope string `json:"scope,omitempty"`
	Value string `json:"value"`
}

// Weak says that the identifier is a bare name, which several things may have.
func (id Identifier) Weak() bool { return weakType(id) }

// Mention is one evidence item read as an entity: everything that one alert says
// about one thing. Evidence is the index into alert.Evidence, or -1 for a thing
// that is only named inside another item (the parent image of a process).
type Mention struct {
	Kind        Kind
	Label       string // what to show a person; hostile text
	Identifiers []Identifier
	Roles       []alert.Role
	Verdict     alert.Verdict
	// Impacted says that the alert names the entity as a target or victim
	// rather than as the attacker's trace.
	Impacted bool
	// Stock says that the file is a program that every machine has.
	Stock    bool
	Evidence int
}

// Seen is a mention after resolution.
type Seen struct {
	ID       ID
	Mention  Mention
	Learnt   []Known // identifiers that were not known of this entity before
	New      bool    // first sight of this entity
	Weak     bool    // resolved only by a weak, scoped identifier
	Leased   bool    // not named: by the inventory it held an address of the alert
	Critical bool    // marked as critical in the inventory
}

// Join records that two entities were found to be one. Alert is the id of the
// alert whose evidence proved it, Inventory the row that did, By the identifier
// that both carried.
type Join struct {
	From, Into ID
	By         Identifier
	Alert      string
	Inventory  string
	At         time.Time
}

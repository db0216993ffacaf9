package entity

// owners holds which entity each identifier names. Hashing and comparing four
// strings is most of a look-up, and the commonest kinds and types are few: they
// stand as a number in a shorter key, all others are kept under the whole
// identifier.
type owners struct {
	common map[shortKey]*record
	other  map[Identifier]*record
}

// shortKey is an identifier of a common kind and type.
type shortKey struct {
	value, scope string
	what         uint8
}

func newOwners() owners {
	return owners{common: map[shortKey]*record{}, other: map[Identifier]*record{}}
}

func (o *owners) get(id *Identifier) *record {
	if what := commonType(id); what != 0 {
		return o.common[shortKey{id.Value, id.Scope, what}]
	}
	return o.other[*id]
}

func (o *owners) set(id *Identifier, rec *record) {
	if what := commonType(id); what != 0 {
		o.common[shortKey{id.Value, id.Scope, what}] = rec
		return
	}
	o.other[*id] = rec
}

func (o *owners) remove(id *Identifier) {
	if what := commonType(id); what != 0 {
		delete(o.common, shortKey{id.Value, id.Scope, what})
		return
	}
	delete(o.other, *id)
}

// commonType numbers the commonest pairs of kind and type from 1; the others are 0.
func commonType(id *Identifier) uint8 {
	switch id.Kind {
	case User:
		return place(id.Type, 1, "aadId", "adGuid", "sid", "upn", "sam")
	case Device:
		return place(id.Type, 11, "deviceId", "aadDeviceId", "fqdn", "hostName", "resourceId")
	case IP:
		return place(id.Type, 21, "address", "", "", "", "")
	case File:
		return place(id.Type, 31, "sha256", "sha1", "md5", "path", "name")
	case Process:
		return place(id.Type, 41, "instance", "commandLine", "", "", "")
	case Mail:
		return place(id.Type, 51, "networkMessageId", "internetMessageId", "sender", "", "")
	case Mailbox:
		return place(id.Type, 61, "address", "", "", "", "")
	case Domain:
		return place(id.Type, 71, "domain", "", "", "", "")
	case URL:
		return place(id.Type, 81, "url", "", "", "", "")
	}
	return 0
}

// place is where a type stands in a list, counted from first, 0 when it does not.
func place(typ string, first uint8, a, b, c, d, e string) uint8 {
	switch typ {
	case "":
		return 0
	case a:
		return first
	case b:
		return first + 1
	case c:
		return first + 2
	case d:
		return first + 3
	case e:
		return first + 4
	}
	return 0
}

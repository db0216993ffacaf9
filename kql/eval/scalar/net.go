package scalar

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// network is an address with the number of bits that count.
type network struct {
	addr netip.Addr
	bits int
}

// parseIPv4 reads a dotted address with an optional /bits. Fewer than four
// parts are no address.
func parseIPv4(s string) (network, bool) {
	s = strings.TrimSpace(s)
	host, suffix, hasBits := strings.Cut(s, "/")
	addr, ok := dotted(host)
	if !ok {
		return network{}, false
	}
	bits := 32
	if hasBits {
		n, err := strconv.Atoi(suffix)
		if err != nil || n < 0 || n > 32 {
			return network{}, false
		}
		bits = n
	}
	return network{addr, bits}, true
}

// dotted reads four decimal parts, without allocating.
func dotted(s string) (netip.Addr, bool) {
	var b [4]byte
	part, n, digits := 0, 0, 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if digits == 0 || part > 3 {
				return netip.Addr{}, false
			}
			b[part] = byte(n)
			part++
			n, digits = 0, 0
			continue
		}
		c := s[i]
		if c < '0' || c > '9' || digits == 3 {
			return netip.Addr{}, false
		}
		n = n*10 + int(c-'0')
		if digits++; n > 255 {
			return netip.Addr{}, false
		}
	}
	return netip.AddrFrom4(b), part == 4
}

// parseIPv6 reads an IPv6 or IPv4 address with an optional /bits; IPv4 becomes
// ::ffff:a.b.c.d.
func parseIPv6(s string) (network, bool) {
	s = strings.TrimSpace(s)
	if v4, ok := parseIPv4(s); ok {
		return network{netip.AddrFrom16(v4.addr.As16()), v4.bits + 96}, true
	}
	host, suffix, hasBits := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return network{}, false
	}
	bits := 128
	if hasBits {
		n, err := strconv.Atoi(suffix)
		if err != nil || n < 0 || n > 128 {
			return network{}, false
		}
		bits = n
	}
	return network{addr, bits}, true
}

// masked is the address with only the first bits.
func (n network) masked(bits int) netip.Addr {
	p, err := n.addr.Prefix(bits)
	if err != nil {
		return n.addr
	}
	return p.Addr()
}

// compare orders two addresses by the bits that count for both.
func (n network) compare(m network, bits int) int {
	bits = min(bits, n.bits, m.bits)
	return n.masked(bits).Compare(m.masked(bits))
}

// contains tells whether m lies in n.
func (n network) contains(m network) bool { return m.bits >= n.bits && n.compare(m, n.bits) == 0 }

// IPRanges are networks to be looked up.
type IPRanges struct{ nets []network }

// NewIPRanges reads networks; what is none is left out.
func NewIPRanges(v6 bool, ranges []string) *IPRanges {
	parse := parseIPv4
	if v6 {
		parse = parseIPv6
	}
	r := &IPRanges{}
	for _, s := range listed(ranges) {
		if n, ok := parse(s); ok {
			r.nets = append(r.nets, n)
		}
	}
	return r
}

// listed takes texts apart that are JSON arrays of texts.
func listed(texts []string) []string {
	var out []string
	for _, s := range texts {
		if !strings.HasPrefix(s, "[") {
			out = append(out, s)
			continue
		}
		out = append(out, needleTexts([]value.Value{value.ParseDynamic(s)})...)
	}
	return out
}

func (r *IPRanges) contain(n network) bool {
	for _, m := range r.nets {
		if m.contains(n) {
			return true
		}
	}
	return false
}

var privateRanges = NewIPRanges(false, []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})

func addrNumber(a netip.Addr) int64 {
	b := a.As4()
	return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
}

func numberAddr(n int64) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// ipRange makes ip*_is_in_range(ip, range).
func ipRange(parse func(string) (network, bool)) *Function {
	null := value.NullOf(value.Bool)
	return lenient(2, 2, value.Bool, func(a []value.Value) value.Value {
		ip, ok := parse(a[0].String())
		r, okr := parse(a[1].String())
		if !ok || !okr {
			return null
		}
		return value.BoolOf(r.contains(ip))
	})
}

// ipAnyRange makes ip*_is_in_any_range(ip, range, …) with ranges or arrays of
// them.
func ipAnyRange(v6 bool, parse func(string) (network, bool)) *Function {
	null := value.NullOf(value.Bool)
	test := func(ranges *IPRanges, a []value.Value) value.Value {
		ip, ok := parse(a[0].String())
		if !ok || len(ranges.nets) == 0 {
			return null
		}
		return value.BoolOf(ranges.contain(ip))
	}
	return &Function{Min: 2, Max: -1, Result: value.Bool,
		Call: func(a []value.Value) value.Value { return test(NewIPRanges(v6, needleTexts(a[1:])), a) },
		Bind: func(consts []*value.Value) Func {
			values, ok := allConstant(consts[min(1, len(consts)):])
			if !ok {
				return nil
			}
			ranges := NewIPRanges(v6, needleTexts(values))
			return func(a []value.Value) value.Value { return test(ranges, a) }
		},
	}
}

// ipCompare makes ip*_compare and ip*_is_match with an optional prefix length.
func ipCompare(parse func(string) (network, bool), width int64, result func(order int) value.Value, none value.Value) *Function {
	return lenient(2, 3, none.Type, func(a []value.Value) value.Value {
		x, okx := parse(a[0].String())
		y, oky := parse(a[1].String())
		bits := whole(a, 2, width)
		if !okx || !oky || bits < 0 || bits > width {
			return none
		}
		return result(x.compare(y, int(bits)))
	})
}

func asLong(order int) value.Value  { return value.LongOf(int64(order)) }
func isEqual(order int) value.Value { return value.BoolOf(order == 0) }

var ipv4Functions = map[string]*Function{
	"ipv4_is_in_range":     ipRange(parseIPv4),
	"ipv4_is_in_any_range": ipAnyRange(false, parseIPv4),
	"ipv4_compare":         ipCompare(parseIPv4, 32, asLong, noLong),
	"ipv4_is_match":        ipCompare(parseIPv4, 32, isEqual, value.NullOf(value.Bool)),
	"ipv4_is_private": textOf(func(s string) value.Value {
		n, ok := parseIPv4(s)
		if !ok {
			return value.NullOf(value.Bool)
		}
		return value.BoolOf(privateRanges.contain(n))
	}, value.Bool),
	"ipv4_netmask_suffix": textOf(func(s string) value.Value {
		n, ok := parseIPv4(s)
		if !ok {
			return noLong
		}
		return value.LongOf(int64(n.bits))
	}, value.Long),
	"ipv4_range_to_cidr_list": lenient(2, 2, value.Dynamic, cidrList),
	"parse_ipv4": textOf(func(s string) value.Value {
		n, ok := parseIPv4(s)
		if !ok {
			return noLong
		}
		return value.LongOf(addrNumber(n.masked(n.bits)))
	}, value.Long),
	"parse_ipv4_mask": lenient(2, 2, value.Long, func(a []value.Value) value.Value {
		n, ok := parseIPv4(a[0].String())
		bits := whole(a, 1, 32)
		if !ok || bits < 0 || bits > 32 {
			return noLong
		}
		return value.LongOf(addrNumber(n.masked(int(bits))))
	}),
	"format_ipv4":         lenient(1, 2, value.String, func(a []value.Value) value.Value { return formatIPv4(a, false) }),
	"format_ipv4_mask":    lenient(1, 2, value.String, func(a []value.Value) value.Value { return formatIPv4(a, true) }),
	"has_ipv4":            hasIPv4(false),
	"has_any_ipv4":        hasIPv4(false),
	"has_ipv4_prefix":     hasIPv4(true),
	"has_any_ipv4_prefix": hasIPv4(true),
	"is_ipv4":             textOf(func(s string) value.Value { _, ok := parseIPv4(s); return value.BoolOf(ok) }, value.Bool),
}

func formatIPv4(a []value.Value, withMask bool) value.Value {
	n, ok := network{}, false
	if v := a[0].Scalar(); v.Type == value.String {
		n, ok = parseIPv4(v.Text)
	} else if num := value.Convert(v, value.Long); !num.Null && num.Num >= 0 && num.Num < 1<<32 {
		n, ok = network{numberAddr(num.Num), 32}, true
	}
	bits := whole(a, 1, int64(n.bits))
	if !ok || bits < 0 || bits > 32 {
		return noText
	}
	bits = min(bits, int64(n.bits))
	s := n.masked(int(bits)).String()
	if withMask {
		s += "/" + strconv.FormatInt(bits, 10)
	}
	return value.StringOf(s)
}

// hasIPv4 looks for addresses, or beginnings of them, that are bounded by what
// is no letter or digit.
func hasIPv4(prefix bool) *Function {
	return lenient(2, -1, value.Bool, func(a []value.Value) value.Value {
		s := a[0].String()
		for _, want := range needleTexts(a[1:]) {
			if !prefix && !isAddress(want) {
				continue
			}
			if want != "" && findIPv4(s, want, prefix) {
				return value.BoolOf(true)
			}
		}
		return value.BoolOf(false)
	})
}

func isAddress(s string) bool {
	_, ok := dotted(s)
	return ok
}

func findIPv4(s, want string, prefix bool) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], want)
		if i < 0 {
			return false
		}
		i += from
		end := i
		for end < len(s) && (s[end] == '.' || s[end] >= '0' && s[end] <= '9') {
			end++
		}
		candidate := strings.TrimRight(s[i:end], ".")
		end = i + len(candidate)
		bounded := (i == 0 || !isTermRune(rune(s[i-1])) && s[i-1] != '.') && (end == len(s) || !isTermRune(rune(s[end])))
		if bounded && isAddress(candidate) && (candidate == want || prefix) {
			return true
		}
		from = i + 1
	}
}

// cidrList covers a range of addresses by networks.
func cidrList(a []value.Value) value.Value {
	first, ok1 := parseIPv4(a[0].String())
	last, ok2 := parseIPv4(a[1].String())
	if !ok1 || !ok2 {
		return nothing
	}
	from, to := addrNumber(first.addr), addrNumber(last.addr)
	var out []string
	for from <= to {
		size := int64(1)
		bits := 32
		for bits > 0 && from%(size*2) == 0 && from+size*2-1 <= to {
			size *= 2
			bits--
		}
		out = append(out, numberAddr(from).String()+"/"+strconv.Itoa(bits))
		from += size
	}
	return texts(out)
}

var ipv6Functions = map[string]*Function{
	"ipv6_is_in_range":     ipRange(parseIPv6),
	"ipv6_is_in_any_range": ipAnyRange(true, parseIPv6),
	"ipv6_compare":         ipCompare(parseIPv6, 128, asLong, noLong),
	"ipv6_is_match":        ipCompare(parseIPv6, 128, isEqual, value.NullOf(value.Bool)),
	"parse_ipv6":           textOf(func(s string) value.Value { return formatIPv6(s, 128) }, value.String),
	"parse_ipv6_mask": lenient(2, 2, value.String, func(a []value.Value) value.Value {
		bits := whole(a, 1, 128)
		if bits < 0 || bits > 128 {
			return noText
		}
		return formatIPv6(a[0].String(), int(bits))
	}),
}

// formatIPv6 writes eight groups of four digits.
func formatIPv6(s string, bits int) value.Value {
	n, ok := parseIPv6(s)
	if !ok {
		return noText
	}
	return value.StringOf(netip.AddrFrom16(n.masked(min(bits, n.bits)).As16()).StringExpanded())
}

// Has tells whether an address lies in one of the networks.
func (r *IPRanges) Has(v6 bool, ip string) bool {
	parse := parseIPv4
	if v6 {
		parse = parseIPv6
	}
	n, ok := parse(ip)
	return ok && r.contain(n)
}

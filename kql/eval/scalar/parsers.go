package scalar

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

var parsers = map[string]*Function{
	"parse_url":      textOf(func(s string) value.Value { return parseURL(s).Value() }, value.Dynamic),
	"parse_urlquery": textOf(parseURLQuery, value.Dynamic),
	"parse_path":     textOf(func(s string) value.Value { return parsePath(s).Value() }, value.Dynamic),
	"parse_version":  textOf(parseVersion, value.Decimal),
	"parse_csv":      textOf(parseCSV, value.Dynamic),
	"parse_xml":      textOf(parseXML, value.Dynamic),
	"parse_command_line": lenient(2, 2, value.Dynamic, func(a []value.Value) value.Value {
		args, ok := commandLine(a[0].String())
		if !ok || strings.ToLower(a[1].String()) != "windows" {
			return nothing
		}
		return texts(args)
	}),
	"parse_user_agent": lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value {
		wanted := needleTexts(a[1:])
		if len(wanted) == 0 {
			wanted = []string{"browser", "os", "device"}
		}
		return parseUserAgent(a[0].String(), wanted).Value()
	}),
	"format_bytes": ranged(1, 3, value.String, formatBytes),
}

// members makes a bag of texts: key, value, key, value.
func members(pairs ...string) value.JSON {
	j := value.JSON{Kind: value.KindBag}
	for i := 0; i+1 < len(pairs); i += 2 {
		j.Set(pairs[i], value.TextJSON(pairs[i+1]))
	}
	return j
}

// parseURL takes a URL apart; parts that are missing are empty.
func parseURL(s string) value.JSON {
	rest, fragment, _ := strings.Cut(s, "#")
	rest, query, _ := strings.Cut(rest, "?")
	scheme, after, ok := strings.Cut(rest, "://")
	if ok {
		rest = after
	} else {
		scheme = ""
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	user, password := "", ""
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, password, _ = strings.Cut(host[:i], ":")
		host = host[i+1:]
	}
	host, port := hostPort(host)
	j := members("Scheme", scheme, "Host", host, "Port", port, "Path", path, "Username", user, "Password", password)
	j.Set("Query Parameters", queryParameters(query))
	j.Set("Fragment", value.TextJSON(fragment))
	return j
}

func hostPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") || strings.Contains(host[:i], ":") && !strings.HasPrefix(host, "[") {
		return host, ""
	}
	return host[:i], host[i+1:]
}

func queryParameters(query string) value.JSON {
	j := value.JSON{Kind: value.KindBag}
	for n := 0; query != "" && n < 4096; n++ {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		k, v, _ := strings.Cut(pair, "=")
		if k != "" {
			j.Set(percentDecode(k, true), value.TextJSON(percentDecode(v, true)))
		}
	}
	return j
}

func parseURLQuery(s string) value.Value {
	j := value.JSON{Kind: value.KindBag}
	j.Set("Query Parameters", queryParameters(strings.TrimPrefix(s, "?")))
	return j.Value()
}

// parsePath takes a path of Windows or Unix apart.
func parsePath(s string) value.JSON {
	scheme := ""
	if before, after, ok := strings.Cut(s, "://"); ok {
		scheme, s = before, after
		if len(s) > 2 && s[0] == '/' && s[2] == ':' {
			s = s[1:]
		}
	}
	root := ""
	if len(s) >= 2 && s[1] == ':' {
		root = s[:2]
	}
	dir, file := "", s
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		dir, file = s[:i], s[i+1:]
	}
	stream := ""
	if i := strings.IndexByte(file, ':'); i >= 0 && dir != "" {
		file, stream = file[:i], file[i+1:]
	}
	extension := ""
	if i := strings.LastIndexByte(file, '.'); i >= 0 {
		extension = file[i+1:]
	}
	name := dir[strings.LastIndexAny(dir, `/\`)+1:]
	return members("Scheme", scheme, "RootPath", root, "DirectoryPath", dir, "DirectoryName", name, "Filename", file,
		"Extension", extension, "AlternateDataStreamName", stream)
}

// parseVersion makes a number of one to four parts of at most eight digits, so
// that versions can be compared.
func parseVersion(s string) value.Value {
	parts := strings.Split(strings.TrimSpace(s), ".")
	if len(parts) > 4 {
		return value.NullOf(value.Decimal)
	}
	var b strings.Builder
	for i := range 4 {
		p := "0"
		if i < len(parts) {
			p = parts[i]
		}
		if p == "" || len(p) > 8 || strings.Trim(p, "0123456789") != "" {
			return value.NullOf(value.Decimal)
		}
		b.WriteString(strings.Repeat("0", 8-len(p)) + p)
	}
	return value.ParseDecimal(b.String())
}

// parseCSV reads the first record of a text of comma-separated values.
func parseCSV(s string) value.Value {
	var out []string
	for {
		field, rest, more := csvField(s)
		out = append(out, field)
		if !more || len(out) >= maxItems {
			return texts(out)
		}
		s = rest
	}
}

// csvField reads one field; more is true when another one follows in the record.
func csvField(s string) (field, rest string, more bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexAny(s, ",\r\n")
		if i < 0 {
			return s, "", false
		}
		return s[:i], s[i+1:], s[i] == ','
	}
	var b strings.Builder
	for s = s[1:]; s != ""; s = s[1:] {
		if s[0] == '"' {
			if !strings.HasPrefix(s, `""`) {
				s = s[1:]
				break
			}
			s = s[1:]
		}
		b.WriteByte(s[0])
	}
	return b.String(), strings.TrimPrefix(s, ","), strings.HasPrefix(s, ",")
}

// maxXMLDepth bounds the nesting of XML.
const maxXMLDepth = 64

// parseXML reads a document as JSON: attributes as @name, text beside children
// as #text, repeated elements as arrays.
func parseXML(s string) value.Value {
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict = true
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	out := value.JSON{Kind: value.KindBag}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && len(out.Keys) > 0 {
			return out.Value()
		}
		if err != nil {
			return nothing
		}
		if start, ok := t.(xml.StartElement); ok {
			child, err := xmlElement(d, start, 0)
			if err != nil {
				return nothing
			}
			addChild(&out, xmlName(start.Name), child)
		}
	}
}

var errXMLDepth = errors.New("XML is nested too deep")

func xmlName(n xml.Name) string { return n.Local }

func xmlElement(d *xml.Decoder, start xml.StartElement, depth int) (value.JSON, error) {
	if depth > maxXMLDepth {
		return value.JSON{}, errXMLDepth
	}
	j := value.JSON{Kind: value.KindBag}
	for _, a := range start.Attr {
		j.Set("@"+xmlName(a.Name), value.TextJSON(a.Value))
	}
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return j, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			child, err := xmlElement(d, t, depth+1)
			if err != nil {
				return j, err
			}
			addChild(&j, xmlName(t.Name), child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return xmlContent(j, strings.TrimSpace(text.String())), nil
		}
	}
}

// xmlContent is the text alone where there is nothing beside it.
func xmlContent(j value.JSON, text string) value.JSON {
	switch {
	case len(j.Keys) == 0 && text == "":
		return value.JSON{}
	case len(j.Keys) == 0:
		return value.TextJSON(text)
	case text != "":
		j.Set("#text", value.TextJSON(text))
	}
	return j
}

func addChild(j *value.JSON, name string, child value.JSON) {
	old, ok := j.Get(name)
	switch {
	case !ok:
		j.Set(name, child)
	case old.Kind == value.KindArray:
		old.Items = append(old.Items, child)
		j.Set(name, old)
	default:
		j.Set(name, value.ArrayOf(old, child))
	}
}

// commandLine splits by the rules of Windows: quotes group, backslashes count
// only before quotes.
func commandLine(s string) ([]string, bool) {
	var out []string
	for s = strings.TrimLeft(s, " \t"); s != "" && len(out) < 65536; s = strings.TrimLeft(s, " \t") {
		var arg string
		arg, s = windowsArgument(s)
		out = append(out, arg)
	}
	return out, out != nil
}

func windowsArgument(s string) (arg, rest string) {
	var b strings.Builder
	quoted := false
	i := 0
	for i < len(s) {
		slashes := 0
		for i < len(s) && s[i] == '\\' {
			slashes++
			i++
		}
		if i == len(s) || s[i] != '"' {
			b.WriteString(strings.Repeat(`\`, slashes))
			if i == len(s) || !quoted && (s[i] == ' ' || s[i] == '\t') {
				break
			}
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString(strings.Repeat(`\`, slashes/2))
		i++
		switch {
		case slashes%2 == 1:
			b.WriteByte('"')
		case quoted && i < len(s) && s[i] == '"':
			b.WriteByte('"')
			i++
		default:
			quoted = !quoted
		}
	}
	return b.String(), s[i:]
}

var byteUnits = []struct {
	name string
	size float64
}{{"Bytes", 1}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"PB", 1 << 50}}

// formatBytes is format_bytes(number, precision, unit).
func formatBytes(a []value.Value) value.Value {
	n, ok := number(a[0].Scalar())
	if !ok {
		return noText
	}
	unit := byteUnits[0]
	for _, u := range byteUnits {
		if n >= u.size || -n >= u.size {
			unit = u
		}
	}
	if len(a) > 2 {
		for _, u := range byteUnits {
			if strings.EqualFold(u.name, a[2].String()) {
				unit = u
			}
		}
	}
	f := roundReal(n/unit.size, max(0, min(15, whole(a, 1, 0)))).Float
	text := strings.TrimSuffix(value.RealOf(f).String(), ".0")
	return value.StringOf(text + " " + unit.name)
}

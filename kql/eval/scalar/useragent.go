package scalar

import (
	"regexp"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// agentPattern finds a name in a user agent, and its version as the first group.
type agentPattern struct {
	name string
	re   *regexp.Regexp
}

func agents(pairs ...string) []agentPattern {
	var out []agentPattern
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, agentPattern{pairs[i], regexp.MustCompile(pairs[i+1])})
	}
	return out
}

// The first pattern that matches counts, so products that claim to be others
// come before those.
var (
	browsers = agents("Edge", `Edg(?:e|A|iOS)?/([\d.]+)`, "Opera", `(?:OPR|Opera)/([\d.]+)`, "Samsung Internet", `SamsungBrowser/([\d.]+)`,
		"Firefox", `Firefox/([\d.]+)`, "Chrome Mobile iOS", `CriOS/([\d.]+)`, "Chrome Mobile", `Chrome/([\d.]+) Mobile`, "Chrome", `Chrome/([\d.]+)`,
		"Mobile Safari", `Version/([\d.]+).*Mobile.*Safari/`, "Safari", `Version/([\d.]+).*Safari/`, "IE", `MSIE ([\d.]+)`, "IE", `Trident/.*rv:([\d.]+)`,
		"curl", `curl/([\d.]+)`, "Wget", `Wget/([\d.]+)`, "Python Requests", `python-requests/([\d.]+)`, "PowerShell", `PowerShell/([\d.]+)`,
		"Go-http-client", `Go-http-client/([\d.]+)`, "Java", `Java/([\d._]+)`)
	systems = agents("Windows", `Windows NT ([\d.]+)`, "iOS", `(?:iPhone OS|CPU OS) ([\d_]+)`, "Android", `Android ([\d.]+)`, "Mac OS X", `Mac OS X ([\d_.]+)`,
		"Chrome OS", `CrOS \S+ ([\d.]+)`, "Ubuntu", `Ubuntu(?:/([\d.]+))?`, "Linux", `Linux()`)
	devices = agents("iPhone", `iPhone`, "iPad", `iPad`, "Mac", `Macintosh`, "Generic Smartphone", `Android.*Mobile`, "Generic Tablet", `Android`,
		"Spider", `(?i)bot|crawler|spider`)
	windowsVersions = map[string]string{"10.0": "10", "6.3": "8.1", "6.2": "8", "6.1": "7", "6.0": "Vista", "5.1": "XP", "5.2": "XP"}
)

// parseUserAgent tells browser, os and device of a user agent.
func parseUserAgent(s string, wanted []string) value.JSON {
	if len(s) > 4096 {
		s = s[:4096]
	}
	out := value.JSON{Kind: value.KindBag}
	for _, w := range wanted {
		switch strings.ToLower(w) {
		case "browser":
			name, version := firstAgent(browsers, s)
			out.Set("Browser", versioned(name, version, "MajorVersion", "MinorVersion", "Patch"))
		case "os":
			name, version := firstAgent(systems, s)
			if w, ok := windowsVersions[version]; ok && name == "Windows" {
				version = w
			}
			out.Set("OperatingSystem", versioned(name, version, "MajorVersion", "MinorVersion", "Patch", "PatchMinor"))
		case "device":
			name, _ := firstAgent(devices, s)
			brand := map[string]string{"iPhone": "Apple", "iPad": "Apple", "Mac": "Apple", "Spider": "Spider"}[name]
			model := name
			out.Set("Device", members("Family", name, "Brand", brand, "Model", model))
		}
	}
	return out
}

func firstAgent(patterns []agentPattern, s string) (name, version string) {
	for _, p := range patterns {
		if m := p.re.FindStringSubmatch(s); m != nil {
			return p.name, m[len(m)-1]
		}
	}
	return "Other", ""
}

// versioned is a family and the parts of its version.
func versioned(name, version string, parts ...string) value.JSON {
	j := members("Family", name)
	numbers := strings.FieldsFunc(version, func(r rune) bool { return r == '.' || r == '_' })
	for i, p := range parts {
		n := ""
		if i < len(numbers) {
			n = numbers[i]
		}
		j.Set(p, value.TextJSON(n))
	}
	return j
}

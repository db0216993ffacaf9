package scalar

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The parameters of punycode (RFC 3492).
const (
	punyBase, punyMin, punyMax   = 36, 1, 26
	punySkew, punyDamp           = 38, 700
	punyFirstBias, punyFirstCode = 72, 128
	maxPunycode                  = 1024
)

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyMin)*punyMax/2 {
		delta /= punyBase - punyMin
		k += punyBase
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

func punyThreshold(k, bias int) int { return max(punyMin, min(punyMax, k-bias)) }

// punyDecode reads punycode; what is none gives an empty text.
func punyDecode(s string) string {
	if len(s) > maxPunycode {
		return ""
	}
	var out []rune
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		out, s = []rune(s[:i]), s[i+1:]
	}
	n, at, bias := punyFirstCode, 0, punyFirstBias
	for s != "" {
		before, w := at, 1
		for k := punyBase; ; k += punyBase {
			if s == "" || w > 1<<24 {
				return ""
			}
			d := punyDigit(s[0])
			s = s[1:]
			if d < 0 {
				return ""
			}
			at += d * w
			t := punyThreshold(k, bias)
			if d < t {
				break
			}
			w *= punyBase - t
		}
		bias = punyAdapt(at-before, len(out)+1, before == 0)
		n += at / (len(out) + 1)
		at %= len(out) + 1
		if n > utf8.MaxRune {
			return ""
		}
		out = slices.Insert(out, at, rune(n))
		at++
	}
	return string(out)
}

func punyDigit(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

// punyEncode writes punycode; a text that is too long gives an empty one.
func punyEncode(s string) string {
	points := []rune(s)
	if len(points) > maxPunycode {
		return ""
	}
	var out []byte
	for _, r := range points {
		if r < punyFirstCode {
			out = append(out, byte(r))
		}
	}
	done := len(out)
	basic := done
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyFirstCode), 0, punyFirstBias
	for done < len(points) {
		next := nextPoint(points, n)
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range points {
			if r < n {
				delta++
			}
			if r == n {
				out = punyNumber(out, delta, bias)
				bias = punyAdapt(delta, done+1, done == basic)
				delta = 0
				done++
			}
		}
		delta++
		n++
	}
	return string(out)
}

// nextPoint is the least code point from n on.
func nextPoint(points []rune, n rune) rune {
	next := rune(utf8.MaxRune)
	for _, r := range points {
		if r >= n {
			next = min(next, r)
		}
	}
	return next
}

func punyNumber(out []byte, delta, bias int) []byte {
	const digits = "abcdefghijklmnopqrstuvwxyz0123456789"
	for k := punyBase; ; k += punyBase {
		t := punyThreshold(k, bias)
		if delta < t {
			return append(out, digits[delta])
		}
		out = append(out, digits[t+(delta-t)%(punyBase-t)])
		delta = (delta - t) / (punyBase - t)
	}
}

// punyDomain translates the labels of a domain name one by one.
func punyDomain(s string, label func(string) string) string {
	labels := strings.Split(s, ".")
	if len(labels) > 128 {
		return ""
	}
	for i, l := range labels {
		labels[i] = label(l)
	}
	return strings.Join(labels, ".")
}

func domainToText(label string) string {
	if rest, ok := strings.CutPrefix(label, "xn--"); ok {
		return punyDecode(rest)
	}
	return label
}

func domainFromText(label string) string {
	if isASCII(label) {
		return label
	}
	return "xn--" + punyEncode(label)
}

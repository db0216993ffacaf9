package alert

import (
	"math/bits"
	"slices"
	"strings"
)

// Tactic is a tactic of ATT&CK for Enterprise, written as Graph categories and
// Sentinel rows write it ("InitialAccess").
type Tactic string

// The tactics in kill-chain order.
const (
	TacticReconnaissance      Tactic = "Reconnaissance"
	TacticResourceDevelopment Tactic = "ResourceDevelopment"
	TacticInitialAccess       Tactic = "InitialAccess"
	TacticExecution           Tactic = "Execution"
	TacticPersistence         Tactic = "Persistence"
	TacticPrivilegeEscalation Tactic = "PrivilegeEscalation"
	TacticDefenseEvasion      Tactic = "DefenseEvasion"
	TacticCredentialAccess    Tactic = "CredentialAccess"
	TacticDiscovery           Tactic = "Discovery"
	TacticLateralMovement     Tactic = "LateralMovement"
	TacticCollection          Tactic = "Collection"
	TacticCommandAndControl   Tactic = "CommandAndControl"
	TacticExfiltration        Tactic = "Exfiltration"
	TacticImpact              Tactic = "Impact"
)

// tacticRow is one row of the tactic table, in kill-chain order.
type tacticRow struct {
	tactic    Tactic
	id        string
	shortName string
	name      string
}

var tacticTable = []tacticRow{
	{TacticReconnaissance, "TA0043", "reconnaissance", "Reconnaissance"},
	{TacticResourceDevelopment, "TA0042", "resource-development", "Resource Development"},
	{TacticInitialAccess, "TA0001", "initial-access", "Initial Access"},
	{TacticExecution, "TA0002", "execution", "Execution"},
	{TacticPersistence, "TA0003", "persistence", "Persistence"},
	{TacticPrivilegeEscalation, "TA0004", "privilege-escalation", "Privilege Escalation"},
	{TacticDefenseEvasion, "TA0005", "defense-evasion", "Defense Evasion"},
	{TacticCredentialAccess, "TA0006", "credential-access", "Credential Access"},
	{TacticDiscovery, "TA0007", "discovery", "Discovery"},
	{TacticLateralMovement, "TA0008", "lateral-movement", "Lateral Movement"},
	{TacticCollection, "TA0009", "collection", "Collection"},
	{TacticCommandAndControl, "TA0011", "command-and-control", "Command and Control"},
	{TacticExfiltration, "TA0010", "exfiltration", "Exfiltration"},
	{TacticImpact, "TA0040", "impact", "Impact"},
}

// Tactics lists all tactics in kill-chain order.
func Tactics() []Tactic {
	out := make([]Tactic, len(tacticTable))
	for i, row := range tacticTable {
		out[i] = row.tactic
	}
	return out
}

func (t Tactic) row() (tacticRow, bool) {
	i := t.Order() - 1
	if i < 0 {
		return tacticRow{}, false
	}
	return tacticTable[i], true
}

// Known reports whether t is a tactic of ATT&CK for Enterprise.
func (t Tactic) Known() bool { return t.Order() > 0 }

// Order is the place in the kill chain, from 1; 0 for an unknown tactic.
func (t Tactic) Order() int {
	return slices.IndexFunc(tacticTable, func(r tacticRow) bool { return r.tactic == t }) + 1
}

// ID is the ATT&CK id such as TA0001, or "".
func (t Tactic) ID() string { r, _ := t.row(); return r.id }

// ShortName is the ATT&CK short name such as "initial-access", or "".
func (t Tactic) ShortName() string { r, _ := t.row(); return r.shortName }

// Name is the name for people such as "Initial Access"; unknown tactics give
// their own text.
func (t Tactic) Name() string {
	if r, ok := t.row(); ok {
		return r.name
	}
	return string(t)
}

// InWords is the name as it stands in a sentence, such as "Initial access"; unknown
// tactics give their own text.
func (t Tactic) InWords() string {
	n := t.Name()
	if n == "" {
		return n
	}
	return n[:1] + strings.ToLower(n[1:])
}

// tacticSpellings finds a tactic by its letters alone.
var tacticSpellings = func() map[string]Tactic {
	out := map[string]Tactic{
		"preattack": TacticReconnaissance, "c2": TacticCommandAndControl, "commandcontrol": TacticCommandAndControl,
		"exploit": TacticInitialAccess, "delivery": TacticInitialAccess, "installation": TacticPersistence,
		"defenceevasion": TacticDefenseEvasion, "impairprocesscontrol": TacticImpact, "inhibitresponsefunction": TacticImpact,
	}
	for _, r := range tacticTable {
		out[lettersOf(string(r.tactic))] = r.tactic
		out[lettersOf(r.id)] = r.tactic
	}
	return out
}()

// lettersOf drops case, spaces, dashes and underscores.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// ParseTactic reads a tactic in any usual spelling: "InitialAccess", "Initial
// Access", "initial-access", "TA0001".
func ParseTactic(text string) (Tactic, bool) {
	if t := Tactic(text); t.Order() > 0 {
		return t, true
	}
	if len(text) > 64 {
		return "", false
	}
	t, ok := tacticSpellings[lettersOf(text)]
	return t, ok
}

// categoryTactics gives the tactic of the categories of Defender alerts that are
// no tactic themselves. Categories that say nothing about the step of an attack
// (SuspiciousActivity, UnwantedSoftware, …) have none.
var categoryTactics = map[string]Tactic{
	"malware":              TacticExecution,
	"ransomware":           TacticImpact,
	"phishing":             TacticInitialAccess,
	"exploit":              TacticExecution,
	"credentialtheft":      TacticCredentialAccess,
	"credentialstealing":   TacticCredentialAccess,
	"backdoor":             TacticPersistence,
	"webexploit":           TacticInitialAccess,
	"suspiciousnetwork":    TacticCommandAndControl,
	"networkcommunication": TacticCommandAndControl,
	"installation":         TacticPersistence,
	"documentexploit":      TacticExecution,
	"socialengineering":    TacticInitialAccess,
	"anonymouslogin":       TacticInitialAccess,
	"dataexfiltration":     TacticExfiltration,
}

// TacticOfCategory gives the tactic that a category of a Defender alert stands
// for, if it stands for one.
func TacticOfCategory(category string) (Tactic, bool) {
	if t, ok := ParseTactic(category); ok {
		return t, true
	}
	if len(category) > 64 {
		return "", false
	}
	t, ok := categoryTactics[lettersOf(category)]
	return t, ok
}

// TacticsOf gives the tactics of an alert in kill-chain order. Its categories
// say them where they name tactics; only where they do not, its techniques
// decide, and a technique that serves several tactics then counts for the first
// of them.
func TacticsOf(a *Alert) []Tactic {
	var out []Tactic
	for set := TacticSetOf(a); set != 0; set &= set - 1 {
		out = append(out, tacticTable[bits.TrailingZeros32(set)-1].tactic)
	}
	return out
}

// TacticSetOf is TacticsOf as a set: bit n stands for the tactic of order n.
func TacticSetOf(a *Alert) uint32 {
	set := uint32(0)
	if t, ok := TacticOfCategory(a.Category); ok {
		set |= 1 << t.Order()
	}
	for _, c := range a.Categories {
		if t, ok := TacticOfCategory(c); ok {
			set |= 1 << t.Order()
		}
	}
	if set != 0 {
		return set
	}
	for _, id := range a.MITRETechniques {
		if tech, ok := LookupTechnique(id); ok && len(tech.Tactics) > 0 {
			set |= 1 << tech.Tactics[0].Order()
		}
	}
	return set
}

// Technique is one technique or sub-technique of ATT&CK for Enterprise.
type Technique struct {
	ID      string
	Name    string
	Tactics []Tactic // in kill-chain order
}

// Techniques lists all known techniques by id. The result must not be changed.
func Techniques() []Technique { return techniqueTable }

// LookupTechnique finds a technique by its id. A well-formed id that is not
// found belongs to another version of ATT&CK; see ValidTechniqueID.
func LookupTechnique(id string) (Technique, bool) {
	i, ok := slices.BinarySearchFunc(techniqueTable, id, func(t Technique, id string) int { return strings.Compare(t.ID, id) })
	if !ok {
		return Technique{}, false
	}
	return techniqueTable[i], true
}

// ValidTechniqueID reports whether id has the form T1234 or T1234.001.
func ValidTechniqueID(id string) bool {
	if len(id) != 5 && (len(id) != 9 || id[5] != '.') {
		return false
	}
	for i := range len(id) {
		switch {
		case i == 0 && id[i] != 'T':
			return false
		case i != 0 && i != 5 && (id[i] < '0' || id[i] > '9'):
			return false
		}
	}
	return true
}

// UnknownTechniques lists what an alert names as techniques but the table does
// not hold: ids of another version, and text that is no id.
func UnknownTechniques(a *Alert) []string {
	var out []string
	for _, id := range a.MITRETechniques {
		if _, ok := LookupTechnique(id); !ok {
			out = append(out, id)
		}
	}
	return out
}

// ParseTechniques finds the technique ids in free text such as
// "PowerShell (T1059.001)" or "attack.t1059.001", in the order of appearance
// and without repeats.
func ParseTechniques(text string) []string {
	var out []string
	for i := 0; i+5 <= len(text); i++ {
		if c := text[i]; c != 'T' && c != 't' || i > 0 && isWordByte(text[i-1]) {
			continue
		}
		n := techniqueLength(text[i:])
		if n == 0 {
			continue
		}
		if id := "T" + text[i+1:i+n]; !slices.Contains(out, id) {
			out = append(out, id)
		}
		i += n - 1
	}
	return out
}

// techniqueLength gives the length of the id with which text begins, or 0.
func techniqueLength(text string) int {
	for _, n := range []int{9, 5} {
		if len(text) >= n && ValidTechniqueID("T"+text[1:n]) && (len(text) == n || !isWordByte(text[n])) {
			return n
		}
	}
	return 0
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

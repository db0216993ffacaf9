package incident

import (
	"fmt"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// Bounds of the priority score: above TopPriority an incident is in the top
// group, below LowPriority in the low one.
const (
	TopPriority = 85
	LowPriority = 15
)

// PriorityGroup is "top", "medium" or "low".
func PriorityGroup(score int) string {
	switch {
	case score > TopPriority:
		return "top"
	case score < LowPriority:
		return "low"
	}
	return "medium"
}

// highProfile are techniques whose appearance alone makes an incident urgent.
var highProfile = []struct{ id, text string }{
	{"T1486", "data is encrypted for impact, as ransomware does"},
	{"T1490", "recovery is inhibited, as ransomware does"},
	{"T1485", "data is destroyed"},
	{"T1003", "credentials are dumped from the operating system"},
	{"T1558", "Kerberos tickets are stolen or forged"},
	{"T1562", "defences are impaired"},
	{"T1505.003", "a web shell is in place"},
	{"T1567", "data leaves over a web service"},
}

// Score gives the priority of an incident from 0 to 100 and what it is made of.
// It depends on the head alone; the points of the factors add up to the score,
// but for the bounds 0 and 100.
func Score(i *Incident) (int, []PriorityFactor) {
	var out []PriorityFactor
	for _, f := range []func(*Incident) PriorityFactor{
		bySeverity, bySpread, byStage, byTechnique, byProducts, byAssets, byCritical, byConfidence, byNoise, byClassification,
	} {
		if p := f(i); p.Points != 0 {
			out = append(out, p)
		}
	}
	sum := 0
	for _, p := range out {
		sum += p.Points
	}
	return min(max(sum, 0), 100), out
}

func bySeverity(i *Incident) PriorityFactor {
	points := map[alert.Severity]int{alert.SeverityHigh: 35, alert.SeverityMedium: 20, alert.SeverityLow: 8, alert.SeverityInformational: 2}[i.Severity]
	if points == 0 {
		return PriorityFactor{"severity", 5, "The severity is not known."}
	}
	return PriorityFactor{"severity", points, fmt.Sprintf("The severity is %s.", i.Severity)}
}

func bySpread(i *Incident) PriorityFactor {
	tactics := tacticsOf(i.Tally.Tactics)
	if len(tactics) < 2 {
		return PriorityFactor{}
	}
	text := fmt.Sprintf("The alerts cover %d tactics, from %s to %s.", len(tactics), tactics[0].InWords(), tactics[len(tactics)-1].InWords())
	return PriorityFactor{"tactics", min(5*(len(tactics)-1), 20), text}
}

var stagePoints = map[alert.Tactic]int{
	alert.TacticCredentialAccess: 6, alert.TacticLateralMovement: 8, alert.TacticCollection: 6,
	alert.TacticCommandAndControl: 6, alert.TacticExfiltration: 10, alert.TacticImpact: 10,
}

func byStage(i *Incident) PriorityFactor {
	var best alert.Tactic
	for _, t := range tacticsOf(i.Tally.Tactics) {
		if stagePoints[t] > 0 && stagePoints[t] >= stagePoints[best] {
			best = t
		}
	}
	if best == "" {
		return PriorityFactor{}
	}
	return PriorityFactor{"stage", stagePoints[best], fmt.Sprintf("It has reached %s.", best.InWords())}
}

func byTechnique(i *Incident) PriorityFactor {
	for _, h := range highProfile {
		for id := range i.Tally.Techniques {
			if id == h.id || len(id) > len(h.id) && id[:len(h.id)] == h.id && id[len(h.id)] == '.' {
				return PriorityFactor{"technique", 10, fmt.Sprintf("High-profile technique %s: %s.", h.id, h.text)}
			}
		}
	}
	return PriorityFactor{}
}

func byProducts(i *Incident) PriorityFactor {
	n := len(i.Tally.Products)
	if n < 2 {
		return PriorityFactor{}
	}
	return PriorityFactor{"products", min(5*(n-1), 10), fmt.Sprintf("%d products report it independently.", n)}
}

func byAssets(i *Incident) PriorityFactor {
	n := i.Scope["device"] + i.Scope["user"] + i.Scope["mailbox"] + i.Scope["app"] + i.Scope["cloudResource"]
	if n < 3 {
		return PriorityFactor{}
	}
	return PriorityFactor{"assets", min(1+n/3, 6), fmt.Sprintf("%d assets are involved.", n)}
}

func byCritical(i *Incident) PriorityFactor {
	if len(i.TopAssets) == 0 {
		return PriorityFactor{}
	}
	switch a := i.TopAssets[0]; { // the most critical one
	case a.Critical:
		return PriorityFactor{"criticalAsset", 12, fmt.Sprintf("The critical asset %s is impacted.", plain(a.Label, maxLabel))}
	case a.Criticality == string(correlate.CriticalityHigh):
		return PriorityFactor{"criticalAsset", 6, fmt.Sprintf("The asset %s of high criticality is impacted.", plain(a.Label, maxLabel))}
	case a.Criticality == string(correlate.CriticalityLow):
		return PriorityFactor{"criticalAsset", -6, "Only assets of low criticality are impacted."}
	}
	return PriorityFactor{}
}

func byConfidence(i *Incident) PriorityFactor {
	if i.Tally.Linked == 0 {
		return PriorityFactor{}
	}
	mean := i.Tally.LinkMille / i.Tally.Linked / 10
	switch {
	case mean >= 90:
		return PriorityFactor{"confidence", 4, fmt.Sprintf("The alerts belong together with %d %% confidence.", mean)}
	case mean < 60:
		return PriorityFactor{"confidence", -4, fmt.Sprintf("The alerts belong together with only %d %% confidence.", mean)}
	}
	return PriorityFactor{}
}

// byNoise lowers what is one detection over and over.
func byNoise(i *Incident) PriorityFactor {
	kinds := len(i.Tally.Titles)
	if i.Tally.Alerts < 20 || i.Tally.Alerts < 20*kinds {
		return PriorityFactor{}
	}
	return PriorityFactor{"noise", -8, fmt.Sprintf("%d alerts are of only %s.", i.Tally.Alerts, counted(kinds, "type"))}
}

func byClassification(i *Incident) PriorityFactor {
	switch i.Classification {
	case alert.ClassificationTruePositive:
		return PriorityFactor{"classification", 10, "It is classified as a true positive."}
	case alert.ClassificationFalsePositive:
		return PriorityFactor{"classification", -50, "It is classified as a false positive."}
	case alert.ClassificationInformationalExpectedActivity:
		return PriorityFactor{"classification", -40, "It is classified as expected activity."}
	}
	return PriorityFactor{}
}

package incident

import (
	"slices"

	"github.com/clew-sec/clew/alert"
)

// determinations lists what may be determined under each classification, in the
// order in which a list offers them. "unknown" (not set) goes with all of them.
// The members "apt" and "securityPersonnel" were withdrawn from the API and are
// only read, never set.
var determinations = map[alert.Classification][]alert.Determination{
	alert.ClassificationTruePositive: {
		alert.DeterminationMultiStagedAttack, alert.DeterminationMaliciousUserActivity, alert.DeterminationCompromisedAccount,
		alert.DeterminationMalware, alert.DeterminationPhishing, alert.DeterminationUnwantedSoftware, alert.DeterminationOther,
	},
	alert.ClassificationInformationalExpectedActivity: {
		alert.DeterminationSecurityTesting, alert.DeterminationLineOfBusinessApplication, alert.DeterminationConfirmedActivity, alert.DeterminationOther,
	},
	alert.ClassificationFalsePositive: {
		alert.DeterminationNotMalicious, alert.DeterminationNotEnoughDataToValidate, alert.DeterminationOther,
	},
	alert.ClassificationUnknown: nil,
}

// Classifications lists the classifications that may be set.
func Classifications() []alert.Classification {
	return []alert.Classification{
		alert.ClassificationUnknown, alert.ClassificationTruePositive,
		alert.ClassificationInformationalExpectedActivity, alert.ClassificationFalsePositive,
	}
}

// Determinations lists the determinations that may be set with c, besides unknown.
func Determinations(c alert.Classification) []alert.Determination {
	return slices.Clone(determinations[notSet(c)])
}

func notSet[E ~string](e E) E {
	if e == "" {
		return "unknown"
	}
	return e
}

// Classify checks a change of classification and determination against what is
// set, for an incident or an alert, and gives the pair that results. A nil
// argument stays as it is; a determination that does not go with a new
// classification is reset unless it was asked for.
func Classify(c alert.Classification, d alert.Determination, newC, newD *string) (alert.Classification, alert.Determination, error) {
	c, d = notSet(c), notSet(d)
	if newC != nil {
		c = notSet(alert.ParseEnum[alert.Classification](*newC))
		if _, ok := determinations[c]; !ok {
			return "", "", invalid("classification", "%q is none of %s", plain(*newC, maxLabel), listOf(Classifications()))
		}
	}
	fits := func(d alert.Determination) bool {
		return d == alert.DeterminationUnknown || slices.Contains(determinations[c], d)
	}
	if newD == nil {
		if newC != nil && !fits(d) {
			d = alert.DeterminationUnknown
		}
		return c, d, nil
	}
	d = notSet(alert.ParseEnum[alert.Determination](*newD))
	if fits(d) {
		return c, d, nil
	}
	if len(determinations[c]) == 0 {
		return "", "", invalid("determination", "needs a classification: set one that goes with %q", plain(*newD, maxLabel))
	}
	return "", "", invalid("determination", "%q does not go with %s; allowed are unknown, %s", plain(*newD, maxLabel), c, listOf(determinations[c]))
}

func listOf[E ~string](names []E) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += string(n)
	}
	return out
}

package incident

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// TestEveryTransition goes through every state, every state and every cause.
func TestEveryTransition(t *testing.T) {
	allowed := []string{
		"active inProgress patch", "active resolved patch", "active redirected merge", "active redirected emptied",
		"inProgress active patch", "inProgress resolved patch", "inProgress redirected merge", "inProgress redirected emptied",
		"resolved active patch", "resolved inProgress patch", "resolved redirected emptied",
		"redirected active undo", "redirected inProgress undo",
	}
	n := 0
	for _, from := range Statuses() {
		for _, to := range Statuses() {
			for _, cause := range []Cause{CausePatch, CauseMerge, CauseEmptied, CauseUndo} {
				want := from == to || slices.Contains(allowed, fmt.Sprintf("%s %s %s", from, to, cause))
				err := CanBecome(from, to, cause)
				if (err == nil) != want {
					t.Errorf("%s to %s by %s: %v", from, to, cause, err)
				}
				var r *RefusedError
				if err != nil && (!errors.Is(err, correlate.ErrRefused) || !errors.As(err, &r) || r.Reason == "") {
					t.Errorf("%s to %s by %s: %v is no refusal", from, to, cause, err)
				}
				n++
			}
		}
	}
	if n != 64 {
		t.Fatalf("went through %d combinations", n)
	}
}

func TestEveryPairOfClassificationAndDetermination(t *testing.T) {
	pairs := 0
	for _, c := range Classifications() {
		for _, d := range alert.Members[alert.Determination]() {
			cs, ds := string(c), string(d)
			gotC, gotD, err := Classify("", "", &cs, &ds)
			if want := d == alert.DeterminationUnknown || slices.Contains(Determinations(c), d); (err == nil) != want {
				t.Errorf("%s, %s: %v", c, d, err)
			}
			if err == nil {
				pairs++
				if gotC != c || gotD != d {
					t.Errorf("%s, %s became %s, %s", c, d, gotC, gotD)
				}
			}
		}
	}
	if pairs != 4+7+4+3 {
		t.Errorf("%d pairs are allowed, want 18", pairs)
	}
}

func TestWithdrawnAndForeignMembersAreRefused(t *testing.T) {
	tp := "truePositive"
	for _, d := range []string{"apt", "securityPersonnel", "unknownFutureValue", "x"} {
		if _, _, err := Classify("", "", &tp, &d); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", d, err)
		}
	}
	for _, c := range []string{"unknownFutureValue", "x"} {
		if _, _, err := Classify("", "", &c, nil); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", c, err)
		}
	}
}

func TestNewClassificationResetsWhatDoesNotFit(t *testing.T) {
	fp, lower := "falsePositive", "TRUEPOSITIVE"
	c, d, err := Classify(alert.ClassificationTruePositive, alert.DeterminationMalware, &fp, nil)
	if err != nil || c != alert.ClassificationFalsePositive || d != alert.DeterminationUnknown {
		t.Errorf("%s %s %v", c, d, err)
	}
	c, d, err = Classify(alert.ClassificationFalsePositive, alert.DeterminationOther, &lower, nil)
	if err != nil || c != alert.ClassificationTruePositive || d != alert.DeterminationOther {
		t.Errorf("%s %s %v", c, d, err)
	}
}

package backtest

import (
	"strconv"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
)

// Decision is what people decided about one alert.
type Decision struct {
	// Incident is where they left it; 0 when nobody decided anything.
	Incident correlate.IncidentID
	// Attack says that they closed the incident as a true positive, else they
	// closed it as something else or only moved alerts and merged incidents.
	Attack bool
}

// Apart says that people took an alert away from others: they moved it, split it
// off, or undid the merge that had brought it in.
type Apart struct {
	Alert string
	From  correlate.IncidentID // the incident that it was taken out of, or that it came from
}

// Feedback is what people decided about a set of alerts.
type Feedback struct {
	Decisions map[string]Decision
	Apart     []Apart
}

// Judgement says how well a grouping agrees with people. The figures are means
// over the incidents that people closed as true positives; they are 0 when there
// is none.
type Judgement struct {
	Decided   int `json:"decided"`   // alerts that people decided about
	Confirmed int `json:"confirmed"` // incidents closed as true positives
	// BestF1 is the best F1 of any one incident with a confirmed one; Captured
	// the share of it in the incident that holds most of it; Purity the share of
	// that incident which belongs to it.
	BestF1   float64 `json:"bestF1"`
	Captured float64 `json:"captured"`
	Purity   float64 `json:"purity"`
	// Contamination is the share of alerts that people closed as something else
	// in incidents that hold confirmed ones.
	Contamination float64 `json:"contamination"`
	// Parted counts what people took apart, Rejoined how much of it would be
	// together again.
	Parted   int `json:"parted"`
	Rejoined int `json:"rejoined"`
}

// Judge scores a grouping by what people decided.
func Judge(f Feedback, alerts []string, at Placement) Judgement {
	truth, where := evaluate.Truth{}, map[string]string{}
	members := map[correlate.IncidentID][]string{}
	for _, id := range alerts {
		d, ok := f.Decisions[id]
		if !ok || d.Incident == 0 {
			continue
		}
		truth[id] = evaluate.Label{ID: id, Incident: number(d.Incident), Attack: d.Attack}
		where[id] = number(at(id))
		members[d.Incident] = append(members[d.Incident], id)
	}
	r := evaluate.Score(truth, where)
	out := Judgement{Decided: len(truth), Confirmed: r.Attacks, BestF1: r.BestF1, Captured: r.Captured, Purity: r.Purity, Contamination: r.Contamination}
	out.Parted, out.Rejoined = parted(f.Apart, where, members, at)
	return out
}

// parted counts separations and those that the grouping would take back: the
// alert is with one that people left in the incident that it was taken out of.
func parted(list []Apart, where map[string]string, members map[correlate.IncidentID][]string, at Placement) (all, wrong int) {
	for _, p := range list {
		inc := at(p.Alert)
		if inc == 0 || len(members[p.From]) == 0 {
			continue
		}
		all++
		for _, other := range members[p.From] {
			if other != p.Alert && where[other] == number(inc) {
				wrong++
				break
			}
		}
	}
	return all, wrong
}

func number(id correlate.IncidentID) string { return strconv.FormatInt(int64(id), 10) }

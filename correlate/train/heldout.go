package train

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
)

// Fold is one part of a cross-validation: a model is trained on Train and
// measured on Test, of which it has seen nothing.
type Fold struct {
	Train, Test []Stream
}

// Folds deals the streams into n folds so that each fold tests at most a n-th of
// each kind. Streams that hold the same alerts are never parted, for a model that
// was trained on one of them knows the other.
func Folds(streams []Stream, n int) []Fold {
	folds := make([]Fold, n)
	dealt := map[string]int{}
	at := make([]int, len(streams))
	for i, s := range streams {
		at[i] = -1
		for k := range i {
			if related(streams[k], s) {
				at[i] = at[k]
			}
		}
		if at[i] < 0 {
			at[i] = (dealt[s.Kind] + len(dealt)) % n
			if _, known := dealt[s.Kind]; !known {
				at[i] = len(dealt) % n
			}
			dealt[s.Kind]++
		}
		for f := range folds {
			if f == at[i] {
				folds[f].Test = append(folds[f].Test, s)
			} else {
				folds[f].Train = append(folds[f].Train, s)
			}
		}
	}
	return folds
}

func related(a, b Stream) bool {
	if len(a.Alerts) == 0 || len(b.Alerts) == 0 {
		return false
	}
	_, yes := a.Truth[b.Alerts[0].ID]
	return yes
}

// Measured is a stream with what a model made of it.
type Measured struct {
	Stream Stream
	Model  *correlate.Model
	Result evaluate.Result
	// Lower and Higher are the results with the threshold of joining moved by
	// Shift log-odds; nil when they were not asked for.
	Lower, Higher *evaluate.Result
}

// Shift is how far the threshold of joining is moved to see how steady the
// results are, in log-odds.
const Shift = 0.3

// Measure replays the streams with a model, two at a time, and scores the
// incidents against the truth. With steady it does so at moved thresholds too.
func Measure(streams []Stream, m *correlate.Model, steady bool) []Measured {
	out := make([]Measured, len(streams))
	parallel(len(streams), func(i int) {
		s := streams[i]
		out[i] = Measured{Stream: s, Model: m, Result: evaluate.Score(s.Truth, Replay(s, m))}
		if steady {
			lower, higher := *m, *m
			lower.Join, higher.Join = m.Join-Shift, m.Join+Shift
			a, b := evaluate.Score(s.Truth, Replay(s, &lower)), evaluate.Score(s.Truth, Replay(s, &higher))
			out[i].Lower, out[i].Higher = &a, &b
		}
	})
	return out
}

// HeldOut trains a model for each fold and measures it on the streams that were
// left out. The results come in the order of the streams.
func HeldOut(streams []Stream, n int, opt Options, steady bool) ([]Measured, error) {
	folds := Folds(streams, n)
	models, errs := make([]*correlate.Model, n), make([]error, n)
	parallel(n, func(i int) {
		if len(folds[i].Test) > 0 {
			models[i], errs[i] = Train(folds[i].Train, opt)
		}
	})
	byName := map[string]Measured{}
	for i, f := range folds {
		if errs[i] != nil {
			return nil, fmt.Errorf("fold %d: %w", i+1, errs[i])
		}
		for _, r := range Measure(f.Test, models[i], steady) {
			byName[r.Stream.Name] = r
		}
	}
	var out []Measured
	for _, s := range streams {
		out = append(out, byName[s.Name])
	}
	return out, nil
}

// Replay gives the incident of every alert once the whole stream has come:
// merges and moves that came later are applied.
func Replay(s Stream, m *correlate.Model) map[string]string {
	e := correlate.New(correlate.Options{Model: m})
	at := make(map[string]correlate.IncidentID, len(s.Alerts))
	into := map[correlate.IncidentID]correlate.IncidentID{}
	for i, a := range s.Alerts {
		out := e.Add(correlate.Arrival{Seq: int64(i + 1), Received: a.CreatedDateTime, Alert: a})
		at[a.ID] = out.Incident
		for _, mg := range out.Merges {
			into[mg.From] = mg.Into
		}
		for _, mv := range out.Moves {
			at[mv.AlertID] = mv.To
		}
	}
	got := make(map[string]string, len(at))
	for id, i := range at {
		for to, ok := into[i]; ok; to, ok = into[i] {
			i = to
		}
		got[id] = strconv.FormatInt(int64(i), 10)
	}
	return got
}

// workers is how many streams are replayed at a time. Each holds an engine.
const workers = 2

// parallel calls f for 0 to n-1. The order of the calls does not matter to f.
func parallel(n int, f func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range min(workers, n) {
		group.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

package train_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/correlate/train"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Boosting finds a rule of two features, the same way each time.
func TestBoostLearns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"surprise.total", "rule.rate", "rule.burst"}
	var samples []train.Sample
	for range 4000 {
		x := []float32{r.Float32(), r.Float32(), r.Float32()}
		samples = append(samples, train.Sample{X: x, Label: x[0] > 0.5 && x[1] < 0.7, Weight: 1})
	}
	p := train.Params{Trees: 40, Seed: 3}
	base, trees := train.Boost(samples, names, p)
	again, trees2 := train.Boost(samples, names, p)
	if base != again || !cmp.Equal(trees, trees2) {
		t.Fatal("the same samples gave another model")
	}
	wrong := 0
	for _, s := range samples {
		if score(base, trees, names, s.X) > 0 != s.Label {
			wrong++
		}
	}
	if wrong > 60 {
		t.Errorf("%d of 4,000 wrong", wrong)
	}
}

func score(base float64, trees []correlate.Tree, names []string, x []float32) float64 {
	for _, t := range trees {
		n := 0
		for t.Feature[n] != "" {
			next := t.Left[n]
			for i, name := range names {
				if name == t.Feature[n] && x[i] > t.At[n] {
					next++
				}
			}
			n = next
		}
		base += t.Value[n]
	}
	return base
}

// stream makes pairs of alerts on one device within minutes, which belong
// together, among strangers that share only a hub.
func stream(seed uint64) train.Stream {
	r := rand.New(rand.NewPCG(seed, 5))
	s := train.Stream{Name: fmt.Sprint(seed), Truth: evaluate.Truth{}}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 300 {
		at = at.Add(time.Duration(r.IntN(900)) * time.Second)
		for k := range 2 {
			a := &alert.Alert{ID: fmt.Sprintf("%d-%d", i, k), Title: fmt.Sprint("rule ", k), FirstActivityDateTime: at, CreatedDateTime: at.Add(time.Minute)}
			a.Evidence = []alert.Evidence{&alert.DeviceEvidence{MDEDeviceID: fmt.Sprint("d", i%90)}, &alert.IPEvidence{IPAddress: "198.51.100.1"}}
			at = at.Add(time.Minute)
			s.Alerts = append(s.Alerts, a)
			s.Truth[a.ID] = evaluate.Label{ID: a.ID, Attack: true, Incident: fmt.Sprint(i)}
		}
	}
	return s
}

func TestTrainIsReproducible(t *testing.T) {
	t.Parallel()
	opt := train.Options{Params: train.Params{Trees: 10, MinHess: 2}, Rounds: 2, Version: "t"}
	one, err := train.Train([]train.Stream{stream(1), stream(2)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	two, err := train.Train([]train.Stream{stream(1), stream(2)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two, cmpopts.IgnoreUnexported(correlate.Model{}, correlate.Scorer{})); diff != "" {
		t.Error(diff)
	}
	if len(one.Link.Trees) != 10 {
		t.Errorf("%d trees", len(one.Link.Trees))
	}
}

// A single stream is calibrated too, on samples that the trees had not seen, and
// each part of the work is told.
func TestTrainOnOneStream(t *testing.T) {
	t.Parallel()
	var told []int
	opt := train.Options{Params: train.Params{Trees: 10, MinHess: 2}, Rounds: 2, Version: "t", Step: func(done, total int) error {
		told = append(told, done)
		if total != 8 {
			t.Errorf("step %d of %d", done, total)
		}
		return nil
	}}
	m, err := train.Train([]train.Stream{stream(1)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6, 7, 8}, told); diff != "" {
		t.Error(diff)
	}
	c := m.Link.Calibration
	if c == nil || len(c.Bins) < 2 || c.Bins[0].Right > 0.2 || c.Bins[len(c.Bins)-1].Right < 0.8 {
		t.Errorf("%+v", c)
	}
	stopped := errors.New("stopped")
	opt.Step = func(done, _ int) error {
		if done == 2 {
			return stopped
		}
		return nil
	}
	if _, err := train.Train([]train.Stream{stream(1)}, opt); !errors.Is(err, stopped) {
		t.Errorf("%v", err)
	}
	opt.Step, opt.Params.Stop = nil, func() bool { return true }
	if m, err = train.Train([]train.Stream{stream(1)}, opt); err != nil || len(m.Link.Trees) != 0 {
		t.Errorf("%v, %d trees", err, len(m.Link.Trees))
	}
}

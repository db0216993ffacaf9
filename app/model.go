package app

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/correlate/train"
)

// Labelled names files of alerts in order of arrival, and beside each the file
// with their labels.
type Labelled struct {
	In, Truth []string
	Source    string // format of the alerts, recognised when empty
}

// streams reads the labelled files.
func (o IO) streams(ctx context.Context, l Labelled) ([]train.Stream, error) {
	if len(l.In) == 0 || len(l.In) != len(l.Truth) {
		return nil, fmt.Errorf("%w: %d files of alerts and %d of labels; each needs its other", ErrUsage, len(l.In), len(l.Truth))
	}
	var out []train.Stream
	for i := range l.In {
		s, err := o.stream(ctx, l.Source, l.In[i], l.Truth[i])
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// stream reads one labelled file. What comes before the first point of its name
// names the stream, what comes before the first dash its kind.
func (o IO) stream(ctx context.Context, source, in, truth string) (train.Stream, error) {
	name, _, _ := strings.Cut(filepath.Base(in), ".")
	kind, _, _ := strings.Cut(name, "-")
	s := train.Stream{Name: name, Kind: kind}
	f, err := o.open(in)
	if err != nil {
		return s, err
	}
	defer f.Close()
	results, err := readAlerts(ctx, source, in, f, onlyAlerts)
	if err != nil {
		return s, err
	}
	for r, err := range results {
		if err != nil {
			return s, fmt.Errorf("%s: %w", in, err)
		}
		s.Alerts = append(s.Alerts, r.Alerts...)
	}
	s.Truth, err = o.truth(truth)
	return s, err
}

func (o IO) truth(name string) (evaluate.Truth, error) {
	f, err := o.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := unpacked(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t, err := evaluate.ReadTruth(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// unpacked reads through gzip where the first bytes say so.
func unpacked(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return z, nil
}

// loadModel reads a model file; "" is the built-in model.
func loadModel(name string) (*correlate.Model, error) {
	if name == "" {
		return correlate.BuiltIn(), nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("opening the model: %w", err)
	}
	m, err := correlate.ParseModel(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// features gives the names of the features that are meant by a name, or by what
// comes before the point of it, and says which they are.
func (o IO) features(names []string) []string {
	words := append(correlate.FeatureWords(), correlate.PairWords()...)
	var out []string
	for i, f := range append(correlate.FeatureNames(), correlate.PairNames()...) {
		family, _, _ := strings.Cut(f, ".")
		if slices.Contains(names, f) || slices.Contains(names, family) {
			out = append(out, f)
			fmt.Fprintf(o.Err, "left out: %s (%s)\n", f, words[i])
		}
	}
	return out
}

package app

import (
	"bufio"
	"context"
	"fmt"
)

// NormalizeOptions says what to normalise.
type NormalizeOptions struct {
	Source string // format, recognised when empty
	Files  []string
}

// Normalize prints each payload as normal-form alerts, one Graph alert a line.
// It stores nothing. Records that can't be read are named on standard error and
// end in ErrProblems; the others are printed all the same.
func Normalize(ctx context.Context, o IO, opt NormalizeOptions) error {
	out := bufio.NewWriter(o.Out)
	defer out.Flush()
	n := normalizer{ctx: ctx, o: o, opt: opt, out: out}
	for _, name := range opt.Files {
		if err := n.file(name); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	if n.problems > 0 {
		return fmt.Errorf("%w: %d records could not be read", ErrProblems, n.problems)
	}
	return nil
}

type normalizer struct {
	ctx      context.Context
	o        IO
	opt      NormalizeOptions
	out      *bufio.Writer
	problems int
	line     []byte
}

func (n *normalizer) file(name string) error {
	f, err := n.o.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	results, err := readAlerts(n.ctx, n.opt.Source, name, f, everything)
	if err != nil {
		return err
	}
	for r, err := range results {
		if err != nil {
			if stop := ended(n.ctx); stop != nil {
				return stop
			}
			n.problems++
			fmt.Fprintf(n.o.Err, "%s: %v\n", name, err)
			continue
		}
		if r.Skipped != "" {
			fmt.Fprintf(n.o.Err, "%s: record %d: %s\n", name, r.Record.Number, r.Skipped)
		}
		for _, a := range r.Alerts {
			if n.line, err = a.AppendJSON(n.line[:0]); err != nil {
				return fmt.Errorf("encoding alert %q: %w", a.ID, err)
			}
			n.out.Write(n.line)
			if err := n.out.WriteByte('\n'); err != nil {
				return fmt.Errorf("printing: %w", err)
			}
		}
	}
	return nil
}

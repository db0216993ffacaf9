package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
)

// ErrUsage marks wrong use: the verb ends with exit code 2.
var ErrUsage = errors.New("wrong use")

// ErrProblems says that a verb ran to its end and found problems, which it has
// printed already.
var ErrProblems = errors.New("there were problems")

// Version is set when the binary is linked.
var Version = "dev"

// IO is where a verb reads and writes. Out carries data, Err everything else.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Verbose  bool
}

// Logger logs to Err, from information on, or everything when Verbose.
func (o IO) Logger() *slog.Logger {
	level := slog.LevelInfo
	if o.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(o.Err, &slog.HandlerOptions{Level: level}))
}

func (o IO) printJSON(v any) error {
	enc := json.NewEncoder(o.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// table prints rows under a heading, columns aligned.
func (o IO) table(heading string, rows func(row func(format string, a ...any))) error {
	w := tabwriter.NewWriter(o.Out, 2, 8, 2, ' ', 0)
	fmt.Fprintln(w, heading)
	rows(func(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) })
	return w.Flush()
}

// inputs names the files to read; "-" is standard input.
func (o IO) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(o.In), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening the input: %w", err)
	}
	return f, nil
}

// create opens an output file; "-" is standard output.
func (o IO) create(name string) (io.WriteCloser, error) {
	if name == "-" {
		return keepOpen{o.Out}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("creating the output: %w", err)
	}
	return f, nil
}

type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// PrintVersion prints the version and what it was built with.
func PrintVersion(o IO) error {
	_, err := fmt.Fprintf(o.Out, "clew %s\n", Version)
	return err
}

func ended(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("stopped: %w", err)
	}
	return nil
}

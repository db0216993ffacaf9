// Command clew is the whole product in one binary: the server with its portal,
// and the tools that work on files, on a data folder or on a running server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/clew-sec/clew/app"
)

// Exit codes of every verb.
const (
	exitProblems = 1 // ran, and found problems
	exitUsage    = 2 // wrong use
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var cli commands
	code := -1
	parser, err := kong.New(&cli,
		kong.Name("clew"),
		kong.Description("Alerts in, attack stories out: an open incident and alert platform."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(c int) { code = c }),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "clew:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if code >= 0 {
		return code
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clew:", err)
		fmt.Fprintln(os.Stderr, "Try: clew --help")
		return exitUsage
	}
	return execute(parsed, &cli)
}

func execute(parsed *kong.Context, cli *commands) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	io := app.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Verbose: cli.Verbose}
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(io)
	parsed.Bind(parsed.Model)
	err := parsed.Run()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, app.ErrUsage):
		fmt.Fprintln(os.Stderr, "clew:", err)
		return exitUsage
	}
	fmt.Fprintln(os.Stderr, "clew:", err)
	return exitProblems
}

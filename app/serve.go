package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"github.com/clew-sec/clew/server/auth"
)

// Serve runs the product until the context ends. It prints the address, and on
// the first start how to sign in. When ready, the address is written to readyOut
// if that names a file.
func Serve(ctx context.Context, cfg Config, o IO, readyOut string) error {
	a, err := New(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, a.Stop(ctx))
	}
	if err := a.welcome(ctx, o, readyOut); err != nil {
		return errors.Join(err, a.Stop(ctx))
	}
	// Rebuilding the engine leaves as much garbage as the engine is large, and
	// Go would keep the memory: the first alerts need far less.
	debug.FreeOSMemory()
	resting, rouse := context.WithCancel(ctx)
	var rest sync.WaitGroup
	rest.Go(func() { keepQuiet(resting) })
	defer rest.Wait()
	defer rouse()
	select {
	case <-ctx.Done():
		fmt.Fprintln(o.Err, "stopping …")
		return a.Stop(ctx)
	case err := <-a.Done():
		return errors.Join(fmt.Errorf("the server ended: %w", err), a.Stop(ctx))
	}
}

func (a *App) welcome(ctx context.Context, o IO, readyOut string) error {
	fmt.Fprintf(o.Out, "\nClew is ready at %s\n", a.URL())
	secret, needed, err := auth.EnsureAdministrator(ctx, a.store, a.cfg.Now())
	if err != nil {
		return err
	}
	if needed {
		fmt.Fprintf(o.Out, "Nobody can sign in yet. Open this link once, within 24 hours, to become the administrator:\n\n    %s/setup/%s\n\n", a.URL(), secret)
	} else {
		fmt.Fprintln(o.Out, "Sign in there with your name and password. Forgotten? Stop the server and run: clew user reset NAME")
	}
	if readyOut == "" {
		return nil
	}
	if err := os.WriteFile(readyOut, []byte(a.URL()+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the address: %w", err)
	}
	return nil
}

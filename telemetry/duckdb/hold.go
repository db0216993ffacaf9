package duckdb

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/clew-sec/clew/telemetry"
)

// open holds the files that this process has open. The engine's own lock is one
// of the process: it would let a second store of the same process in.
var open = struct {
	sync.Mutex
	files map[string]bool
}{files: map[string]bool{}}

// hold takes the file for one store of this process.
func hold(file string) (func(), error) {
	key := absolute(file)
	open.Lock()
	defer open.Unlock()
	if open.files[key] {
		return nil, fmt.Errorf("%w: this one", telemetry.ErrLocked)
	}
	open.files[key] = true
	return func() { release(file) }, nil
}

func release(file string) {
	open.Lock()
	defer open.Unlock()
	delete(open.files, absolute(file))
}

func absolute(file string) string {
	if full, err := filepath.Abs(file); err == nil {
		return full
	}
	return file
}

// Package web carries the built portal inside the binary. Without a build the
// file system is empty and the server shows a page that says how to make one.
package web

import (
	"embed"
	"io/fs"
)

// all: takes the files whose names begin with a dot or an underscore too; the
// marker file keeps the folder in the repository, so that the Go build works
// without Node.
//
//go:embed all:dist
var dist embed.FS

// Portal is the built portal: index.html and its assets.
func Portal() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		// Only an invalid path can fail, and this one is constant.
		panic(err)
	}
	return sub
}

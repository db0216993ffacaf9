//go:build race

package app_test

// memoryBound is how much an import may have in memory, in MiB. The race detector
// keeps a shadow several times as large as the memory that is written to, and how
// much of it is there at once depends on when the collector runs: the bound that
// counts is the one without it. A file that is unpacked whole breaks this one too.
const memoryBound = 640

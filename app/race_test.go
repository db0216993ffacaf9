//go:build race

package app_test

// memoryBound is how much an import may have in memory, in MiB. The race detector
// keeps a shadow of all memory; what is left is still less than the files unpack to.
const memoryBound = 360

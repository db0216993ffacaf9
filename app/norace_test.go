//go:build !race

package app_test

// memoryBound is how much an import may have in memory, in MiB.
const memoryBound = 150

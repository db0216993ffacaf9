//go:build !race

package app_test

// memoryBound is how much an import may have in memory, in MiB: about 140 on a free
// machine, 155 where the collector hardly gets a processor. One of the large records,
// kept whole, adds 200.
const memoryBound = 220

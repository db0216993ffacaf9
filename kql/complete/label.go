package complete

import "github.com/clew-sec/clew/kql/catalog"

// Label writes a function with its parameters, as lists of functions show it.
// Of several signatures it is the first.
func Label(f *catalog.Function) string { return label(f.Name, &f.Signatures[0]) }

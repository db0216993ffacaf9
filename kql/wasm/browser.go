//go:build js && wasm

package main

import (
	"encoding/json"
	"syscall/js"
)

// main offers the methods to the page: clewKql.check(text), clewKql.complete
// (text, at), clewKql.schema(json), and stays.
func main() {
	s := &service{}
	object := js.Global().Get("Object").New()
	for name := range methods {
		object.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			return string(s.answer(requestOf(name, args)))
		}))
	}
	js.Global().Set("clewKql", object)
	if ready := js.Global().Get("clewKqlReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

func requestOf(name string, args []js.Value) request {
	r := request{Method: name}
	for _, a := range args {
		switch {
		case a.Type() == js.TypeString && name == "schema":
			r.Schema = json.RawMessage(a.String())
		case a.Type() == js.TypeString:
			r.Text = a.String()
		case a.Type() == js.TypeNumber:
			r.At = a.Int()
		}
	}
	return r
}

package syntax_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/clew-sec/clew/kql/syntax"
)

// dump writes a tree without its positions.
func dump(n any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(n), "")
	return b.String()
}

var positions = map[string]bool{"Span": true, "OpPos": true, "Open": true, "Close": true, "Commas": true, "Dot": true, "Bars": true, "By": true}

func dumpValue(b *strings.Builder, v reflect.Value, indent string) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil\n")
			return
		}
		dumpValue(b, v.Elem(), indent)
	case reflect.Slice:
		b.WriteString("\n")
		for i := range v.Len() {
			b.WriteString(indent + "- ")
			dumpValue(b, v.Index(i), indent+"  ")
		}
	case reflect.Struct:
		dumpStruct(b, v, indent)
	default:
		fmt.Fprintf(b, "%#v\n", v.Interface())
	}
}

func dumpStruct(b *strings.Builder, v reflect.Value, indent string) {
	t := v.Type()
	if t.Name() == "Ident" && !v.FieldByName("Quoted").Bool() && !v.FieldByName("Client").Bool() {
		fmt.Fprintf(b, "name %s\n", v.FieldByName("Name"))
		return
	}
	b.WriteString(t.Name() + "\n")
	for i := range t.NumField() {
		f, x := t.Field(i), v.Field(i)
		isPosition := positions[f.Name] && (f.Type == reflect.TypeFor[syntax.Span]() || f.Type.Kind() == reflect.Int || f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Int)
		if isPosition || x.IsZero() {
			continue
		}
		b.WriteString(indent + "  " + f.Name + ": ")
		dumpValue(b, x, indent+"  ")
	}
}

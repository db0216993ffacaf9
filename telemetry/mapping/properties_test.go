package mapping

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

// fits tells whether a value is one of its column's type.
func fits(t value.Type, v value.Value) error {
	if v.Type != t || v.Null {
		return fmt.Errorf("%s value (null %v) in a %s column", v.Type, v.Null, t)
	}
	if !utf8.ValidString(v.Text) {
		return fmt.Errorf("%q is no UTF-8", v.Text)
	}
	switch t {
	case value.Int:
		if v.Num < math.MinInt32 || v.Num > math.MaxInt32 {
			return fmt.Errorf("%d is no int", v.Num)
		}
	case value.DateTime:
		if v.Num < 0 || v.Num > value.MaxDateTime {
			return fmt.Errorf("%d is no datetime", v.Num)
		}
	case value.Dynamic:
		if !json.Valid([]byte(v.Text)) {
			return fmt.Errorf("%q is no JSON", v.Text)
		}
	}
	return nil
}

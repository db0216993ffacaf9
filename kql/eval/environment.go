package eval

import (
	"fmt"
	"math"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// environmentCall compiles the functions that depend on time, chance or the
// host. ok is false for others.
func (c *compiler) environmentCall(e *plan.Call, args []code) (k code, ok bool, err error) {
	now := value.DateTimeOf(c.env.Now)
	switch e.Func {
	case "now":
		if len(args) == 0 {
			return constantCode(now), true, nil
		}
		return folded(args, func(row []value.Value) value.Value { return scalar.Arithmetic('+', now, args[0].fn(row)) }), true, nil
	case "ago":
		return folded(args, func(row []value.Value) value.Value { return scalar.Arithmetic('-', now, args[0].fn(row)) }), true, nil
	case "ingestion_time":
		return constantCode(value.NullOf(value.DateTime)), true, nil
	case "current_principal", "current_database", "current_cluster_endpoint":
		return constantCode(value.StringOf("")), true, nil
	case "rand":
		return code{fn: randomCall(c.env.random(), args)}, true, nil
	case "new_guid":
		random := c.env.random()
		return code{fn: func([]value.Value) value.Value { return newGuid(random) }}, true, nil
	case "geo_info_from_ip_address":
		return c.place(args)
	}
	return code{}, false, nil
}

func (c *compiler) place(args []code) (code, bool, error) {
	if c.env.Places == nil || len(args) != 1 {
		return code{}, true, fmt.Errorf("geo_info_from_ip_address without a data base of places: %w", ErrUnsupported)
	}
	places := c.env.Places
	return code{fn: func(row []value.Value) value.Value {
		if j, ok := places.Place(args[0].fn(row).String()); ok {
			return j.Value()
		}
		return value.NullOf(value.Dynamic)
	}}, true, nil
}

// random is the source of chance; without one it is a fixed sequence.
func (e *Env) random() func() float64 {
	if e.Random == nil {
		state := uint64(0x9e3779b97f4a7c15)
		e.Random = func() float64 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			return float64(state>>11) / (1 << 53)
		}
	}
	return e.Random
}

// randomCall is rand(): below 1, or rand(n): a whole number below n.
func randomCall(random func() float64, args []code) rowFunc {
	return func(row []value.Value) value.Value {
		f := random()
		if len(args) > 0 {
			if n := value.Convert(args[0].fn(row), value.Real); !n.Null && n.Float > 1 {
				return value.RealOf(math.Floor(f * n.Float))
			}
		}
		return value.RealOf(f)
	}
}

func newGuid(random func() float64) value.Value {
	part := func(bits int) int64 { return int64(random() * float64(int64(1)<<bits)) }
	return value.ParseGuid(fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", part(32), part(16), part(12), 0x8000|part(14), part(48)))
}

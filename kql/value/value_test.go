package value

import (
	"math"
	"testing"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{BoolOf(true), "True"}, {BoolOf(false), "False"}, {IntOf(-7), "-7"}, {NullOf(Int), ""}, {RealOf(1500), "1500.0"},
		{RealOf(math.MaxInt64), "9.223372036854776E+18"}, {RealOf(1e-7), "1E-07"}, {RealOf(0.00012), "0.00012"}, {RealOf(math.Copysign(0, -1)), "-0.0"},
		{RealOf(math.Inf(1)), "inf"}, {RealOf(math.NaN()), "NaN"}, {RealOf(100000000000), "100000000000.0"}, {RealOf(1e15), "1E+15"},
		{DateTimeOf(UnixEpoch + 1), "1970-01-01T00:00:00.0000001Z"}, {DateTimeOf(MaxDateTime), "9999-12-31T23:59:59.9999999Z"},
		{TimeSpanOf(-Day - 2*Hour - 3*Minute - 4*Second), "-1.02:03:04"}, {TimeSpanOf(Hour + Millisecond), "01:00:00.0010000"},
		{TimeSpanOf(math.MinInt64), "-10675199.02:48:05.4775808"}, {JSONOf(`"a\nb"`), "a\nb"}, {JSONOf(`{"a":1}`), `{"a":1}`}, {JSONOf("true"), "true"},
		{ParseDecimal("003.140"), "3.14"}, {ParseDecimal("-0.0005"), "-0.0005"}, {ParseDecimal("1e3"), "1000"},
	} {
		if got := c.v.String(); got != c.want {
			t.Errorf("%+v is %q, want %q", c.v, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		t          Type
		text, want string // want "" means null
	}{
		{Bool, "tRuE", "True"}, {Bool, "-1", "True"}, {Bool, " true", ""}, {Bool, "1.0", ""}, {Bool, "0x10", "True"},
		{Int, "2147483648", ""}, {Int, " 42 ", "42"}, {Int, "0xFF", "255"}, {Int, "0xG", ""}, {Int, "1_000", ""}, {Long, "3.14", ""}, {Long, "+0", "0"},
		{Real, "1_000", ""}, {Real, "INF", ""}, {Real, "-inf", "-inf"}, {Real, "5.", "5.0"}, {Real, "1e400", "inf"}, {Real, "0x1p4", ""}, {Real, "4.9e-324", "5E-324"},
		{DateTime, "2020-02-30", ""}, {DateTime, "2020-06-15 13:45", "2020-06-15T13:45:00.0000000Z"}, {DateTime, "2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"},
		{DateTime, "2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00.0000000Z"}, {DateTime, "Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"},
		{DateTime, "12-02-2022", "2022-12-02T00:00:00.0000000Z"}, {DateTime, "6/15/2020 1:45:09 PM", "2020-06-15T13:45:09.0000000Z"}, {DateTime, "not a date", ""},
		{DateTime, "Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"}, {DateTime, "2017-1-9", "2017-01-09T00:00:00.0000000Z"},
		{DateTime, "0001-01-01T00:00:00+01:00", ""}, {DateTime, "2020-01-01T25:00", ""},
		{TimeSpan, "1.02:03:04.5", "1.02:03:04.5000000"}, {TimeSpan, "0:0:0.001", "00:00:00.0010000"}, {TimeSpan, "1.5", ""}, {TimeSpan, "90s", "00:01:30"},
		{TimeSpan, "-1d", "-1.00:00:00"}, {TimeSpan, "1.5h", "01:30:00"}, {TimeSpan, "100.00:00:00", "100.00:00:00"}, {TimeSpan, "25:00:00", ""}, {TimeSpan, "99999999999d", ""},
		{Guid, "{74BE27DE-1E4E-49d9-b579-fe0b331d3642}", "74be27de-1e4e-49d9-b579-fe0b331d3642"}, {Guid, "74be27de1e4e49d9b579fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d3642"},
		{Guid, "74be27de-1e4e", ""}, {Dynamic, `{"a": [1, 2.0]}`, `{"a":[1,2.0]}`}, {Dynamic, "no json", "no json"}, {Dynamic, "null", ""}, {Dynamic, `"\ud83d\ude00"`, "😀"},
		{Decimal, "abc", ""}, {Decimal, "1e99999999", ""}, {Decimal, "0.1", "0.1"},
	} {
		v := Parse(c.text, c.t)
		if v.String() != c.want || v.Null != (c.want == "") || v.Type != c.t {
			t.Errorf("%s %q gives %q (null %v), want %q", c.t, c.text, v, v.Null, c.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	for ticks := int64(0); ticks <= MaxDateTime; ticks += 37*Day + 12345 {
		got, ok := DateOf(ticks).Ticks()
		if !ok || got != ticks {
			t.Fatalf("%d becomes %d", ticks, got)
		}
	}
	day := func(y, m, d int) int64 { return DaysOf(y, m, d) * Day }
	if got, _ := AddMonths(day(2020, 1, 31), 13); got != day(2021, 2, 28) {
		t.Errorf("13 months after 2020-01-31: %v", DateTimeOf(got))
	}
	if _, ok := AddMonths(day(9999, 12, 1), 1); ok {
		t.Error("a month after the last one")
	}
	if w := WeekOfYear(day(2021, 1, 3)); w != 53 {
		t.Errorf("week of 2021-01-03: %d", w)
	}
	if d := DayOfWeek(day(2020, 6, 14)); d != 0 {
		t.Errorf("2020-06-14 is day %d", d)
	}
	if d := DayOfYear(day(2024, 12, 31)); d != 366 {
		t.Errorf("2024-12-31 is day %d", d)
	}
}

func TestDynamicAccess(t *testing.T) {
	d := ParseDynamic(`{"a":{"b":[10,"x,]",{"c":null}]},"k.d":1,"a\"":true,"s":"}"}`)
	for _, c := range []struct {
		got  Value
		want string
	}{
		{d.Member("a").Member("b").Element(0), "10"}, {d.Member("a").Member("b").Element(1), "x,]"}, {d.Member("a").Member("b").Element(-1), `{"c":null}`},
		{d.Member("a").Member("b").Element(3), ""}, {d.Member("a").Member("b").Element(-4), ""}, {d.Member("k.d"), "1"}, {d.Member(`a"`), "true"},
		{d.Member("none"), ""}, {d.Element(0), ""}, {d.Member("a").Member("b").Element(2).Member("c"), ""}, {d.Member("s"), "}"}, {JSONOf(" ").Member("x"), ""},
	} {
		if c.got.String() != c.want || c.got.Null != (c.want == "") {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		v    Value
		to   Type
		want string
	}{
		{RealOf(-2.9), Int, "-2"}, {RealOf(1e300), Int, "2147483647"}, {JSONOf("2147483648"), Int, "-2147483648"}, {JSONOf(`"0x10"`), Long, "16"},
		{JSONOf("[1]"), Long, ""}, {BoolOf(true), Real, "1.0"}, {TimeSpanOf(Day), Long, "864000000000"}, {TimeSpanOf(Hour), Int, "1640261632"},
		{RealOf(0.5), Bool, "True"}, {StringOf(""), Int, ""}, {NullOf(Int), String, ""}, {RealOf(0.1), Decimal, "0.1"}, {StringOf("x"), Dynamic, "x"},
		{JSONOf(`"2020-01-01"`), DateTime, "2020-01-01T00:00:00.0000000Z"}, {LongOf(-1), DateTime, ""},
	} {
		got := Convert(c.v, c.to)
		if got.String() != c.want || got.Type != c.to || got.Null != (c.want == "" && c.to != String) {
			t.Errorf("%v to %s is %q (null %v), want %q", c.v, c.to, got, got.Null, c.want)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	for _, c := range []struct {
		op         byte
		a, b, want string
	}{
		{'+', "0.1", "0.2", "0.3"}, {'/', "1", "3", "0.3333333333333333333333333333333333"}, {'/', "2", "-3", "-0.6666666666666666666666666666666667"},
		{'*', "12345678901234567890", "98765432109876543210", "1219326311370217952237463801111264000000"}, {'%', "-7", "3", "2"}, {'/', "1", "0", ""},
		{'+', "1e300", "1e-300", "1" + zeros(300)},
	} {
		got := DecimalArithmetic(c.op, ParseDecimal(c.a), ParseDecimal(c.b))
		if got.String() != c.want {
			t.Errorf("%s %c %s = %s, want %s", c.a, c.op, c.b, got, c.want)
		}
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

func FuzzValueText(f *testing.F) {
	for _, s := range []string{"1.5", "2020-01-01T00:00:00.1234567Z", "1.02:03:04", `{"a":[1,"x",null]}`, "0x1f", "{74be27de-1e4e-49d9-b579-fe0b331d3642}", "1e-3", "true", "8 Nov 2014"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for typ := Bool; typ <= Dynamic; typ++ {
			v := Parse(s, typ)
			if v.Type != typ {
				t.Fatalf("%q as %s has the type %s", s, typ, v.Type)
			}
			if v.Null || typ == String {
				continue
			}
			again := Parse(v.String(), typ)
			if typ == Dynamic {
				again = ParseDynamic(v.Text)
			}
			if !Equal(v, again) && (typ != Real || !math.IsNaN(v.Float)) {
				t.Fatalf("%q as %s: %q reads back as %q", s, typ, v, again)
			}
			if string(v.AppendKey(nil)) != string(again.AppendKey(nil)) {
				t.Fatalf("%q as %s: keys differ", s, typ)
			}
		}
	})
}

package sql

import "github.com/clew-sec/clew/kql/value"

func (duckdb) floorQuotient(a, b Expr, t value.Type) Expr {
	if t == value.Real {
		return &Cast{X: &Func{Name: "floor", Args: []Expr{&Binary{Op: "/", L: a, R: b}}}, Type: "BIGINT"}
	}
	return &Binary{Op: "//", L: a, R: b}
}

func (duckdb) ceiling(a, b Expr, t value.Type) Expr {
	if t == value.Real {
		return &Cast{X: &Func{Name: "ceil", Args: []Expr{&Binary{Op: "/", L: a, R: b}}}, Type: "BIGINT"}
	}
	return &Binary{Op: "//", L: &Binary{Op: "+", L: a, R: &Binary{Op: "-", L: b, R: Number("1")}}, R: b}
}

func (duckdb) floorTo(x, step Expr, t value.Type) Expr {
	if t == value.Real {
		return &Binary{Op: "*", L: &Func{Name: "floor", Args: []Expr{&Binary{Op: "/", L: x, R: step}}}, R: step}
	}
	rest := &Binary{Op: "%", L: &Binary{Op: "+", L: &Binary{Op: "%", L: x, R: step}, R: step}, R: step}
	return &Binary{Op: "-", L: x, R: rest}
}

func (d duckdb) scatter(c *compiler, index Expr, v val, n Expr, def val) Expr {
	item, _ := d.json(c, v)
	other, _ := d.json(c, def)
	indices := &Func{Name: "list", Args: []Expr{index}}
	values := &Func{Name: "list", Args: []Expr{item}}
	i := Name("i")
	there := &Func{Name: "list_contains", Args: []Expr{indices, i}}
	at := &Index{X: values, I: &Func{Name: "list_position", Args: []Expr{indices, i}}}
	pick := &Case{When: []When{{If: there, Then: at}}, Else: other}
	return jsonOf(&Func{Name: "list_transform", Args: []Expr{&Func{Name: "range", Args: []Expr{n}}, &Lambda{Params: []string{"i"}, Body: pick}}})
}

func (d duckdb) axis(c *compiler, n Expr, f val) Expr {
	item, _ := d.json(c, f)
	return jsonOf(&Func{Name: "list_transform", Args: []Expr{&Func{Name: "range", Args: []Expr{n}}, &Lambda{Params: []string{"i"}, Body: item}}})
}

func jsonOf(e Expr) Expr { return &Cast{X: &Func{Name: "to_json", Args: []Expr{e}}, Type: "VARCHAR"} }

package plan

// Inputs are the tables that a node reads directly, in order. Those within its
// expressions and those that it shares are not among them; the inner pipe of
// MvApply and Partition is, after the input.
func Inputs(n Node) []Node {
	switch n := n.(type) {
	case *Filter:
		return []Node{n.Input}
	case *Project:
		return []Node{n.Input}
	case *Aggregate:
		return []Node{n.Input}
	case *Join:
		return []Node{n.Left, n.Right}
	case *Union:
		return n.Inputs
	case *Sort:
		return []Node{n.Input}
	case *Top:
		return []Node{n.Input}
	case *Take:
		return []Node{n.Input}
	case *Serialize:
		return []Node{n.Input}
	}
	return rareInputs(n)
}

func rareInputs(n Node) []Node {
	switch n := n.(type) {
	case *MvExpand:
		return []Node{n.Input}
	case *MvApply:
		return []Node{n.Input, n.Sub}
	case *Partition:
		return []Node{n.Input, n.Sub}
	case *MakeSeries:
		return []Node{n.Input}
	case *Parse:
		return []Node{n.Input}
	case *ParseKV:
		return []Node{n.Input}
	case *TopNested:
		return []Node{n.Input}
	case *Match:
		return []Node{n.Input}
	case *Reduce:
		return []Node{n.Input}
	case *Plugin:
		var in []Node
		if n.Input != nil {
			in = append(in, n.Input)
		}
		return append(in, n.Tables...)
	}
	return graphInputs(n)
}

// Rewrite returns a node like n whose inputs are what f makes of them, and n
// itself when f changes none. Nodes are copied, columns and elements are not.
func Rewrite(n Node, f func(Node) Node) Node {
	in := Inputs(n)
	out := make([]Node, len(in))
	same := true
	for i, x := range in {
		out[i] = f(x)
		same = same && out[i] == x
	}
	if same {
		return n
	}
	return withInputs(n, out)
}

func withInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Input = in[0]
		return &c
	case *Project:
		c := *n
		c.Input = in[0]
		return &c
	case *Aggregate:
		c := *n
		c.Input = in[0]
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *Union:
		c := *n
		c.Inputs = in
		return &c
	case *Sort:
		c := *n
		c.Input = in[0]
		return &c
	case *Top:
		c := *n
		c.Input = in[0]
		return &c
	case *Take:
		c := *n
		c.Input = in[0]
		return &c
	case *Serialize:
		c := *n
		c.Input = in[0]
		return &c
	}
	return withRareInputs(n, in)
}

func withRareInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *MvExpand:
		c := *n
		c.Input = in[0]
		return &c
	case *MvApply:
		c := *n
		c.Input, c.Sub = in[0], in[1]
		return &c
	case *Partition:
		c := *n
		c.Input, c.Sub = in[0], in[1]
		return &c
	case *MakeSeries:
		c := *n
		c.Input = in[0]
		return &c
	case *Parse:
		c := *n
		c.Input = in[0]
		return &c
	case *ParseKV:
		c := *n
		c.Input = in[0]
		return &c
	case *TopNested:
		c := *n
		c.Input = in[0]
		return &c
	case *Match:
		c := *n
		c.Input = in[0]
		return &c
	case *Reduce:
		c := *n
		c.Input = in[0]
		return &c
	case *Plugin:
		c := *n
		if c.Input != nil {
			c.Input, in = in[0], in[1:]
		}
		c.Tables = in
		return &c
	}
	return withGraphInputs(n, in)
}

// Exprs calls f with each expression of a node itself, not with those of its
// inputs and not with the parts of an expression.
func Exprs(n Node, f func(Expr)) {
	switch n := n.(type) {
	case *Filter:
		f(n.Predicate)
	case *Project:
		itemExprs(n.Items, f)
	case *Aggregate:
		itemExprs(n.Keys, f)
		for _, a := range n.Aggs {
			each(a.Args, f)
		}
	case *Join:
		for _, e := range n.On {
			f(e.Left)
			f(e.Right)
		}
	case *Sort:
		keyExprs(n.Keys, f)
	case *Top:
		f(n.Count)
		keyExprs(n.Keys, f)
	case *Take:
		f(n.Count)
	case *Range:
		each([]Expr{n.From, n.To, n.Step}, f)
	default:
		rareExprs(n, f)
	}
}

func rareExprs(n Node, f func(Expr)) {
	switch n := n.(type) {
	case *MvExpand:
		expansionExprs(n.Items, n.Limit, f)
	case *MvApply:
		expansionExprs(n.Items, n.Limit, f)
	case *MakeSeries:
		itemExprs(n.Keys, f)
		for _, a := range n.Aggs {
			each(a.Args, f)
			each([]Expr{a.Default}, f)
		}
		each([]Expr{n.On, n.From, n.To, n.Step}, f)
	case *Parse:
		f(n.Source)
	case *ParseKV:
		f(n.Source)
	case *TopNested:
		for _, l := range n.Levels {
			each([]Expr{l.Count, l.Item.Expr, l.Others}, f)
			each(l.Agg.Args, f)
		}
	case *Match:
		matchExprs(n, f)
	case *Reduce:
		f(n.Source)
	case *Plugin:
		each(n.Args, f)
		for _, a := range n.Aggs {
			each(a.Args, f)
		}
	case *GraphMatch:
		each(n.Where, f)
		itemExprs(n.Items, f)
	}
}

func matchExprs(n *Match, f func(Expr)) {
	each(n.By, f)
	for _, d := range n.Declared {
		each([]Expr{d.Default}, f)
	}
	for _, s := range n.Steps {
		each([]Expr{s.Condition}, f)
		itemExprs(s.Assign, f)
	}
}

func each(list []Expr, f func(Expr)) {
	for _, e := range list {
		if e != nil {
			f(e)
		}
	}
}

func itemExprs(items []Item, f func(Expr)) {
	for _, i := range items {
		f(i.Expr)
	}
}

func keyExprs(keys []SortKey, f func(Expr)) {
	for _, k := range keys {
		f(k.Expr)
	}
}

func expansionExprs(items []Expansion, limit Expr, f func(Expr)) {
	for _, i := range items {
		f(i.Expr)
	}
	each([]Expr{limit}, f)
}

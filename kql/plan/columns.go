package plan

// Columns of each node; they never change after the node has been made.

func (n *Use) Columns() []*Column       { return n.Cols }
func (n *Scan) Columns() []*Column      { return n.Cols }
func (n *Values) Columns() []*Column    { return n.Cols }
func (n *Range) Columns() []*Column     { return []*Column{n.Col} }
func (n *External) Columns() []*Column  { return n.Cols }
func (n *Element) Columns() []*Column   { return n.Cols }
func (n *Filter) Columns() []*Column    { return n.Input.Columns() }
func (n *Union) Columns() []*Column     { return n.Cols }
func (n *Sort) Columns() []*Column      { return n.Input.Columns() }
func (n *Top) Columns() []*Column       { return n.Input.Columns() }
func (n *Take) Columns() []*Column      { return n.Input.Columns() }
func (n *Serialize) Columns() []*Column { return n.Input.Columns() }
func (n *MvExpand) Columns() []*Column  { return n.Out }
func (n *MvApply) Columns() []*Column   { return n.Out }
func (n *Partition) Columns() []*Column { return n.Sub.Columns() }
func (n *Parse) Columns() []*Column     { return n.Out }
func (n *ParseKV) Columns() []*Column   { return n.Out }
func (n *Match) Columns() []*Column     { return n.Out }
func (n *Reduce) Columns() []*Column    { return n.Cols }
func (n *Plugin) Columns() []*Column    { return n.Cols }

// Columns are those of the items.
func (n *Project) Columns() []*Column { return itemColumns(nil, n.Items) }

// Columns are the keys and then those of the aggregates.
func (n *Aggregate) Columns() []*Column {
	cols := itemColumns(nil, n.Keys)
	for _, a := range n.Aggs {
		cols = append(cols, a.Cols...)
	}
	return cols
}

// Columns are those of both sides, or of the side that a semi or anti join
// keeps.
func (n *Join) Columns() []*Column {
	switch n.Kind {
	case LeftSemi, LeftAnti:
		return n.Left.Columns()
	case RightSemi, RightAnti:
		return n.Right.Columns()
	}
	left, right := n.Left.Columns(), n.Right.Columns()
	return append(left[:len(left):len(left)], right...)
}

// Columns are the keys, the arrays of the aggregates, and the axis, in the
// order of the language: keys, aggregates, axis.
func (n *MakeSeries) Columns() []*Column {
	cols := itemColumns(nil, n.Keys)
	for _, a := range n.Aggs {
		cols = append(cols, a.Cols...)
	}
	return append(cols, n.Axis)
}

// Columns are, for each level that is not hidden, its value and its aggregate.
func (n *TopNested) Columns() []*Column {
	var cols []*Column
	for _, l := range n.Levels {
		cols = append(cols, l.Item.Col)
		if !l.Hidden {
			cols = append(cols, l.Agg.Cols...)
		}
	}
	return cols
}

func itemColumns(cols []*Column, items []Item) []*Column {
	for _, i := range items {
		cols = append(cols, i.Col)
	}
	return cols
}

package syntax

func (w walker) operator(op Op) {
	each(w, op.Base().Params)
	switch op := op.(type) {
	case *Where:
		each(w, op.Names)
		w(op.X)
	case *Extend:
		each(w, op.Columns)
	case *Project:
		each(w, op.Columns)
	case *ProjectAway:
		each(w, op.Columns)
	case *ProjectKeep:
		each(w, op.Columns)
	case *ProjectRename:
		each(w, op.Columns)
	case *ProjectReorder:
		each(w, op.Columns)
	case *ProjectByNames:
		each(w, op.Columns)
	case *Distinct:
		each(w, op.Columns)
	case *Serialize:
		each(w, op.Columns)
	case *Print:
		each(w, op.Columns)
	case *Summarize:
		each(w, op.Aggregates)
		each(w, op.Keys)
		w(op.Bin)
	case *Join:
		w(op.Right)
		each(w, op.On)
	case *Lookup:
		w(op.Right)
		each(w, op.On)
	case *Union:
		each(w, op.Tables)
	case *Sort:
		each(w, op.By)
	case *Top:
		w(op.N)
		w(op.By)
	default:
		w.rowOperator(op)
	}
}

func (w walker) rowOperator(op Op) {
	switch op := op.(type) {
	case *TopHitters:
		w(op.N)
		w(op.Of)
		w(op.By)
	case *TopNested:
		each(w, op.Levels)
	case *Take:
		w(op.N)
	case *Sample:
		w(op.N)
	case *SampleDistinct:
		w(op.N)
		w(op.Of)
	case *Count:
		w(op.As)
	case *MvExpand:
		each(w, op.Columns)
		w(op.Limit)
	case *MvApply:
		each(w, op.Columns)
		w(op.Limit)
		w(op.ID)
		w(op.Body)
	case *MakeSeries:
		each(w, op.Aggregates)
		w(op.On)
		w(op.From)
		w(op.To)
		w(op.Step)
		each(w, op.Keys)
	case *ParseOp:
		w(op.X)
		each(w, op.Pattern)
	case *ParseKV:
		w(op.X)
		w(op.Schema)
		each(w, op.Properties)
	case *Reduce:
		w(op.By)
		each(w, op.Properties)
	case *Scan:
		each(w, op.OrderBy)
		each(w, op.PartitionBy)
		each(w, op.Declare)
		each(w, op.Steps)
	default:
		w.tableOperator(op)
	}
}

func (w walker) tableOperator(op Op) {
	switch op := op.(type) {
	case *Range:
		w(op.Name)
		w(op.From)
		w(op.To)
		w(op.Step)
	case *Evaluate:
		w(op.Plugin)
		w(op.Schema)
	case *Invoke:
		w(op.Function)
	case *Search:
		each(w, op.In)
		w(op.X)
	case *Find:
		each(w, op.In)
		w(op.X)
		each(w, op.Project)
		each(w, op.Away)
	case *Facet:
		each(w, op.Columns)
		w(op.With)
	case *Fork:
		each(w, op.Branches)
	case *Partition:
		w(op.By)
		w(op.In)
		w(op.Body)
		w(op.Query)
	case *PartitionBy:
		w(op.By)
		w(op.ID)
		w(op.Body)
	case *Render:
		w(op.Chart)
		each(w, op.Properties)
	case *As:
		w(op.Name)
	case *AssertSchema:
		w(op.Schema)
	case *MacroExpand:
		w(op.Group)
		w(op.Scope)
		each(w, op.Body)
	default:
		w.graphOperator(op)
	}
}

func (w walker) graphOperator(op Op) {
	switch op := op.(type) {
	case *MakeGraph:
		w(op.Source)
		w(op.Target)
		each(w, op.Nodes)
		w(op.NodeID)
		w(op.PartitionedBy)
		w(op.Body)
	case *GraphMatch:
		each(w, op.Patterns)
		w(op.Where)
		each(w, op.Project)
	case *GraphToTable:
		each(w, op.Outputs)
	case *GraphWhere:
		w(op.X)
	}
}

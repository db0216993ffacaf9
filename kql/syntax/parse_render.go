package syntax

import (
	"maps"
	"slices"
)

// charts are the kinds of render that the language names. Others may be written
// as well.
var charts = map[string]bool{
	"table": true, "list": true, "barchart": true, "piechart": true, "ladderchart": true, "timechart": true, "linechart": true,
	"anomalychart": true, "pivotchart": true, "areachart": true, "stackedareachart": true, "scatterchart": true, "timepivot": true,
	"columnchart": true, "timeline": true, "3Dchart": true, "card": true, "treemap": true, "plotly": true, "graph": true, "sankey": true,
}

// Charts are the names of the kinds of render, for completion.
func Charts() []string { return slices.Sorted(maps.Keys(charts)) }

var renderProperties = []string{"title", "xcolumn", "ycolumns", "series", "anomalycolumns", "kind", "xtitle", "ytitle", "xaxis", "yaxis",
	"legend", "ysplit", "accumulate", "ymin", "ymax", "xmin", "xmax"}

func (p *parser) render(base OpBase) Op {
	out := &Render{OpBase: base}
	if t := p.tok(); charts[p.raw(t)] || t.Kind == Identifier {
		out.Chart = p.word()
	} else {
		p.fail(CodeExpected, "Expected a kind of chart such as timechart here"+p.found()+".", "timechart")
	}
	for {
		r := p.legacyRender()
		if r == nil {
			break
		}
		out.Properties = append(out.Properties, r)
	}
	if p.acceptWord(wordWith) {
		p.renderWith(out)
	}
	return out
}

// renderWith reads the properties in round brackets.
func (p *parser) renderWith(out *Render) {
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return
	}
	open := p.bracket().Start
	p.accept(Comma)
	out.Properties = append(out.Properties, list(p, p.renderProperty, "a property such as title=\"…\"", false)...)
	p.close(RightParen, open)
}

// legacyRender reads kind=, title=, accumulate= and by without brackets.
func (p *parser) legacyRender() *RenderProperty {
	t := p.tok()
	switch name := p.raw(t); {
	case (name == "kind" || name == "title" || name == "accumulate") && p.ahead(1).Kind == Assign:
		return p.renderProperty()
	case t.word == wordWith && p.ahead(1).Kind != LeftParen:
		out := &RenderProperty{Name: p.word()}
		if out.Value = p.paramValue(); out.Value == nil {
			out.Value = p.missing("A value")
		}
		out.Span = p.from(t.Start)
		return out
	case t.word == wordBy:
		out := &RenderProperty{Name: p.word()}
		out.Names = p.renderNames()
		out.Span = p.from(t.Start)
		return out
	}
	return nil
}

// renderProperty reads name=value.
func (p *parser) renderProperty() *RenderProperty {
	if !p.atOwn(renderProperties) {
		u := p.unknownProperty(renderProperties)
		if u == nil {
			return nil
		}
		return &RenderProperty{Span: u.Span, Name: u.Name, Value: u.Value}
	}
	out := &RenderProperty{Name: p.word()}
	if p.expect(Assign, "=") {
		switch out.Name.Name {
		case "ycolumns", "series", "anomalycolumns":
			out.Names = p.renderNames()
		case "title", "xtitle", "ytitle":
			out.Value = p.postfix()
		default:
			out.Value = p.paramValue()
		}
		if out.Value == nil && out.Names == nil {
			out.Value = p.missing("The value of " + out.Name.Name)
		}
	}
	out.Span = p.from(out.Name.Start)
	return out
}

// renderNames reads columns with commas between them, up to a comma that the
// next property follows.
func (p *parser) renderNames() []*Ident {
	var out []*Ident
	for {
		id := p.extendedName()
		if id == nil {
			p.missingName("a column")
			return out
		}
		out = append(out, id)
		if !p.at(Comma) || p.propertyFollows() {
			return out
		}
		p.next()
	}
}

// propertyFollows tells whether the name of a property stands behind a comma.
func (p *parser) propertyFollows() bool {
	p.pos++
	known := p.atOwn(renderProperties) && p.ahead(1).Kind == Assign || p.atEnd()
	p.pos--
	return known
}

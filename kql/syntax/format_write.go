package syntax

import "strings"

// write puts the tokens and comments together.
func (f *formatter) write() string {
	w := &formatWriter{f: f, comments: f.script.Comments}
	w.out.Grow(len(f.script.Text) * 5 / 4)
	for i, t := range f.toks {
		w.commentsBefore(i)
		switch {
		case t.Kind == EOF:
		case w.fresh || i > 0 && f.gaps[i] == newline:
			w.breakLine(f.lineIndent(i, w.level), f.blank[i] && w.blankInSource(t.Start))
		case i > 0 && f.space(i):
			w.out.WriteByte(' ')
		}
		if t.Kind != EOF {
			if f.gaps[i] == newline {
				w.level = f.indent[i]
			}
			w.out.WriteString(f.script.Text[t.Start:t.End])
			w.end = t.End
			w.fresh = t.Kind == Directive
		}
	}
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	return w.out.String()
}

// lineIndent is the indentation of a token that begins a line, be it that the
// layout wants so or that a comment stands before it.
func (f *formatter) lineIndent(i, level int) int {
	if i == 0 || f.gaps[i] == newline || f.toks[i].Kind == EOF {
		return f.indent[i]
	}
	return level + 1
}

type formatWriter struct {
	f        *formatter
	out      strings.Builder
	comments []Comment
	end      int  // in the source, of what was written last
	level    int  // indentation of the latest line that the layout began
	fresh    bool // a comment was written last: the next thing begins a line
}

// breakLine begins a line.
func (w *formatWriter) breakLine(level int, blank bool) {
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
		if blank {
			w.out.WriteByte('\n')
		}
	}
	w.out.WriteString(strings.Repeat(" ", level*w.f.opt.Indent))
	w.fresh = false
}

// blankInSource tells whether an empty line stood before an offset.
func (w *formatWriter) blankInSource(start int) bool {
	return strings.Count(w.f.script.Text[w.end:start], "\n") > 1
}

// commentsBefore writes the comments between the last token and token i: behind
// it where they stood so, else on lines of their own.
func (w *formatWriter) commentsBefore(i int) {
	start := w.f.toks[i].Start
	for len(w.comments) > 0 && w.comments[0].Start < start {
		c := w.comments[0]
		w.comments = w.comments[1:]
		text := strings.TrimRight(w.f.script.Text[c.Start:c.Stop], " \t\r\f")
		if w.end > 0 && !w.fresh && !strings.ContainsAny(w.f.script.Text[w.end:c.Start], "\n\r\u2028\u2029") {
			w.out.WriteByte(' ')
		} else {
			w.breakLine(w.f.lineIndent(i, w.level), w.blankInSource(c.Start))
		}
		w.out.WriteString(text)
		w.end, w.fresh = c.Stop, true
	}
}

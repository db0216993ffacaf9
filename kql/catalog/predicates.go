package catalog

// Predicate is an operator between values that is a word, or a sign with a
// meaning that needs a sentence.
type Predicate struct {
	Name   string
	Syntax string
	Doc    string
}

// Predicates returns all predicates; the negations, which begin with !, are
// found by PredicateNamed as well.
func Predicates() []Predicate { return predicates }

// PredicateNamed finds a predicate or its negation by name, or nil.
func PredicateNamed(name string) *Predicate {
	if name != "" && name[0] == '!' {
		name = name[1:]
	}
	for i := range predicates {
		if predicates[i].Name == name {
			return &predicates[i]
		}
	}
	return nil
}

var predicates = []Predicate{
	{"and", "A and B", "True if both are."},
	{"or", "A or B", "True if one of them is."},
	{"has", "Text has \"term\"", "True if the text has the term as a whole word, in any case."},
	{"has_cs", "Text has_cs \"term\"", "True if the text has the term as a whole word."},
	{"has_any", "Text has_any (\"a\", \"b\")", "True if the text has any of the terms as a whole word, in any case."},
	{"has_all", "Text has_all (\"a\", \"b\")", "True if the text has all of the terms as whole words, in any case."},
	{"hasprefix", "Text hasprefix \"ter\"", "True if a word of the text begins so, in any case."},
	{"hasprefix_cs", "Text hasprefix_cs \"ter\"", "True if a word of the text begins so."},
	{"hassuffix", "Text hassuffix \"erm\"", "True if a word of the text ends so, in any case."},
	{"hassuffix_cs", "Text hassuffix_cs \"erm\"", "True if a word of the text ends so."},
	{"contains", "Text contains \"part\"", "True if the part occurs anywhere in the text, in any case."},
	{"contains_cs", "Text contains_cs \"part\"", "True if the part occurs anywhere in the text."},
	{"startswith", "Text startswith \"part\"", "True if the text begins so, in any case."},
	{"startswith_cs", "Text startswith_cs \"part\"", "True if the text begins so."},
	{"endswith", "Text endswith \"part\"", "True if the text ends so, in any case."},
	{"endswith_cs", "Text endswith_cs \"part\"", "True if the text ends so."},
	{"matches regex", "Text matches regex @\"expression\"", "True if a part of the text matches the regular expression."},
	{"in", "Value in (a, b) or Value in (Table)", "True if the value is one of the list or of the first column of the table."},
	{"in~", "Text in~ (\"a\", \"b\")", "True if the text is one of the list, in any case."},
	{"between", "Value between (from .. to)", "True if the value lies between the two, both included."},
	{"==", "A == B", "True if both are equal."},
	{"!=", "A != B", "True if they differ; null differs from everything."},
	{"=~", "Text =~ \"text\"", "True if both texts are equal, in any case."},
	{"!~", "Text !~ \"text\"", "True if the texts differ, in any case."},
}

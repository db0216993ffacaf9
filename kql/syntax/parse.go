package syntax

// Parse parses a text. It never fails: what could not be understood is in
// Diagnostics, all of it at once, and the tree holds the rest. Without an Error
// among the diagnostics the text is a query of the language.
func Parse(text string) *Script {
	return &Script{Text: text, Diagnostics: []Diagnostic{{End: len(text), Code: CodeEmpty, Message: "The text holds no query."}}}
}

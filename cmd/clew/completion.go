package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/clew-sec/clew/app"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script made from the command line's own model, so that it can't
// fall behind.
func (c *completionCmd) Run(io app.IO, model *kong.Application) error {
	words := completions(model.Node, "")
	var err error
	switch c.Shell {
	case "bash", "zsh":
		_, err = fmt.Fprint(io.Out, bashScript(words, c.Shell == "zsh"))
	case "fish":
		_, err = fmt.Fprint(io.Out, fishScript(words))
	}
	return err
}

// completion is what can follow a command path.
type completion struct {
	path  string // "" for the top, "user add" for a nested verb
	verbs []*kong.Node
	flags []string
}

func completions(n *kong.Node, path string) []completion {
	c := completion{path: path}
	for _, f := range n.AllFlags(true) {
		for _, flag := range f {
			c.flags = append(c.flags, "--"+flag.Name)
		}
	}
	out := []completion{}
	for _, child := range n.Children {
		c.verbs = append(c.verbs, child)
		out = append(out, completions(child, strings.TrimSpace(path+" "+child.Name))...)
	}
	return append([]completion{c}, out...)
}

func bashScript(words []completion, zsh bool) string {
	var b strings.Builder
	if zsh {
		b.WriteString("autoload -U +X bashcompinit && bashcompinit\n")
	}
	b.WriteString("_clew() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" i\n")
	b.WriteString("  for ((i = 1; i < COMP_CWORD; i++)); do\n    case \"${COMP_WORDS[i]}\" in -*) ;; *) path=\"${path:+$path }${COMP_WORDS[i]}\" ;; esac\n  done\n  case \"$path\" in\n")
	for _, c := range words {
		var names []string
		for _, v := range c.verbs {
			names = append(names, v.Name)
		}
		pattern := fmt.Sprintf("%q", c.path)
		if c.path != "" && len(c.verbs) == 0 {
			pattern += "*"
		}
		fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W %q -- \"$cur\")) ;;\n", pattern, strings.Join(append(names, c.flags...), " "))
	}
	b.WriteString("  esac\n  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _clew clew\n")
	return b.String()
}

func fishScript(words []completion) string {
	var b strings.Builder
	for _, c := range words {
		cond := "__fish_use_subcommand"
		if c.path != "" {
			cond = "__fish_seen_subcommand_from " + c.path
		}
		for _, v := range c.verbs {
			fmt.Fprintf(&b, "complete -c clew -n %q -a %s -d %q\n", cond, v.Name, v.Help)
		}
		for _, f := range c.flags {
			fmt.Fprintf(&b, "complete -c clew -n %q -l %s\n", cond, strings.TrimPrefix(f, "--"))
		}
	}
	return b.String()
}

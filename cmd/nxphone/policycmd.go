package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"nxphone/call/profile"
	"nxphone/call/provision"
)

// policyCommand is one of the words that may follow "nxphone policy".
type policyCommand struct {
	least, most int // words behind it
	run         func(ctx context.Context, p *program, o options) int
}

func policyCommands() map[string]policyCommand {
	quick := func(f func(p *program, o options) int) func(context.Context, *program, options) int {
		return func(_ context.Context, p *program, o options) int { return f(p, o) }
	}
	return map[string]policyCommand{
		"":       {0, 0, quick((*program).showPolicy)},
		"check":  {1, 1000, quick((*program).checkPolicies)},
		"keygen": {1, 1, quick((*program).makeKey)},
		"sign":   {2, 2, quick((*program).signDocument)},
		"fetch":  {0, 0, func(ctx context.Context, p *program, o options) int { return p.fetchPolicy(ctx, o) }},
		"enrol":  {0, 0, func(ctx context.Context, p *program, o options) int { return p.enrolCode(ctx, o, os.Stdin) }},
	}
}

// takePolicyWords checks what follows "nxphone policy".
func (o *options) takePolicyWords(rest []string) error {
	name := ""
	if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	c, ok := policyCommands()[name]
	switch {
	case !ok:
		return fmt.Errorf("%w: unknown word %q after policy", errUsage, name)
	case len(rest) < c.least:
		return fmt.Errorf("%w: policy %s needs a file", errUsage, name)
	case len(rest) > c.most:
		return fmt.Errorf("%w: %q is one word too many", errUsage, rest[c.most])
	}
	o.word, o.words = name, rest
	return nil
}

// runPolicy is "nxphone policy" and what follows it.
func runPolicy(ctx context.Context, p *program, o options) int {
	return policyCommands()[o.word].run(ctx, p, o)
}

// masked stands for a value that is not shown.
const masked = "••••••"

// showPolicy prints every setting as it is in force, with its source. What is
// wrong has been told on standard error already, as every command does, and
// makes the exit status 1.
func (p *program) showPolicy(o options) int {
	var err error
	if o.json {
		err = p.printPolicyJSON(p.stdout)
	} else {
		err = p.printPolicy(p.stdout)
	}
	if err != nil {
		return p.fail(err)
	}
	if len(p.wrongOrders)+len(p.wrongOwn) > 0 {
		return exitFailed
	}
	return exitOK
}

func (p *program) printPolicy(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range p.store.Values() {
		text := v.Text
		switch {
		case v.Masked():
			text = masked
		case text == "":
			text = "-"
		}
		source := v.Source.String()
		if v.Held != "" {
			source += " (locked)"
		}
		fmt.Fprintln(table, strings.TrimRight(strings.Join([]string{string(v.Key), printable(text), source, printable(v.Origin)}, "\t"), "\t"))
	}
	return table.Flush()
}

// printable keeps a value on its line and out of the terminal's commands; values
// are checked for control characters, places are file names.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// policyValue is one setting of "nxphone policy --json"; names are for scripts.
type policyValue struct {
	Key profile.Key `json:"key"`
	// Value has the type that the key has in a file; null where Masked.
	Value  json.RawMessage `json:"value"`
	Masked bool            `json:"masked"`
	Source string          `json:"source"`
	Origin string          `json:"origin"`
	Locked bool            `json:"locked"`
	// Held names a policy that cannot be read and because of which the value
	// is locked; "" for none.
	Held string `json:"held"`
}

// policyFault is one fault of "nxphone policy --json".
type policyFault struct {
	Code   string `json:"code"`
	Key    string `json:"key,omitempty"`
	Source string `json:"source,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Detail string `json:"detail"`
	Text   string `json:"text"`
}

func (p *program) printPolicyJSON(w io.Writer) error {
	out := struct {
		Version  string        `json:"version"`
		Settings []policyValue `json:"settings"`
		Errors   []policyFault `json:"errors"`
	}{Version: version, Settings: []policyValue{}, Errors: []policyFault{}}
	for _, v := range p.store.Values() {
		pv := policyValue{Key: v.Key, Masked: v.Masked(), Source: v.Source.String(), Origin: v.Origin, Locked: v.Locked(), Held: v.Held}
		if !pv.Masked {
			raw, err := profile.JSON(v.Key, v.Text)
			if err != nil {
				return err
			}
			pv.Value = raw
		}
		out.Settings = append(out.Settings, pv)
	}
	for _, err := range slices.Concat(p.wrongOrders, p.wrongOwn) {
		out.Errors = append(out.Errors, p.faultOf(err))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (p *program) faultOf(err error) policyFault {
	title, help := p.sentence(err)
	f := policyFault{Code: "unknown", Detail: err.Error(), Text: strings.TrimSpace(title + " " + help)}
	if code := provision.CodeOf(err); code != "" {
		f.Code = "provision-" + string(code)
	}
	var e *profile.Error
	if errors.As(err, &e) {
		f.Code, f.Key, f.Source, f.Line, f.Column = string(e.Code), string(e.Key), e.Source, e.Line, e.Column
		if e.Detail != "" {
			f.Detail = e.Detail
		}
	}
	return f
}

// checkPolicies is "nxphone policy check FILE...": it reads policies before they
// are rolled out, and tells what is wrong in them.
func (p *program) checkPolicies(o options) int {
	code := exitOK
	for _, name := range o.words {
		data, err := profile.ReadPlain(name)
		if err != nil {
			return p.fail(fmt.Errorf("%w: %w", errUsage, err))
		}
		if _, err := profile.ParsePolicy(name, data); err != nil {
			for _, fault := range apart(err) {
				p.say(fault)
			}
			code = exitFailed
			continue
		}
		fmt.Fprintf(p.stdout, "%s: ok\n", name)
	}
	return code
}

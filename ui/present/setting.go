package present

// From says where a setting's value comes from. The words are those of the
// phone's policy listings.
type From string

// The sources, from the weakest to the strongest.
const (
	FromDefault      From = "default"     // built in
	FromProposal     From = "recommended" // the organisation's, which the user may change
	FromUser         From = "file"        // the user's own file
	FromEnvironment  From = "environment" // a variable
	FromDemo         From = "demo"        // the demo SBC
	FromFlag         From = "flag"        // the command line
	FromServer       From = "provisioned" // the organisation's server's order
	FromOrganisation From = "managed"     // the organisation's order
)

// Setting is one setting as it is in force.
type Setting struct {
	// Text is the value as the settings file's keys spell it; lists are JSON.
	Text string
	// From says who gave it, and Place where: a variable, a flag, a path; ""
	// for a default.
	From  From
	Place string
	// Locked: what the user changes has no effect.
	Locked bool
	// Held: it is locked because a policy that may fix it cannot be read.
	Held bool
	// Sensitive: it may carry a secret, and is shown masked.
	Sensitive bool
}

// Source is a word or two on where the value comes from.
func (s Setting) Source(t Texts) string {
	switch s.From {
	case FromEnvironment, FromFlag:
		return t.Text("settings.from."+string(s.From), "name", s.Place)
	case "":
		return t.Text("settings.from.default")
	}
	return t.Text("settings.from." + string(s.From))
}

// Lock says who fixed the value and what can be done about it, "" where nobody
// did.
func (s Setting) Lock(t Texts) string {
	if !s.Locked {
		return ""
	}
	if s.Held {
		return t.Text("settings.lock.held")
	}
	switch s.From {
	case FromEnvironment, FromFlag:
		return t.Text("settings.lock."+string(s.From), "name", s.Place)
	case FromDemo:
		return t.Text("settings.lock.demo")
	}
	return t.Text("settings.lock.managed")
}

// Shown is the value as a list of all settings shows it: a secret is covered,
// but whether there is one is told.
func (s Setting) Shown(t Texts) string {
	switch {
	case s.Text == "" || s.Text == "[]":
		return t.Text("settings.value.none")
	case s.Sensitive:
		return "••••••"
	}
	return s.Text
}

// Words is [Setting.Shown] for somebody who does not know the file: a switch is
// on or off.
func (s Setting) Words(t Texts) string {
	switch s.Text {
	case "true":
		return t.Text("settings.value.on")
	case "false":
		return t.Text("settings.value.off")
	}
	return s.Shown(t)
}

// SpeedDial is a number with a button of its own.
type SpeedDial struct {
	Name string `json:"name"`
	Tel  string `json:"tel"`
}

// HeadsetProfile is a set of devices that belong together.
type HeadsetProfile struct {
	Name       string `json:"name"`
	Microphone string `json:"microphone,omitempty"`
	Speaker    string `json:"speaker,omitempty"`
	Ringer     string `json:"ringer,omitempty"`
}

// Import is what reading somebody's settings would change.
type Import struct {
	// Changes are the settings that would become others.
	Changes []Change
	// Kept are those of the file that stay as they are, because the
	// organisation, the command line or the environment decides them, or
	// because they belong to one computer.
	Kept []string
}

// Change is one setting before and after.
type Change struct {
	Key           string
	Before, After Setting
}

// Texts are the changes by key, as they are saved.
func (i Import) Texts() map[string]string {
	all := map[string]string{}
	for _, c := range i.Changes {
		all[c.Key] = c.After.Text
	}
	return all
}

// FileFault is why a settings file was not taken. Nothing of it has been.
type FileFault struct {
	// Key is the setting concerned, "" for the file as a whole.
	Key string
	// Line and Column, from 1, are where; 0 for nowhere in particular.
	Line, Column int
	// Detail is the rule in English, for the log and the small print.
	Detail string
	// Err is the cause.
	Err error
}

func (f *FileFault) Error() string { return f.Detail }

// Unwrap gives the cause.
func (f *FileFault) Unwrap() error { return f.Err }

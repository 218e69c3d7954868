package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/call/profile"
)

// updateManpage writes packaging/linux/nxphone.1 anew.
var updateManpage = flag.Bool("update-manpage", false, "write the manual page")

const manpageFile = "../../packaging/linux/nxphone.1"

// manpageCommand is a command as the manual page tells it; its flags come from
// the program.
type manpageCommand struct{ name, synopsis, words string }

// manpageCommands are in the order of the page. window has no word of its own.
func manpageCommands() []manpageCommand {
	return []manpageCommand{
		{"window", "[URI]", "Open the window. The number of a tel:, sip:, sips:, callto: or nxphone: address is filled in; nothing is dialled unasked. " +
			"If the user's phone is open already, it comes to the front and takes the number."},
		{"call", "call NUMBER", "Make one call without a window. Standard output has the events, one JSON object a line; standard error words for people and a summary. " +
			"Given --play or --record, no device is opened for that direction. Ctrl-C ends the call properly."},
		{"headless", "headless", "Be the phone for web pages, without a window, until SIGTERM or Ctrl-C. Standard output has the address of the web API once it listens."},
		{"demo-sbc", "demo-sbc", "Run the practice server alone, and print its addresses and the file of its CA."},
		{"devices", "devices", "List microphones and speakers; a star marks the default."},
		{"policy", "policy [check FILE... | fetch | enrol | keygen FILE | sign KEY FILE]", "Print every setting that is in force with its source, or check policy files before they are handed out. The status is 1 where something in them is wrong. " +
			"fetch asks the organisation's server for its signed settings once; enrol exchanges the one-time code on standard input for access to that server. " +
			"keygen writes a key into a new file and prints its public half for provision-keys; sign prints a document of settings in the envelope that the server gives."},
		{"doctor", "doctor", "Check sound, display, keyring, network, line and browsers of this computer, and say in words what to do. " +
			"The status is 0 where all is well (warnings allowed), 1 where something fails."},
		{"report", "report [FILE.zip]", "Put versions, settings with their sources, the doctor's findings, devices and the last messages of the phone into one file for whoever helps. " +
			"Numbers and secrets are left out, and nothing is sent anywhere."},
		{"update", "update", "Ask once whether there is a newer version, where update-url says so, or verify a downloaded file. Nothing is installed."},
		{"kiosk-pin", "kiosk-pin", "Read a PIN of 4 to 12 digits from standard input, and print its hash for the setting kiosk-pin."},
		{"kiosk-health", "kiosk-health", "Ask the booth of this computer how it is, and print its report."},
		{"version", "version", "Print version, commit and libraries."},
		{"help", "help", "Print a short help in the user's language."},
	}
}

// definedCommands reads the names of all commands from the switch in
// options.define, so that a new one cannot be forgotten here.
func definedCommands(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "flags.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "define" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CaseClause)
			if !ok {
				return true
			}
			for _, e := range c.List {
				word, ok := e.(*ast.BasicLit)
				if !ok {
					continue // a constant: what the program says to itself only
				}
				name, err := strconv.Unquote(word.Value)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
			return true
		})
	}
	return names
}

// TestManpage: the manual page has every command, flag and setting, as they are.
// With -update-manpage it writes the page.
func TestManpage(t *testing.T) {
	var told []string
	for _, c := range manpageCommands() {
		told = append(told, c.name)
	}
	defined := definedCommands(t)
	if len(defined) < 5 {
		t.Fatalf("only the commands %q were found in options.define", defined)
	}
	for _, name := range defined {
		if !slices.Contains(told, name) {
			t.Errorf("the command %q is not in manpageCommands", name)
		}
		for _, lang := range []text.Lang{text.English, text.Korean} {
			if help := text.For(lang).Text("cli.help"); name != "window" && name != "help" && !strings.Contains(help, "nxphone "+name) {
				t.Errorf("nxphone help (%v) does not tell of the command %q", lang, name)
			}
		}
	}
	for _, name := range told {
		if !slices.Contains(defined, name) {
			t.Errorf("manpageCommands has %q, which is no command", name)
		}
	}
	want := manpage(t)
	got, err := os.ReadFile(manpageFile)
	if err == nil && string(got) == want {
		return
	}
	if !*updateManpage {
		t.Errorf("%s is not what the program is (%v): go test -tags migrated_fynedo,ci -run TestManpage ./cmd/nxphone -update-manpage", manpageFile, err)
		return
	}
	if err := os.WriteFile(manpageFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// commandFlags are the flags of a command beside those that every command has.
func commandFlags(t *testing.T, command string) []*flag.Flag {
	t.Helper()
	all, common := flag.NewFlagSet("", flag.ContinueOnError), flag.NewFlagSet("", flag.ContinueOnError)
	o := options{command: command}
	if _, err := o.define(all); err != nil {
		t.Fatal(err)
	}
	profile.BindFlags(common)
	var own []*flag.Flag
	all.VisitAll(func(f *flag.Flag) {
		if common.Lookup(f.Name) == nil {
			own = append(own, f)
		}
	})
	return own
}

// manpage is the page in the language of man(7).
func manpage(t *testing.T) string {
	var b strings.Builder
	b.WriteString(".\\\" Written by go test ./cmd/nxphone -run TestManpage -update-manpage; do not edit.\n")
	b.WriteString(".TH NXPHONE 1 \"\" nxphone \"User Commands\"\n.SH NAME\nnxphone \\- counsellor's telephone\n.SH SYNOPSIS\n")
	for i, c := range manpageCommands() {
		if i > 0 {
			b.WriteString(".br\n")
		}
		fmt.Fprintf(&b, ".B nxphone\n%s\n", roff(c.synopsis+" [flags]"))
	}
	b.WriteString(".SH DESCRIPTION\n" + roff("nxphone places one call at a time by SIP over WebSocket, with the encrypted sound of WebRTC: "+
		"from its window, from the command line, or for web pages in a browser on the same computer.") + "\n")
	b.WriteString(".SH COMMANDS\n")
	for _, c := range manpageCommands() {
		fmt.Fprintf(&b, ".SS nxphone %s\n%s\n", roff(c.synopsis), roff(c.words))
		for _, f := range commandFlags(t, c.name) {
			b.WriteString(manpageFlag(t, f))
		}
	}
	b.WriteString(".SH \"FLAGS OF EVERY COMMAND\"\n" +
		roff("Flags stand anywhere on the line. NXPHONE_REALM does what --realm does, and so on; a flag beats it.") + "\n")
	common := flag.NewFlagSet("", flag.ContinueOnError)
	profile.BindFlags(common)
	common.VisitAll(func(f *flag.Flag) { b.WriteString(manpageFlag(t, f)) })
	b.WriteString(".SH SETTINGS\n" + roff("The keys of the settings file and of policies, both JSON. A managed policy beats flags, flags the environment, "+
		"that the user's file, that a recommended policy, and that the value that stands here.") + "\n")
	for _, k := range profile.Keys() {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(string(k.Key)), roff(capital(k.Doc)+". Values: "+k.Values+"."))
		if k.Default != "" {
			b.WriteString(roff("Without it: "+k.Default+".") + "\n")
		}
		if k.PolicyOnly {
			b.WriteString("Only a managed policy may say it.\n")
		}
	}
	b.WriteString(manpageRest)
	return b.String()
}

func manpageFlag(t *testing.T, f *flag.Flag) string {
	t.Helper()
	if f.Usage == "" {
		t.Errorf("--%s has no words: give its definition in flags.go some", f.Name)
	}
	value, usage := flag.UnquoteUsage(f)
	if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
		value = ""
	} else if value == "value" || value == "string" {
		value = "VALUE"
	}
	return fmt.Sprintf(".TP\n.B %s\n%s\n", roff(strings.TrimSpace("--"+f.Name+" "+value)), roff(capital(usage)+"."))
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// roff escapes a text for man(7).
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "–", `\(en`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

const manpageRest = `.SH "EXIT STATUS"
.TP
.B 0
The call was answered and ended normally; or nothing to complain about.
.TP
.B 1
Anything else that happened to the call or the program.
.TP
.B 2
Wrong use; nothing was sent.
.SH FILES
.TP
.I ~/.config/nxphone/settings.json
The user\(aqs settings. The password is in the keyring of the desktop.
.TP
.I /etc/nxphone/policies/managed/*.json
What the organisation has fixed. Files are read in the order of their names, and must belong to root and be writable by nobody else.
.TP
.I /etc/nxphone/policies/recommended/*.json
What it proposes.
.TP
.I /usr/share/doc/nxphone
Pages for administrators and for authors of web pages, the schema of policies, examples.
.SH EXAMPLES
.TP
.B nxphone call \-\-demo \-\-audio null 600
A whole call on the practice server inside the program, without devices.
.TP
.B nxphone tel:+82\-2\-1234\-5678
The window with this number filled in.
.SH "SEE ALSO"
.BR systemd.unit (5),
.BR udev (7)
`

// TestRoff: what man(7) would take for its own is escaped.
func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"--demo":  `\-\-demo`,
		".start":  `\&.start`,
		`a\b`:     `a\eb`,
		"today's": `today\(aqs`,
	} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) is %q, not %q", in, got, want)
		}
	}
}

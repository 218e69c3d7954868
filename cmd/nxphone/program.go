package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"nxphone/assets/text"
	"nxphone/audio/device"
	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/provision"
	"nxphone/call/update"
)

// program is what every command has: its streams, its words, its settings.
type program struct {
	stdout, stderr io.Writer
	words          *text.Catalogue
	log            *slog.Logger
	store          *profile.Store
	faults         []string // of the settings, as they were told at the start
	// wrongOrders and wrongOwn are the same as errors: of the organisation's
	// settings and of all others. What follows the orders changes them later.
	wrongOrders, wrongOwn []error
	wrongMu               sync.Mutex // guards wrongOrders once policies are followed
	// policyFault: something in a policy is wrong, and has been told.
	policyFault bool
	// told is what was said last, for a box where nobody reads standard error.
	told     atomic.Pointer[string]
	policies *profile.PolicyReader
	logs     logs
	examined *tape            // keeps SIP messages for a report; nil: nobody does
	served   provision.Status // what was kept of the organisation's server
	// ports are where web pages find this phone; nil: where they look.
	ports []int
}

// run is the program without its process: one command, to its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr}
	o, err := parse(args)
	p.words = text.For(text.System(os.Getenv))
	p.log = slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if o.settings != nil {
		p.openSettings(o)
		p.openLogs(o)
		defer p.logs.close()
	}
	if err != nil {
		return p.usage(err)
	}
	noCore(p.log)
	switch o.command {
	case "call":
		return runCall(ctx, p, o)
	case "headless":
		return runHeadless(ctx, p, o)
	case "demo-sbc":
		return runDemoSBC(ctx, p, o)
	case "devices":
		return runDevices(ctx, p)
	case "policy":
		return runPolicy(ctx, p, o)
	case "doctor":
		return runDoctor(ctx, p, o)
	case "report":
		return runReport(ctx, p, o)
	case "update":
		return runUpdate(ctx, p, o)
	case displayProbe:
		return runDisplayProbe(p)
	case "kiosk-pin":
		return p.hashPIN(os.Stdin)
	case "kiosk-health":
		return p.kioskHealth(ctx)
	case "version":
		printVersion(p.stdout)
		return exitOK
	case "help":
		fmt.Fprint(p.stdout, p.text("cli.help"))
		return exitOK
	}
	code := runWindow(ctx, p, o)
	if last := p.told.Load(); code != exitOK && last != nil && !o.kiosk { // nobody is in front of a booth that could close a box
		showAlone(*last)
	}
	return code
}

// openSettings reads the settings, the language first: what goes wrong from
// here on is told in it. A fault in the settings is told, and the other values
// count.
func (p *program) openSettings(o options) {
	if p.policies == nil {
		p.policies = newPolicyReader(o.command)
	}
	ordered := p.policies.Read()
	store, err := profile.Open(profile.Options{Flags: o.settings, Layers: ordered.Layers, PolicyOnly: o.kiosk})
	p.store = store
	s := store.Get()
	if l, ok := text.Parse(s.Lang); ok {
		p.words = text.For(l)
	}
	level := slog.LevelWarn
	if s.LogLevel != "" {
		// The settings' own check knows the same words.
		_ = level.UnmarshalText([]byte(s.LogLevel))
	}
	p.log = slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level}))
	// The organisation's server has its say from what was kept of it; what is
	// new is fetched while the phone runs.
	var trouble error
	p.served, trouble = p.keptFromServer(store.Local())
	served, more := fromServer(p.served)
	trouble = errors.Join(trouble, more)
	if len(served) > 0 {
		_, more := store.SetPolicies(slices.Concat(served, ordered.Layers))
		trouble = errors.Join(trouble, more)
	}
	p.wrongOwn = apart(err)
	p.tellOrders(errors.Join(ordered.Faults, trouble))
	for _, fault := range p.wrongOwn {
		p.say(fault)
	}
}

// setWrongOrders is called when the organisation's policies have been read.
func (p *program) setWrongOrders(all []error) {
	p.wrongMu.Lock()
	defer p.wrongMu.Unlock()
	p.wrongOrders = all
}

// allWrong is what is wrong with policies and settings, from any goroutine.
func (p *program) allWrong() []error {
	orders, own := p.wrongApart()
	return append(orders, own...)
}

// wrongApart is the same, apart.
func (p *program) wrongApart() (orders, own []error) {
	p.wrongMu.Lock()
	defer p.wrongMu.Unlock()
	return slices.Clone(p.wrongOrders), slices.Clone(p.wrongOwn)
}

// apart takes joined errors apart, so that each is told.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, apart(e)...)
	}
	return all
}

// text is one text of the catalogue, in the user's language.
func (p *program) text(key string) string { return p.words.Text(key) }

// tell writes what happened and, where there is something, what to do. Titles
// of the catalogue stand alone in the window and have no full stop there.
func (p *program) tell(title, help string) {
	if title != "" && !strings.HasSuffix(title, ".") {
		title += "."
	}
	sentence := strings.TrimSpace(title + " " + help)
	p.told.Store(&sentence)
	fmt.Fprintf(p.stderr, "nxphone: %s\n", sentence)
}

// say tells an error as a sentence.
func (p *program) say(err error) {
	title, help := p.sentence(err)
	p.tell(title, help)
}

// sentence finds the words for an error. What has no code of its own keeps its
// own text behind the sentence for the unknown.
func (p *program) sentence(err error) (title, help string) { return sentenceIn(p.words, err) }

// sentenceIn is sentence in a language of its own.
func sentenceIn(words *text.Catalogue, err error) (title, help string) {
	if code := call.CodeOf(err); code != "" {
		return words.Code(string(code))
	}
	var server *provision.Error
	if errors.As(err, &server) {
		return words.Text("cli.provision." + string(server.Code)), "(" + server.Error() + ")"
	}
	var newer *update.Error
	if errors.As(err, &newer) {
		return words.Text("cli.update." + string(newer.Code)), "(" + newer.Error() + ")"
	}
	var setting *profile.Error
	if errors.As(err, &setting) {
		title = words.Text("cli.profile." + string(setting.Code))
		return title, "(" + setting.Error() + ")"
	}
	if key := deviceKey(err); key != "" {
		return words.Text(key), ""
	}
	title, help = words.Code("unknown")
	return title, help + " (" + err.Error() + ")"
}

// deviceKey is the text for what is wrong with a sound device.
func deviceKey(err error) string {
	var missing device.ErrNotFound
	switch {
	case errors.As(err, &missing):
		return "cli.device.not-found"
	case errors.Is(err, device.ErrNoDevice):
		return "cli.device.none"
	case errors.Is(err, device.ErrBusy):
		return "cli.device.busy"
	case errors.Is(err, device.ErrDenied):
		return "cli.device.denied"
	case errors.Is(err, device.ErrHung), errors.Is(err, device.ErrFailed):
		return "cli.device.failed"
	}
	return ""
}

// usage tells wrong use.
func (p *program) usage(err error) int {
	if call.CodeOf(err) != "" {
		p.say(err)
		return exitUsage
	}
	what := "cli.usage"
	if errors.Is(err, errOrigin) {
		what = "cli.web.origin"
	}
	why := strings.TrimPrefix(err.Error(), errUsage.Error()+": ")
	if path := new(fs.PathError); errors.As(err, &path) {
		p.tell(p.text("cli.usage.file"), "("+why+")")
		return exitUsage
	}
	p.tell(p.text(what), "("+why+")")
	fmt.Fprintln(p.stderr, p.text("cli.usage.help"))
	return exitUsage
}

// fail tells what kept the command from its end. A file that was named and is
// not there is wrong use.
func (p *program) fail(err error) int {
	if errors.Is(err, errUsage) {
		return p.usage(err)
	}
	p.say(err)
	if profile.CodeOf(err) == profile.CodePasswordFile {
		return exitUsage
	}
	return exitFailed
}

// sayReason tells how a call ended. Somebody hanging up after the answer needs
// no words.
func (p *program) sayReason(r call.Reason, answered bool) {
	if answered && r.OK() {
		return
	}
	title, help := p.words.Code(string(r.Code))
	p.tell(title, help)
}

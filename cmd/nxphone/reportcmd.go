package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"nxphone/assets/text"
	"nxphone/call/doctor"
	"nxphone/call/logfile"
	"nxphone/call/profile"
	"nxphone/call/report"
	"nxphone/call/scrub"
)

// runReport is "nxphone report": one file for whoever helps, and before it is
// made a list of what is inside.
func runReport(ctx context.Context, p *program, o options) int {
	path := o.file
	if path == "" {
		path = reportName(time.Now())
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return p.usage(fmt.Errorf("%s is no directory", filepath.Dir(path)))
	}
	p.examined = &tape{}
	ph, err := p.openPhone(ctx, o)
	if err != nil {
		return p.fail(err)
	}
	defer ph.close()
	entries := p.reportEntries(ph, p.examination(ph, o), p.words, p.examined)
	fmt.Fprintf(p.stdout, "%s\n%s\n%s\n", p.text("report.inside"), report.List(entries), p.text("report.wait"))
	if err := report.Write(ctx, path, entries, p.reportScrubber(ph)); err != nil {
		return p.fail(err)
	}
	fmt.Fprintln(p.stdout, p.words.Text("report.done", "file", path))
	return exitOK
}

// reportName is what a report is called unless somebody says otherwise.
func reportName(now time.Time) string {
	return "nxphone-report-" + now.Format("20060102-150405") + ".zip"
}

// reportEntries are what stands in a report, in the order in which it is made: the
// examination comes before what it is seen by.
func (p *program) reportEntries(ph *phone, x doctor.Options, words *text.Catalogue, tape *tape) []report.Entry {
	var found []doctor.Finding
	title := func(key string) string { return words.Text("report." + key) }
	state := func(name string) func(context.Context) ([]byte, error) {
		path, err := statePath(name)
		if err != nil {
			return func(context.Context) ([]byte, error) { return nil, err }
		}
		return report.Files(logfile.Names(path)...)
	}
	return []report.Entry{
		{Name: "version.txt", Title: title("version"), Read: func(context.Context) ([]byte, error) {
			var b bytes.Buffer
			printVersion(&b)
			return append(b.Bytes(), systemFacts()...), nil
		}},
		{Name: "settings.txt", Title: title("settings"), Read: func(context.Context) ([]byte, error) { return p.settingsText(ph), nil }},
		{Name: "doctor.txt", Title: title("doctor"), Read: func(ctx context.Context) ([]byte, error) {
			var b bytes.Buffer
			x.Trace = tape.add
			found = doctor.Run(ctx, x, func(f doctor.Finding) { sayFinding(&b, f, words.Text) })
			return b.Bytes(), ctx.Err()
		}},
		{Name: "doctor.json", Title: title("doctor-json"), Read: func(context.Context) ([]byte, error) {
			var b bytes.Buffer
			err := writeFindings(&b, found, words.Text)
			return b.Bytes(), err
		}},
		{Name: "examination-sip.txt", Title: title("examination"), Read: func(context.Context) ([]byte, error) { return tape.text(), nil }},
		{Name: "devices.txt", Title: title("devices"), Read: func(ctx context.Context) ([]byte, error) {
			var b bytes.Buffer
			mics, speakers, err := ph.host.List(ctx)
			if err == nil {
				printDevices(&b, words.Text("cli.devices.microphones"), words.Text("cli.devices.none"), mics)
				printDevices(&b, words.Text("cli.devices.speakers"), words.Text("cli.devices.none"), speakers)
			}
			return b.Bytes(), err
		}},
		{Name: "nxphone.log", Title: title("log"), Read: state(logName)},
		{Name: "sip.log", Title: title("sip"), Read: state(traceName)},
		{Name: "web-api.log", Title: title("web-api"), Read: state("web-api.log")},
	}
}

// systemFacts are what matters of the machine.
func systemFacts() []byte {
	var b bytes.Buffer
	if data, err := os.ReadFile("/etc/os-release"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				fmt.Fprintf(&b, "system %s\n", strings.Trim(strings.TrimSpace(name), `"`))
			}
		}
	}
	if data, err := os.ReadFile("/proc/version"); err == nil {
		fmt.Fprintf(&b, "kernel %s\n", strings.TrimSpace(string(data)))
	}
	fmt.Fprintf(&b, "cpus %d\n", runtime.NumCPU())
	for _, name := range []string{"LANG", "LC_ALL", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "DISPLAY", "WAYLAND_DISPLAY", "PULSE_SERVER", "HTTPS_PROXY", "NO_PROXY"} {
		if v := os.Getenv(name); v != "" {
			fmt.Fprintf(&b, "%s=%s\n", name, v)
		}
	}
	return b.Bytes()
}

// someonesNumber are the settings whose values are numbers or names of people,
// however short.
func someonesNumber() []profile.Key {
	return []profile.Key{
		profile.KeyDN, profile.KeyUser, profile.KeyEchoNumber, profile.KeyPresentedNumber, profile.KeySpeedDials,
		profile.KeyKioskNumber, profile.KeyKioskEmergency, profile.KeyKioskSelfTestNumber,
	}
}

// settingsText lists every setting with its source. A value that is a secret or
// somebody's number is told to be there, and no more.
func (p *program) settingsText(ph *phone) []byte {
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, v := range ph.store.Values() {
		text := v.Text
		switch {
		case text == "" || text == "[]":
			text = "-"
		case v.Masked():
			text = scrub.Secret
		case slices.Contains(someonesNumber(), v.Key):
			text = scrub.Number
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", v.Key, text, v.Source, v.Origin)
	}
	_ = table.Flush() // a buffer takes everything
	for _, err := range p.allWrong() {
		fmt.Fprintf(&b, "\n%v\n", err)
	}
	return b.Bytes()
}

// reportScrubber knows what of this phone is nobody's business, beside what
// package scrub sees by itself.
func (p *program) reportScrubber(ph *phone) *scrub.Scrubber {
	s := ph.store.Get()
	k := scrub.Known{
		Secrets: []string{s.PushToken, s.KioskPIN, s.HelpURL, s.TelemetryURL},
		Numbers: []string{s.DN, s.User, s.EchoNumber, s.PresentedNumber, s.KioskNumber, s.KioskEmergency, s.KioskSelfTestNumber},
		Names:   map[string]string{},
		Keep:    []string{version},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		rev, _, _ := strings.Cut(commit(info), " ")
		k.Keep = append(k.Keep, rev)
	}
	for _, d := range s.SpeedDials {
		k.Numbers = append(k.Numbers, d.Tel)
		k.Names[d.Name] = scrub.User
	}
	for _, h := range append(append([]profile.Header{}, s.SIPHeaders...), s.HandshakeHeaders...) {
		k.Secrets = append(k.Secrets, h.Value)
	}
	for _, i := range s.ICEServers {
		k.Names[i.User] = scrub.User
	}
	for _, h := range headerValues(s.TelemetryHeadersFile) {
		k.Secrets = append(k.Secrets, h)
	}
	ph.secrets.mu.Lock()
	k.Secrets = append(k.Secrets, ph.secrets.password)
	for _, secret := range ph.secrets.turn {
		k.Secrets = append(k.Secrets, secret)
	}
	ph.secrets.mu.Unlock()
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		k.Names[home] = "~"
		if name := filepath.Base(home); len(name) > 2 && name != "root" {
			k.Names[name] = scrub.User
		}
	}
	if host, err := os.Hostname(); err == nil && len(host) > 2 && host != "localhost" {
		k.Names[host] = "[host]"
	}
	return scrub.New(k)
}

func headerValues(file string) (all []string) {
	h, err := headersOf(file)
	if err != nil {
		return nil
	}
	for _, values := range h {
		all = append(all, values...)
	}
	return all
}

// tape keeps the SIP messages of an examination, the first 256 KiB.
type tape struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const maxTape = 256 << 10

func (t *tape) add(dir string, msg []byte, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() < maxTape {
		fmt.Fprintf(&t.buf, "%s %s\n%s\n", at.Format(time.RFC3339Nano), dir, msg)
	}
}

func (t *tape) text() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.buf.Bytes())
}

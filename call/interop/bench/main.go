package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"nxphone/call/demosbc"
	"nxphone/call/interop"
	"nxphone/call/interop/figures"
	"nxphone/call/interop/jssip"
	"nxphone/call/interop/usage"
)

func main() {
	var o options
	flag.StringVar(&o.phone, "phone", "dist/nxphone", "the phone's binary")
	flag.StringVar(&o.out, "out", "dist/bench", "folder for bench.json and bench.md")
	flag.IntVar(&o.calls, "calls", 20, "calls for each figure")
	flag.DurationVar(&o.length, "length", 30*time.Second, "length of the calls whose cost is measured")
	flag.StringVar(&o.only, "only", "", "only the parts whose name contains this: engine, program, window, cost, shift, pages, browser")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	phone, out, only string
	calls            int
	length           time.Duration
}

// run makes the places to call, measures, and reports.
func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "nxphone-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := newBench(ctx, o, dir)
	if err != nil {
		return err
	}
	defer b.close()
	for _, p := range b.parts() {
		if !strings.Contains(p.name, o.only) {
			continue
		}
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%s ... ", p.name)
		if err := p.run(ctx); err != nil {
			fmt.Fprintln(os.Stderr)
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(os.Stderr, "%.0f s\n", time.Since(began).Seconds())
	}
	if err := b.report.save(o.out); err != nil {
		return err
	}
	fmt.Print("\n" + b.report.markdown())
	return nil
}

// bench is what the parts share.
type bench struct {
	options
	dir     string
	group   *interop.Group
	lab     *interop.Lab
	demo    *demosbc.Server
	phone   *program
	targets []target // the demo SBC and Kamailio
	report  Report
}

func newBench(ctx context.Context, o options, dir string) (b *bench, err error) {
	path, err := filepath.Abs(o.phone)
	if err != nil {
		return nil, err
	}
	b = &bench{options: o, dir: dir, report: Report{When: time.Now(), Machine: usage.Machine()}}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	for _, d := range []string{"lab", "desktop", "home"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	if b.group, err = interop.NewGroup(filepath.Join(dir, "logs")); err != nil {
		return nil, err
	}
	b.phone = &program{path: path, group: b.group, dir: filepath.Join(dir, "home")}
	version, err := b.phone.version(ctx)
	if err != nil {
		return nil, err
	}
	b.report.Versions = append(b.report.Versions, "nxphone "+version, runtime.Version())
	return b, b.startServers(ctx)
}

// startServers starts what is called: the demo SBC in this process, and
// Kamailio with a PBX behind it.
func (b *bench) startServers(ctx context.Context) error {
	var err error
	if b.demo, err = demosbc.Start(context.WithoutCancel(ctx), demosbc.Config{RingTime: demosbc.NoRing}); err != nil {
		return err
	}
	ca := filepath.Join(b.dir, "demo-ca.crt")
	if err := os.WriteFile(ca, b.demo.CA(), 0o600); err != nil {
		return err
	}
	_, wss := b.demo.URLs()
	b.targets = append(b.targets, target{SBC: "demo SBC", URL: wss, Realm: b.demo.Realm(), Number: "600", CA: ca, CAText: b.demo.CA(),
		Codec: "Opus", Calls: func(context.Context) (int, error) { return b.demo.Calls(), nil }})

	cfg := interop.Config{Agents: []string{"echo"}, NoBaresip: true}
	if b.lab, err = interop.Run(ctx, cfg, filepath.Join(b.dir, "lab")); err != nil {
		return err
	}
	text, err := os.ReadFile(b.lab.CA)
	if err != nil {
		return err
	}
	b.targets = append(b.targets, target{SBC: "Kamailio", URL: b.lab.URL("wss"), Realm: b.lab.Realm, Number: interop.NumberEcho, CA: b.lab.CA, CAText: text,
		Codec: "G.711", Calls: b.lab.Kamailio.Dialogs})
	return nil
}

func (b *bench) close() {
	if b.group != nil {
		b.group.Stop()
	}
	if b.lab != nil {
		b.lab.Close()
	}
	if b.demo != nil {
		_ = b.demo.Close() // nothing depends on it any more
	}
}

// part is one thing to measure.
type part struct {
	name string
	run  func(context.Context) error
}

// parts come in an order in which none disturbs the next: what is measured
// runs alone.
func (b *bench) parts() []part {
	return []part{
		{"engine: calls over open and new flows", b.engineSetups},
		{"program: calls by the binary", b.programSetups},
		{"window: start to window shown", b.windowStart},
		{"window: a tap until it is drawn", b.windowTaps},
		{"window: idle", b.windowIdle},
		{"cost of a call: program and window", b.phoneCosts},
		{"shift: the calls of eight hours", b.windowShift},
		{"pages: events over the web API", b.pageDelays},
		{"browser: calls by JsSIP in Chromium", b.browserSetups},
		{"browser: cost of a call", b.browserCost},
	}
}

func (b *bench) engineSetups(ctx context.Context) error {
	for _, to := range b.targets {
		for _, flow := range []string{"cold", "warm"} {
			calls, err := engineCalls(ctx, to, b.calls, flow == "warm")
			if err != nil {
				return fmt.Errorf("%s, %s: %w", to.SBC, flow, err)
			}
			b.report.Setups = append(b.report.Setups, newSetup(clientEngine, to.SBC, flow, calls))
		}
	}
	return nil
}

func (b *bench) programSetups(ctx context.Context) error {
	for _, to := range b.targets {
		var calls []timing
		for range b.calls {
			t, err := b.phone.call(ctx, to)
			if err != nil {
				return fmt.Errorf("%s: %w", to.SBC, err)
			}
			calls = append(calls, t)
		}
		b.report.Setups = append(b.report.Setups, newSetup(clientProgram, to.SBC, "cold", calls))
	}
	return nil
}

func (b *bench) windowStart(ctx context.Context) error {
	times, err := b.phone.startToWindow(ctx, max(5, b.calls/2))
	b.report.Window = figures.Of(times)
	return err
}

func (b *bench) windowTaps(ctx context.Context) error {
	times, err := b.phone.tapsToPicture(ctx, b.calls)
	b.report.Taps = figures.Of(times)
	return err
}

func (b *bench) windowIdle(ctx context.Context) (err error) {
	b.report.Idle, err = b.phone.measureIdle(ctx, b.length)
	return err
}

// withWindow marks the costs that include the window.
const withWindow = "window under software OpenGL"

// phoneCosts is what calls cost with each codec: the demo SBC speaks Opus, the
// PBX behind Kamailio G.711.
func (b *bench) phoneCosts(ctx context.Context) error {
	d, err := interop.StartDesktop(ctx, b.group, filepath.Join(b.dir, "desktop"))
	if err != nil {
		return err
	}
	defer d.Close()
	for _, to := range b.targets {
		for _, way := range []struct {
			what    string
			measure func() (usage.Usage, error)
		}{
			{"no window, no sound device", func() (usage.Usage, error) { return b.phone.measure(ctx, to, b.length, nil) }},
			{"no window, PulseAudio", func() (usage.Usage, error) { return b.phone.measure(ctx, to, b.length, d.Env) }},
			{withWindow + ", PulseAudio", func() (usage.Usage, error) { return b.phone.measureWindow(ctx, d, to, b.length) }},
		} {
			u, err := way.measure()
			if err != nil {
				return fmt.Errorf("%s, %s: %w", to.SBC, way.what, err)
			}
			b.report.Calls = append(b.report.Calls, Cost{clientProgram, to.place(), way.what, u})
		}
	}
	return nil
}

// browserSetups and browserCost have a browser each: what memory many calls
// before have left behind should not count.
func (b *bench) browserSetups(ctx context.Context) error {
	page, err := startBrowser(ctx, filepath.Join(b.dir, "chromium"), nil)
	if err != nil {
		return err
	}
	defer page.Close()
	b.report.Versions = append(b.report.Versions, page.Version(), "JsSIP "+jssip.Version)
	for _, to := range b.targets {
		for _, flow := range []string{"cold", "warm"} {
			calls, err := browserCalls(page, to, b.calls, flow == "cold")
			if err != nil {
				return fmt.Errorf("%s, %s: %w", to.SBC, flow, err)
			}
			b.report.Setups = append(b.report.Setups, newSetup(clientBrowser, to.SBC, flow, calls))
		}
	}
	return nil
}

func (b *bench) browserCost(ctx context.Context) error {
	page, err := startBrowser(ctx, filepath.Join(b.dir, "chromium-cost"), nil)
	if err != nil {
		return err
	}
	defer page.Close()
	for _, to := range b.targets {
		u, err := page.measure(to, b.length)
		if err != nil {
			return fmt.Errorf("%s: %w", to.SBC, err)
		}
		b.report.Calls = append(b.report.Calls, Cost{clientBrowser, to.place(), "headless, fake microphone", u})
	}
	return nil
}

// browserCalls makes n calls: each on a fresh page that first connects, or all
// on one, whose first call does not count.
func browserCalls(page *Browser, to target, n int, fresh bool) ([]timing, error) {
	var calls []timing
	for i := range n + 1 {
		t, err := page.call(to, 300*time.Millisecond, fresh || i == 0)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			calls = append(calls, t)
		}
	}
	return calls, nil
}

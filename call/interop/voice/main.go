package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nxphone/call/interop/usage"
)

func main() {
	if len(os.Args) > 1 && (os.Args[1] == busyPhone || os.Args[1] == busyWork) {
		if err := runBusy(os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, os.Args[1]+":", err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.StringVar(&o.phone, "phone", "dist/nxphone", "the phone's binary")
	flag.StringVar(&o.out, "out", "dist/bench", "folder for voice.md, voice.json and the pictures in voice/")
	flag.StringVar(&o.only, "only", "", "only the parts whose name contains one of these `WORDS`, separated by commas")
	flag.Float64Var(&o.minutes, "minutes", 2, "length of the call in which gaps are counted, in minutes")
	flag.DurationVar(&o.length, "length", 32*time.Second, "length of the speech that is sent through each network")
	flag.StringVar(&o.traces, "traces", "", "only the networks whose name contains one of these `WORDS`, separated by commas")
	flag.StringVar(&o.ways, "ways", "", "only the pairs of ends (\"nxphone and Chromium, processing\") whose name contains one of these `WORDS`, separated by commas")
	flag.BoolVar(&o.realtime, "realtime", false, "for a busy machine: only the parts receive and ear, and everything in them goes before all other programs (SCHED_RR), the sound servers included")
	flag.BoolVar(&o.keep, "keep", false, "keep the recordings (WAV) and their spectrograms in voice/ beside the pictures")
	flag.Parse()
	if err := goFirst(o.realtime); err != nil {
		fmt.Fprintln(os.Stderr, "bench-voice:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-voice:", err)
		os.Exit(1)
	}
}

// niceness is that of everything here, where it is allowed: of the lab's programs
// (package interop), and so of the browser, the recorders and the sender.
const niceness = -11

// goFirst starts this program again with that priority, which is a thread's and is
// inherited: no thread of this process but the first could be given it.
func goFirst(realtime bool) error {
	const again = "NXPHONE_BENCH_VOICE_FIRST"
	if os.Getenv(again) != "" {
		return os.Unsetenv(again)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	first := syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness)
	if realtime {
		first = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}, 0)
	}
	if first != nil {
		fmt.Fprintln(os.Stderr, "bench-voice: not allowed to go before other programs; on a busy machine the figures are worse")
		return nil
	}
	// sched(7), "The autogroup feature": where the cores are shared among sessions
	// first, the session's counts. Elsewhere there is no such file.
	_ = os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(niceness)), 0)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), again+"=1"))
}

// behindOthers lets everybody else go before the calling goroutine, which should end
// soon: its thread ends with it.
func behindOthers() {
	runtime.LockOSThread()
	// Where it is refused, the thread was not before others either.
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: 10}, 0)
}

type options struct {
	phone, out, only, traces, ways string
	minutes                        float64
	length                         time.Duration
	keep, realtime                 bool
}

// run measures part by part. A part that fails is told in the report, and the
// others go on; the program's status is that of the worst.
func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "nxphone-voice-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir, report: Report{When: time.Now(), Machine: usage.Machine()}}
	if b.phone, err = filepath.Abs(o.phone); err != nil {
		return err
	}
	defer b.close()
	b.report.Versions = b.versions(ctx)
	var failed []error
	for _, p := range b.parts() {
		if !chosen(p.name, o.only) {
			continue
		}
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%s ...\n", p.name)
		s := &Section{Title: p.name}
		before := load()
		if err := p.run(ctx, s); err != nil {
			s.Failed = err.Error()
			failed = append(failed, fmt.Errorf("%s: %w", p.name, err))
			fmt.Fprintln(os.Stderr, "  failed:", err)
		}
		s.Load = before + " before, " + load() + " after"
		fmt.Fprintf(os.Stderr, "  %.0f s\n", time.Since(began).Seconds())
		b.report.Sections = append(b.report.Sections, s)
		if err := b.report.save(o.out); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if len(b.report.Sections) == 0 {
		return fmt.Errorf("no part is called %q", o.only)
	}
	fmt.Print("\n" + b.report.markdown())
	return errors.Join(failed...)
}

// load is the load average of the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// chosen reports whether a name contains one of the words; no words choose all.
func chosen(name, words string) bool {
	for _, w := range strings.Split(words, ",") {
		if strings.Contains(strings.ToLower(name), strings.ToLower(strings.TrimSpace(w))) {
			return true
		}
	}
	return false
}

// bench is what the parts share.
type bench struct {
	options
	dir    string
	report Report
	closer []func() // in the order of opening

	started        *rig // see rig
	numbers, desks int  // how many were handed out
}

func (b *bench) close() {
	for i := len(b.closer) - 1; i >= 0; i-- {
		b.closer[i]()
	}
	b.closer = nil
}

// part is one thing to measure. Its run fills the section; what it has when it
// fails is reported all the same.
type part struct {
	name string
	run  func(ctx context.Context, s *Section) error
}

// parts come in the order of the report. What is measured runs alone.
func (b *bench) parts() []part {
	calls := []part{
		{"receive: through bad networks", b.receive},
		{"ear: from mouth to ear", b.mouthToEar},
	}
	if b.realtime {
		return calls // the others compute all the time, and would take the machine from everybody
	}
	return append(calls, []part{
		{"echo: a canceller beside AEC3", b.echo},
		{"noise: a suppressor beside RNNoise", b.noise},
		{"protect: the limiter for the ear, and the gain", b.protect},
		{"together: all of the processing on one take", b.whole},
		{"gaps: while the phone's process works", b.gapsInside},
		{"gaps: while the computer works", b.gapsBeside},
		{"cost: stages and whole calls", b.cost},
	}...)
}

// versions names what is measured; a program that is missing is told by the part
// that needs it.
func (b *bench) versions(ctx context.Context) []string {
	var all []string
	for _, c := range [][]string{{b.phone, "version"}, {"chromium", "--version"}} {
		out, err := exec.CommandContext(ctx, c[0], c[1:]...).Output()
		if line, _, _ := strings.Cut(string(out), "\n"); err == nil {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

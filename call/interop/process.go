package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pollEvery is how often a start-up condition is looked at again. The programs
// under test tell nobody when they are ready.
const pollEvery = 5 * time.Millisecond

// stopGrace is how long a program may take to end itself before it is killed.
const stopGrace = 700 * time.Millisecond

// Process is one program that a lab runs, in a session of its own.
type Process struct {
	// Name is what the lab calls it; its log is logs/Name.log.
	Name string
	// LogFile holds both its standard output and its standard error.
	LogFile string
	// MayEnd: an end that nobody asked for is no fault.
	MayEnd bool

	cmd  *exec.Cmd
	done chan struct{}

	mu       sync.Mutex
	wanted   bool // its end was asked for
	exitText string
}

// PID is the process's id, also that of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// ExitStatus is the status that the process ended with, -1 for a signal. It
// may be asked only after Done.
func (p *Process) ExitStatus() int { return p.cmd.ProcessState.ExitCode() }

// Interrupt sends SIGINT to the process, as Ctrl-C does.
func (p *Process) Interrupt() { p.signal(syscall.SIGINT) }

// Done is closed when the process has ended and was reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Log returns what the process has printed so far.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.LogFile)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Kill ends the whole group at once, as a power cut would.
func (p *Process) Kill() {
	p.want()
	// Here and below: the group may be gone already, and then there is
	// nothing to do about it.
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// want says that the process's end, should it follow, was asked for.
func (p *Process) want() {
	p.mu.Lock()
	p.wanted = true
	p.mu.Unlock()
}

// signal sends a signal to the process alone: what it has started is its own
// business (Kamailio takes the death of a child for a fault).
func (p *Process) signal(s syscall.Signal) {
	p.want()
	_ = syscall.Kill(p.PID(), s)
}

// stop asks the process to end, then makes it. What is left of its group (a
// child that ignored the signal) is killed too.
func (p *Process) stop() {
	p.signal(syscall.SIGTERM)
	t := time.NewTimer(stopGrace)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// died says how the process ended if nobody asked it to; "" otherwise.
func (p *Process) died() string {
	select {
	case <-p.done:
	default:
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted || p.MayEnd {
		return ""
	}
	return p.exitText
}

// tail is the end of the log, for error messages.
func (p *Process) tail(lines int) string {
	all := strings.Split(strings.TrimRight(p.Log(), "\n"), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}

// Spec says what to run.
type Spec struct {
	// MayEnd: see Process.
	MayEnd bool
	// Name is the log's name and must be unique in its group.
	Name string
	// Path and Args are as for exec.Command.
	Path string
	Args []string
	// Dir is the working directory, Env is added to the caller's environment.
	Dir string
	Env []string
	// Stdout, when set, is where the standard output goes instead of the log.
	// The caller keeps it and closes it after Start.
	Stdout *os.File
	// Extra are descriptors 3 and on.
	Extra []*os.File
}

// Group runs programs and guarantees that none of them outlives it, or the
// test binary, however that ends.
type Group struct {
	logDir string
	start  chan startRequest
	quit   chan struct{}
	gone   chan struct{}

	mu    sync.Mutex
	procs []*Process
}

type startRequest struct {
	cmd   *exec.Cmd
	reply chan error
}

// NewGroup makes an empty group that writes its logs into dir. Stop must be
// called.
func NewGroup(logDir string) (*Group, error) {
	if err := os.MkdirAll(logDir, 0o755); err != nil {
		return nil, err
	}
	g := &Group{
		logDir: logDir,
		start:  make(chan startRequest),
		quit:   make(chan struct{}),
		gone:   make(chan struct{}),
	}
	go g.keep()
	return g, nil
}

// niceness is the priority of what a lab runs, where that is allowed. Sound is
// due every 20 ms, and tests run beside compilers that take every core.
const niceness = -11

// keep is the thread that all programs are started from. The kernel sends the
// parent-death signal (prctl(2), PR_SET_PDEATHSIG) when the thread that forked
// ends, not the process, so that thread must live as long as the group.
func (g *Group) keep() {
	runtime.LockOSThread()
	defer close(g.gone)
	// Children inherit the thread's priority. Who may not raise it does
	// without.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness)
	for {
		select {
		case r := <-g.start:
			r.reply <- r.cmd.Start()
		case <-g.quit:
			return
		}
	}
}

// Start runs a program. It does not wait until the program is ready.
func (g *Group) Start(s Spec) (*Process, error) {
	p := &Process{
		Name:    s.Name,
		LogFile: filepath.Join(g.logDir, s.Name+".log"),
		MayEnd:  s.MayEnd,
		cmd:     exec.Command(s.Path, s.Args...),
		done:    make(chan struct{}),
	}
	log, err := os.OpenFile(p.LogFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own copy
	p.cmd.Dir = s.Dir
	p.cmd.Env = append(os.Environ(), s.Env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if s.Stdout != nil {
		p.cmd.Stdout = s.Stdout
	}
	p.cmd.ExtraFiles = s.Extra
	// A session is a process group, too. SIGTERM, not SIGKILL: Kamailio's
	// children end only when their parent tells them to.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}

	r := startRequest{cmd: p.cmd, reply: make(chan error, 1)}
	select {
	case g.start <- r:
	case <-g.gone:
		return nil, errors.New("interop: the group has been stopped")
	}
	if err := <-r.reply; err != nil {
		return nil, fmt.Errorf("interop: start %s: %w", s.Name, err)
	}
	// Where the scheduler shares the cores among sessions first (sched(7),
	// "The autogroup feature"), niceness is the session's. Elsewhere the file
	// does not exist.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", p.PID()), []byte(strconv.Itoa(niceness)), 0)
	g.mu.Lock()
	g.procs = append(g.procs, p)
	g.mu.Unlock()
	go p.reap()
	return p, nil
}

// reap waits for the process; it ends with it, and stop waits for that.
func (p *Process) reap() {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.exitText = "exit status 0"
	if err != nil {
		p.exitText = err.Error()
	}
	p.mu.Unlock()
	close(p.done)
}

// Deaths lists the programs that ended without being asked to.
func (g *Group) Deaths() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var dead []string
	for _, p := range g.procs {
		if text := p.died(); text != "" {
			dead = append(dead, fmt.Sprintf("%s: %s\n%s", p.Name, text, p.tail(12)))
		}
	}
	return dead
}

// Stop ends every program and returns when all are gone. A second call does
// nothing.
func (g *Group) Stop() {
	g.mu.Lock()
	procs := g.procs
	g.procs = nil
	g.mu.Unlock()
	var wg sync.WaitGroup
	for _, p := range procs {
		wg.Go(p.stop)
	}
	wg.Wait()
	select {
	case <-g.gone:
	case g.quit <- struct{}{}:
		<-g.gone
	}
}

// WaitFor looks at cond until it holds, it fails, or ctx ends; what names the
// condition in the error.
func WaitFor(ctx context.Context, what string, cond func() (bool, error)) error {
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for {
		ok, err := cond()
		if err != nil {
			return fmt.Errorf("interop: waiting for %s: %w", what, err)
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("interop: waiting for %s: %w", what, context.Cause(ctx))
		case <-t.C:
		}
	}
}

// waitReady is WaitFor for a program's start: it fails as soon as the program
// has ended, with the end of its log.
func waitReady(ctx context.Context, p *Process, cond func() (bool, error)) error {
	err := WaitFor(ctx, p.Name+" to be ready", func() (bool, error) {
		if text := p.died(); text != "" {
			return false, fmt.Errorf("it ended: %s", text)
		}
		return cond()
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, p.tail(20))
	}
	return nil
}

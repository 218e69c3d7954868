package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// BuildPhone builds the phone's binary into dir, from the module that the
// working directory is in.
func BuildPhone(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "nxphone")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "migrated_fynedo", "-o", bin, "nxphone/cmd/nxphone")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("interop: go build: %w\n%s", err, out)
	}
	return bin, nil
}

// Home is a user's folder for one run of the phone: nothing that the machine's
// own user has configured is seen by it.
func Home(dir string) []string {
	return []string{
		"HOME=" + dir,
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
		"XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"DBUS_SESSION_BUS_ADDRESS=disabled:",
		"DISPLAY=", "WAYLAND_DISPLAY=",
	}
}

// PhoneRun is one run of the phone as a program of its own.
type PhoneRun struct {
	*Process

	read chan struct{} // closed at the end of its standard output

	mu     sync.Mutex
	events []PhoneEvent
	wake   chan struct{} // closed and renewed with every event
}

// PhoneEvent is one line of the phone's standard output.
type PhoneEvent struct {
	// At is when the line was read.
	At time.Time
	// Line is as it came, without the line's end.
	Line string
	// Kind, Type and Data are the JSON's members.
	Kind, Type string
	Data       json.RawMessage
}

// StartPhone runs the phone in the group. Its standard error is the log.
func (g *Group) StartPhone(name, bin string, env []string, args ...string) (*PhoneRun, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	p, err := g.Start(Spec{Name: name, Path: bin, Args: args, Env: env, Stdout: in, MayEnd: true})
	if err != nil {
		out.Close()
		return nil, err
	}
	r := &PhoneRun{Process: p, read: make(chan struct{}), wake: make(chan struct{})}
	go r.follow(out)
	return r, nil
}

// follow reads the events until the process has closed its output.
func (r *PhoneRun) follow(out io.ReadCloser) {
	defer close(r.read)
	defer out.Close()
	in := bufio.NewScanner(out)
	for in.Scan() {
		ev := PhoneEvent{At: time.Now(), Line: in.Text()}
		// A line that is no JSON keeps an empty Type and fails the test there.
		_ = json.Unmarshal(in.Bytes(), &ev)
		r.mu.Lock()
		r.events = append(r.events, ev)
		close(r.wake)
		r.wake = make(chan struct{})
		r.mu.Unlock()
	}
}

// Events are the lines so far.
func (r *PhoneRun) Events() []PhoneEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]PhoneEvent(nil), r.events...)
}

// WaitEvent waits for the first event of a type.
func (r *PhoneRun) WaitEvent(ctx context.Context, typ string) (PhoneEvent, error) {
	return r.await(ctx, "the event "+typ, func(ev PhoneEvent) bool { return ev.Type == typ })
}

// WaitLine waits for the first line that begins with prefix and gives what
// follows it.
func (r *PhoneRun) WaitLine(ctx context.Context, prefix string) (string, error) {
	ev, err := r.await(ctx, fmt.Sprintf("the line %q", prefix), func(ev PhoneEvent) bool { return strings.HasPrefix(ev.Line, prefix) })
	return strings.TrimPrefix(ev.Line, prefix), err
}

// await waits for the first line that match takes.
func (r *PhoneRun) await(ctx context.Context, what string, match func(PhoneEvent) bool) (PhoneEvent, error) {
	for {
		r.mu.Lock()
		evs, wake := r.events, r.wake
		r.mu.Unlock()
		for _, ev := range evs {
			if match(ev) {
				return ev, nil
			}
		}
		select {
		case <-wake:
		case <-r.read:
			if len(r.Events()) > len(evs) {
				continue
			}
			return PhoneEvent{}, fmt.Errorf("interop: the phone ended without %s\n%s", what, r.Log())
		case <-ctx.Done():
			return PhoneEvent{}, fmt.Errorf("interop: waiting for %s: %w", what, context.Cause(ctx))
		}
	}
}

// Wait waits for the end of the phone and gives its exit status.
func (r *PhoneRun) Wait(ctx context.Context) (int, error) {
	for _, c := range []<-chan struct{}{r.Done(), r.read} {
		select {
		case <-c:
		case <-ctx.Done():
			return 0, fmt.Errorf("interop: waiting for the phone's end: %w", context.Cause(ctx))
		}
	}
	return r.ExitStatus(), nil
}

package uitest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"nxphone/call"
	"nxphone/call/recent"
	"nxphone/call/shift"
)

// Shift stands in for the counsellor's own state. It records what the window
// asks for; what it shows is pushed by the test.
type Shift struct {
	// Err is what every command is answered with. Set it before the Shift is
	// shared.
	Err error

	mu       sync.Mutex
	commands []string
}

// Commands are those asked for since the start: "set away", "rest 0s", "help
// true".
func (s *Shift) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

func (s *Shift) note(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, fmt.Sprintf(format, args...))
	return s.Err
}

// Set records "set STATE".
func (s *Shift) Set(_ context.Context, to shift.State) error { return s.note("set %s", to) }

// Rest records "rest LENGTH".
func (s *Shift) Rest(_ context.Context, d time.Duration) error { return s.note("rest %v", d) }

// Help records "help true" or "help false".
func (s *Shift) Help(_ context.Context, on bool) error { return s.note("help %t", on) }

// Watch gives a shift that is ready, and ends with ctx.
func (s *Shift) Watch(ctx context.Context) iter.Seq[shift.Status] {
	return func(yield func(shift.Status) bool) {
		if yield(shift.Status{State: shift.Ready}) {
			<-ctx.Done()
		}
	}
}

// Recent stands in for the list of recent calls, and records what is deleted.
type Recent struct {
	mu       sync.Mutex
	commands []string
}

// Commands are those asked for since the start: "delete 3", "clear".
func (r *Recent) Commands() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.commands)
}

// Delete records "delete ID".
func (r *Recent) Delete(id int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commands = append(r.commands, fmt.Sprintf("delete %d", id))
	return nil
}

// Restore records "restore ID".
func (r *Recent) Restore(e recent.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commands = append(r.commands, fmt.Sprintf("restore %d", e.ID))
	return nil
}

// Clear records "clear".
func (r *Recent) Clear() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commands = append(r.commands, "clear")
	return nil
}

// Watch gives an empty list, and ends with ctx.
func (r *Recent) Watch(ctx context.Context) iter.Seq[recent.State] {
	return func(yield func(recent.State) bool) {
		if yield(recent.State{}) {
			<-ctx.Done()
		}
	}
}

// Calls are n recent calls of all kinds, the newest shortly before now.
func Calls(n int, now time.Time) []recent.Entry {
	kinds := []recent.Entry{
		{Tel: "01012345678", Answered: true, Length: 754 * time.Second, Code: call.CodeRemoteHangup},
		{Tel: "0212345678", Code: call.CodeNoAnswer},
		{Tel: "01098765432", Answered: true, Length: 65 * time.Minute, Code: call.CodeFarewell},
		{Tel: "1393", Code: call.CodeCancelled},
		{Tel: "01055557777", Code: call.CodeLineBusy},
		{Tel: "0319876543", Answered: true, Length: 9 * time.Second, Code: call.CodeHangup},
		{Tel: "01011112222", Code: call.CodeUnreachable},
	}
	var all []recent.Entry
	for i := range n {
		e := kinds[i%len(kinds)]
		e.ID, e.At = n-i, now.Add(-time.Duration(i*i*17+9)*time.Minute)
		all = append(all, e)
	}
	return all
}

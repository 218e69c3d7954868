package main

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/assets/text"
	"nxphone/call/profile"
	"nxphone/ui"
)

// ordersRig is a phone that follows a folder of policies, with calls made of a
// channel.
type ordersRig struct {
	t       *testing.T
	dir     string
	stderr  buffer
	p       *program
	orders  *orders
	busy    chan bool
	settled chan struct{}
}

func newOrdersRig(t *testing.T) *ordersRig {
	t.Helper()
	r := &ordersRig{t: t, dir: filepath.Join(t.TempDir(), "policies"), busy: make(chan bool), settled: make(chan struct{}, 100)}
	reader := profile.NewPolicyReader(profile.PolicyOptions{Dir: r.dir})
	store, err := profile.Open(profile.Options{
		Path: filepath.Join(t.TempDir(), "settings.json"), Lookup: func(string) (string, bool) { return "", false }, Layers: reader.Read().Layers,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.p = &program{stderr: &r.stderr, store: store, log: slog.New(slog.DiscardHandler), words: text.For(text.English), policies: reader}
	r.orders = &orders{
		p: r.p, reader: reader, told: make(chan ui.Orders, 1), poke: make(chan struct{}, 1),
		calls: func(ctx context.Context) iter.Seq[bool] {
			return func(yield func(bool) bool) {
				for {
					select {
					case b := <-r.busy:
						if !yield(b) {
							return
						}
					case <-ctx.Done():
						return
					}
				}
			}
		},
		settle: func(context.Context) { r.settled <- struct{}{} },
	}
	var once sync.Once
	t.Cleanup(func() { once.Do(r.orders.close) })
	r.orders.start(t.Context())
	return r
}

func (r *ordersRig) write(text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, "managed", "a.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	// Whole at once, as configuration management does it.
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		r.t.Fatal(err)
	}
}

func (r *ordersRig) next(what string) ui.Orders {
	r.t.Helper()
	select {
	case o := <-r.orders.told:
		return o
	case <-time.After(20 * time.Second):
		r.t.Fatalf("%s: nothing is told", what)
	}
	return ui.Orders{}
}

// TestOrdersWaitForTheCall: a change is adopted when there is no call, and never
// in one.
func TestOrdersWaitForTheCall(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r := newOrdersRig(t)
	defer r.orders.close()
	r.busy <- true
	r.write(`{"lang":"ko","realm":"site.example"}`)
	if o := r.next("in a call"); !o.Waiting || o.Changed {
		t.Errorf("in a call: %+v", o)
	}
	if v := r.p.store.Value(profile.KeyRealm); v.Text != "" {
		t.Errorf("adopted in a call: %+v", v)
	}
	r.busy <- false
	if o := r.next("after the call"); o.Waiting || !o.Changed || o.Faulty || len(o.Faults) != 0 {
		t.Errorf("after the call: %+v", o)
	}
	if v := r.p.store.Value(profile.KeyRealm); v.Text != "site.example" || !v.Locked() {
		t.Errorf("%+v", v)
	}
	if len(r.settled) != 1 {
		t.Errorf("settled %d times", len(r.settled))
	}
	// Without a call at once; a policy that breaks is told and keeps its hold.
	r.write(`{"lang":"ko",`)
	o := r.next("broken")
	if o.Changed || !o.Faulty || len(o.Faults) != 2 {
		t.Errorf("broken: %+v", o)
	}
	if v := r.p.store.Value(profile.KeyRealm); v.Text != "site.example" || !v.Locked() {
		t.Errorf("broken: %+v", v)
	}
	if got := r.stderr.String(); !strings.Contains(got, "a.json:1:") || !strings.Contains(got, "stays in force") {
		t.Errorf("stderr %q", got)
	}
	r.write(`{"lang":"ko"}`)
	if o := r.next("mended"); !o.Changed || len(o.Faults) != 0 || r.p.policyFault {
		t.Errorf("mended: %+v", o)
	}
	// What is taken back in the same call is not waited for any more.
	r.busy <- true
	r.write(`{"lang":"ko","realm":"other.example"}`)
	if o := r.next("in another call"); !o.Waiting {
		t.Errorf("in another call: %+v", o)
	}
	r.write(`{"lang":"ko"}`)
	if o := r.next("taken back"); o.Waiting || o.Changed {
		t.Errorf("taken back: %+v", o)
	}
}

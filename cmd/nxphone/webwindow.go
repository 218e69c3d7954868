package main

import (
	"context"
	"iter"
	"sync"
	"time"

	"nxphone/call/webapi"
	"nxphone/ui/present"
)

// webWindow is what the window shows and answers of the web API (ui.Web). It
// outlives the server behind it.
type webWindow struct {
	web *web // set before anything comes
	// asks is called when a question comes, once set before anything does.
	asks func()

	mu      sync.Mutex
	view    present.Web   // its pointers are replaced, never written through
	changed chan struct{} // closed by the next change
	asked   int           // questions so far
	answer  chan bool     // of the question that is open
	numbers chan string   // to be filled in
}

func newWebWindow() *webWindow {
	return &webWindow{changed: make(chan struct{}), numbers: make(chan string)}
}

// update changes the view and tells those who watch.
func (w *webWindow) update(change func(*present.Web)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.view)
	close(w.changed)
	w.changed = make(chan struct{})
}

// Watch implements ui.Web.
func (w *webWindow) Watch(ctx context.Context) iter.Seq[present.Web] {
	return func(yield func(present.Web) bool) {
		for {
			w.mu.Lock()
			view, changed := w.view, w.changed
			w.mu.Unlock()
			if !yield(view) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Answer implements ui.Web.
func (w *webWindow) Answer(id int, yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if q := w.view.Question; q != nil && q.ID == id {
		select {
		case w.answer <- yes:
		default: // it has one already
		}
	}
}

// Revoke implements ui.Web.
func (w *webWindow) Revoke(_ context.Context, origin string) error { return w.web.revoke(origin) }

// follow shows what a server tells, as long as it lives.
func (w *webWindow) follow(states iter.Seq[webapi.State]) {
	for s := range states {
		w.update(func(v *present.Web) { v.Controller, v.Connected = s.Controller, s.Connected })
	}
	w.update(func(v *present.Web) { v.Controller, v.Connected = "", nil })
}

// ask is webapi.Options.Ask: the question in the window. The server ends ctx
// when nobody has answered for too long and when a call begins.
func (w *webWindow) ask(ctx context.Context, origin string) bool {
	until, ok := ctx.Deadline()
	if !ok {
		return false // nobody would take the question away
	}
	answer := make(chan bool, 1)
	w.update(func(v *present.Web) {
		w.asked++
		w.answer = answer
		v.Question = &present.WebQuestion{ID: w.asked, Origin: origin, Plain: webapi.Plain(origin), Until: until}
	})
	defer w.update(func(v *present.Web) { v.Question, w.answer = nil, nil })
	if w.asks != nil {
		w.asks()
	}
	select {
	case yes := <-answer:
		return yes
	case <-ctx.Done():
		return false
	}
}

// showCode is webapi.Options.ShowCode.
func (w *webWindow) showCode(origin, code string) (hide func()) {
	shown := &present.WebCode{Origin: origin, Code: code}
	w.update(func(v *present.Web) { v.Code = shown })
	return func() {
		w.update(func(v *present.Web) {
			if v.Code == shown {
				v.Code = nil
			}
		})
	}
}

// show is webapi.Options.Show: a number for the window, which asks before it
// dials. Where no window takes it soon, whoever brought it opens one himself.
func (w *webWindow) show(tel string) bool {
	limit := time.NewTimer(handTime / 2)
	defer limit.Stop()
	select {
	case w.numbers <- tel:
		return true
	case <-limit.C:
		return false
	}
}

package webapi

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call/webapi/webapitest"
)

// asker is the window: it hands each question to the test.
type asker struct{ asked chan asking }

type asking struct {
	origin string
	answer chan bool
	over   <-chan struct{} // the question was taken away
}

func newAsker() *asker { return &asker{asked: make(chan asking, 10)} }

func (a *asker) ask(ctx context.Context, origin string) bool {
	q := asking{origin, make(chan bool, 1), ctx.Done()}
	a.asked <- q
	select {
	case yes := <-q.answer:
		return yes
	case <-ctx.Done():
		return false
	}
}

// connecting is a page that waits for the answer of the user.
type connecting struct {
	client *webapitest.Client
	err    error
}

func (r *rig) connect(origin string) <-chan connecting {
	done := make(chan connecting, 1)
	go func() {
		c, err := webapitest.Dial(r.ctx(), r.addr, webapitest.Options{Origin: origin})
		done <- connecting{c, err}
	}()
	return done
}

func status(err error) int {
	var refusal *webapitest.RefusedError
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return 0
}

func newAskingRig(t *testing.T, allowed func(string) error) (*rig, *asker) {
	a := newAsker()
	r := newRig(t, func(o *Options) { o.Ask, o.Allowed = a.ask, allowed })
	r.setPolicy(Policy{Origins: []string{helpline}, Ask: true})
	return r, a
}

func TestQuestionYes(t *testing.T) {
	var r *rig
	remembered := make(chan string, 1)
	r, a := newAskingRig(t, func(origin string) error {
		r.setPolicy(Policy{Origins: []string{helpline, origin}, Ask: true})
		remembered <- origin
		return nil
	})
	first := r.connect(stranger)
	q := <-a.asked
	if q.origin != stranger {
		t.Errorf("the window asks about %s", q.origin)
	}
	// Another origin is not asked about meanwhile, an allowed one comes in.
	if got := r.refused(webapitest.Options{Origin: "https://third.example"}); got != 403 {
		t.Errorf("a third origin: %d", got)
	}
	r.page(webapitest.Options{})
	second := r.connect(stranger)
	q.answer <- true
	for _, page := range []<-chan connecting{first, second} {
		got := <-page
		if got.err != nil {
			t.Fatal(got.err)
		}
		got.client.Close()
	}
	if got := <-remembered; got != stranger {
		t.Errorf("%s is remembered", got)
	}
	r.page(webapitest.Options{Origin: stranger}) // not asked again
	if got := r.audited("ask"); len(got) != 1 || got[0].Outcome != "ok" {
		t.Errorf("audit: %+v", got)
	}
}

// A Yes that cannot be remembered holds until the process ends, or Revoke.
func TestQuestionYesNotRemembered(t *testing.T) {
	r, a := newAskingRig(t, func(string) error { return errors.New("the disk is full") })
	page := r.connect(stranger)
	(<-a.asked).answer <- true
	got := <-page
	if got.err != nil {
		t.Fatal(got.err)
	}
	defer got.client.Close()
	r.page(webapitest.Options{Origin: stranger})
	if err := r.server.Revoke(stranger); err != nil {
		t.Fatal(err)
	}
	r.wantEnd(got.client, closeRevoked)
	// It counts as a No: the page comes back at once, the question does not.
	if got := r.refused(webapitest.Options{Origin: stranger}); got != 403 {
		t.Errorf("after Revoke: %d", got)
	}
	if n := len(a.asked); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}

func TestQuestionNo(t *testing.T) {
	r, a := newAskingRig(t, nil)
	page := r.connect(stranger)
	(<-a.asked).answer <- false
	if got := <-page; status(got.err) != 403 {
		t.Errorf("after a No: %v", got.err)
	}
	if got := r.refused(webapitest.Options{Origin: stranger}); got != 403 {
		t.Errorf("once more: %d", got)
	}
	if n := len(a.asked); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}

func TestQuestionForbidden(t *testing.T) {
	r, a := newAskingRig(t, nil)
	r.setPolicy(Policy{})
	if got := r.refused(webapitest.Options{Origin: stranger}); got != 403 {
		t.Errorf("where policy forbids to ask: %d", got)
	}
	r.setPolicy(Policy{Origins: []string{helpline}, Ask: true})
	r.inCall(r.page(webapitest.Options{}))
	if got := r.refused(webapitest.Options{Origin: stranger}); got != 403 {
		t.Errorf("in a call: %d", got)
	}
	if n := len(a.asked); n != 0 {
		t.Errorf("asked %d times", n)
	}
	if got := r.status(request{path: "/v1", header: upgrade("Origin: " + stranger)[1:]}); got != 403 {
		t.Errorf("what is no upgrade: %d", got)
	}
}

// A call that begins takes the question away, and that is no No.
func TestQuestionWithdrawn(t *testing.T) {
	r, a := newAskingRig(t, nil)
	page := r.connect(stranger)
	q := <-a.asked
	controller := r.page(webapitest.Options{})
	r.inCall(controller)
	<-q.over
	if got := <-page; status(got.err) != 403 {
		t.Errorf("the page whose question was withdrawn: %v", got.err)
	}
	r.phone.HangUp()
	r.events(controller, "Clear")
	page = r.connect(stranger)
	(<-a.asked).answer <- true
	got := <-page
	if got.err != nil {
		t.Fatal(got.err)
	}
	got.client.Close()
}

// The end of the server, and the port, end a question.
func TestQuestionAtTheEnd(t *testing.T) {
	r, a := newAskingRig(t, nil)
	page := r.connect(stranger)
	q := <-a.asked
	r.server.Shut()
	if got := <-page; got.err == nil {
		t.Error("the page was let in")
	}
	r.stop()
	<-q.over
}

// Time-out, peace after a No, and three questions in ten minutes.
func TestQuestionTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsker()
		var mu sync.Mutex
		got := map[string][]answer{}
		q := newQuestions(a.ask, func() bool { return false }, func(o string, x answer) {
			mu.Lock()
			defer mu.Unlock()
			got[o] = append(got[o], x)
		})
		ctx := t.Context()
		allow := func(origin string) bool { return q.allow(ctx, ctx, ctx, origin) }
		begin := time.Now()
		if allow("a") || time.Since(begin) != askTime {
			t.Errorf("a question nobody answers: %v", time.Since(begin))
		}
		if allow("a") || time.Since(begin) != askTime {
			t.Error("asked again at once")
		}
		for _, o := range []string{"b", "c"} {
			go func() { (<-a.asked).answer <- true }()
			if o == "b" {
				<-a.asked // a's, long over
			}
			if !allow(o) {
				t.Errorf("%s: the Yes was lost", o)
			}
		}
		if allow("d") {
			t.Error("a fourth question in ten minutes")
		}
		time.Sleep(questionSpan - time.Since(begin))
		go func() { (<-a.asked).answer <- false }()
		if allow("d") {
			t.Error("the No was lost")
		}
		if allow("a") || len(a.asked) != 0 {
			t.Error("a was asked about again before its ten minutes were over")
		}
		time.Sleep(askTime)
		go func() { (<-a.asked).answer <- true }()
		if !allow("a") {
			t.Error("a is never asked about again")
		}
		q.wait()
		if got["a"][0] != answerTimeout || got["d"][0] != answerNo || got["b"][0] != answerYes {
			t.Errorf("decisions: %v", got)
		}
	})
}

// A page that goes leaves its question up: the answer is about the origin.
func TestQuestionOfAPageThatGoes(t *testing.T) {
	allowed := make(chan string, 1)
	r, a := newAskingRig(t, func(o string) error { allowed <- o; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := webapitest.Dial(ctx, r.addr, webapitest.Options{Origin: stranger})
		done <- err
	}()
	q := <-a.asked
	cancel()
	if err := <-done; err == nil {
		t.Error("let in")
	}
	q.answer <- true
	if got := <-allowed; got != stranger {
		t.Errorf("remembered: %s", got)
	}
}

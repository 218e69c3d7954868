package webapi

import (
	"context"
	"errors"
	"sync"
	"time"
)

// questions puts the question whether an origin may use the phone to the
// window: one at a time, seldom, and never while a call is up. A page that
// could make the phone ask as often as it likes would get its Yes.
type questions struct {
	ask func(ctx context.Context, origin string) bool
	// busy says whether a call is up. A call that begins after it was asked
	// leads to withdraw.
	busy    func() bool
	decided func(origin string, answer answer)

	mu      sync.Mutex
	current *question
	asked   window
	refused map[string]time.Time // when an origin got a No
	wg      sync.WaitGroup
}

// question is one question that is up.
type question struct {
	origin   string
	withdraw context.CancelCauseFunc
	done     chan struct{} // closed with yes set
	yes      bool
}

// answer is what became of a question.
type answer string

const (
	answerYes       answer = "ok"
	answerNo        answer = "no"
	answerTimeout   answer = "timeout"
	answerWithdrawn answer = "withdrawn"
)

var errWithdrawn = errors.New("webapi: the question was withdrawn")

func newQuestions(ask func(context.Context, string) bool, busy func() bool, decided func(string, answer)) *questions {
	return &questions{
		ask: ask, busy: busy, decided: decided,
		asked: window{limit: maxQuestions, span: questionSpan}, refused: make(map[string]time.Time),
	}
}

// allow asks about origin and waits for the answer, or for that of the
// question about the same origin that is up already, while the page (ctx) and
// the port (port) are there. run is the server's context, under which the
// question stays up even when the page goes: the answer is about the origin,
// not about one connection.
func (q *questions) allow(ctx, port, run context.Context, origin string) bool {
	question := q.raise(run, origin)
	if question == nil {
		return false
	}
	select {
	case <-question.done:
		return question.yes
	case <-ctx.Done():
	case <-port.Done():
	}
	return false
}

// raise gives the question that is up about origin, a new one, or nil where
// none may be put.
func (q *questions) raise(run context.Context, origin string) *question {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.current != nil {
		if q.current.origin == origin {
			return q.current
		}
		return nil
	}
	now := time.Now()
	for o, at := range q.refused {
		if now.Sub(at) >= questionSpan {
			delete(q.refused, o)
		}
	}
	if _, no := q.refused[origin]; no || q.ask == nil || run.Err() != nil || q.asked.full(now) || q.busy() {
		return nil
	}
	q.asked.add(now)
	ctx, withdraw := context.WithCancelCause(run)
	ctx, stop := context.WithTimeout(ctx, askTime)
	up := &question{origin: origin, withdraw: withdraw, done: make(chan struct{})}
	q.current = up
	q.wg.Go(func() {
		defer stop()
		defer withdraw(nil)
		q.put(ctx, up)
	})
	return up
}

// put asks and notes the answer.
func (q *questions) put(ctx context.Context, up *question) {
	yes := q.ask(ctx, up.origin)
	got := answerNo
	switch cause := context.Cause(ctx); {
	case cause == nil && yes:
		got = answerYes
	case cause == nil:
	case errors.Is(cause, context.DeadlineExceeded):
		got = answerTimeout
	default:
		// Withdrawn, or the phone ends: a Yes that was pressed in the same
		// moment may be one to something else that came up.
		got = answerWithdrawn
	}
	q.decided(up.origin, got)
	q.mu.Lock()
	defer q.mu.Unlock()
	if got == answerNo || got == answerTimeout {
		q.refused[up.origin] = time.Now()
	}
	q.current = nil
	up.yes = got == answerYes
	close(up.done)
}

// refuse counts as a No about origin: whoever has just taken a permission back
// is not asked for it in the next moment, although the page tries again.
func (q *questions) refuse(origin string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refused[origin] = time.Now()
}

// withdraw takes the question away that is up: a call has begun, and the
// counsellor has something better to do. It waits for nothing.
func (q *questions) withdraw() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.current != nil {
		q.current.withdraw(errWithdrawn)
	}
}

// wait returns when no question is up any more.
func (q *questions) wait() { q.wg.Wait() }

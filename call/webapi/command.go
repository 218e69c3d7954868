package webapi

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"nxphone/call"
)

func isCommand(typ string) bool {
	switch typ {
	case "dial", "clear", "mute", "dtmf", "take", "show", "shift", "help":
		return true
	}
	return false
}

// execute carries out one command, in the order in which the page has sent
// them. All are answered soon by the engine except a Mute, which waits for the
// capture path; that one waits elsewhere, so that a Clear passes it.
func (s *Server) execute(x *session, m message) {
	if !x.native && !s.allowed(x.client.origin) {
		// Its permission was taken away while it was connected.
		x.answer(m, reply{code: codeNotController})
		x.client.end(closeRevoked)
		return
	}
	// A command is carried out even when its page goes meanwhile.
	ctx, cancel := context.WithTimeout(s.life, commandTime)
	defer cancel()
	switch m.Type {
	case "dial":
		s.dial(ctx, x, m)
	case "show":
		x.answer(m, s.show(x, m))
	case "take":
		x.answer(m, reply{code: s.hub.take(x.client)})
	case "shift":
		x.answer(m, s.setShift(ctx, m))
	case "help":
		x.answer(m, s.help(ctx, m))
	case "mute":
		s.mute(ctx, x, m)
	case "clear":
		x.answer(m, s.inCall(x, func() error { return s.opts.Phone.Hangup(ctx) }))
	case "dtmf":
		x.answer(m, s.inCall(x, func() error { return s.opts.Phone.SendDTMF(ctx, m.Digits) }))
	}
}

// inCall acts on the call that the page controls.
func (s *Server) inCall(x *session, act func() error) reply {
	if _, code := s.hub.mayControl(x.client); code != "" {
		return reply{code: code}
	}
	return outcomeOf(act())
}

// outcomeOf names the error of a command.
func outcomeOf(err error) reply {
	switch code := call.CodeOf(err); {
	case err == nil:
		return reply{}
	case code != "":
		return reply{code: string(code)}
	case errors.Is(err, context.DeadlineExceeded):
		return reply{code: string(call.CodeTimeout)}
	}
	return reply{code: codeFailed}
}

// show hands a number to the window. Only programs of this desktop may: a page
// that could bring the window up could steal the focus.
func (s *Server) show(x *session, m message) reply {
	bad := func(c rune) bool { return !unicode.IsPrint(c) }
	switch {
	case !x.native || m.Tel == "" || len(m.Tel) > maxTel || strings.ContainsFunc(m.Tel, bad):
		return reply{code: codeBadRequest}
	case s.opts.Show == nil || !s.opts.Show(m.Tel):
		return reply{code: codeNoWindow}
	}
	return reply{}
}

// mute switches sound or picture. The wish about the picture is only
// remembered, and answered at once.
func (s *Server) mute(ctx context.Context, x *session, m message) {
	id, code := s.hub.mayControl(x.client)
	switch {
	case m.Kind != "Audio" && m.Kind != "Video":
		x.answer(m, reply{code: codeBadRequest})
	case code != "":
		x.answer(m, reply{code: code})
	case m.Kind == "Video":
		x.answer(m, outcomeOf(s.opts.Phone.MuteVideo(ctx, m.On)))
	case !s.mutes.put(muting{call: id, on: m.On, answer: func(r reply) { x.answer(m, r) }}):
		x.answer(m, reply{code: codeRateLimited})
	}
}

// mutes carries out the Mutes of all pages one after the other, in the order
// in which they were sent: two of them side by side could overtake each other
// and leave the microphone open that was to be shut.
type mutes struct {
	phone Phone
	ready chan struct{}

	mu      sync.Mutex
	queue   []muting
	current muting
	give    context.CancelFunc // ends the wait of current; nil without one
}

type muting struct {
	call   int // the one it was meant for
	on     bool
	answer func(reply)
}

func newMutes(phone Phone) *mutes { return &mutes{phone: phone, ready: make(chan struct{}, 1)} }

// put queues one; false when too many wait. One that waits for a contrary
// state of the microphone stops to wait, as the engine's own would.
func (q *mutes) put(m muting) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) >= maxMutes {
		return false
	}
	q.queue = append(q.queue, m)
	if q.give != nil && q.current.on != m.on {
		q.give()
	}
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// run carries them out until ctx ends.
func (q *mutes) run(ctx context.Context) {
	for {
		wait, m, ok := q.next(ctx)
		if !ok {
			select {
			case <-q.ready:
				continue
			case <-ctx.Done():
				return
			}
		}
		r := reply{code: string(call.CodeNoCall)}
		if snap := q.phone.Snapshot(); snap.State != call.Idle && snap.Call.ID == m.call {
			r = outcomeOf(q.phone.Mute(wait, m.on))
			if r.code == codeFailed && errors.Is(wait.Err(), context.Canceled) && ctx.Err() == nil {
				r.code = string(call.CodeSuperseded)
			}
		}
		m.answer(r)
		q.finished()
	}
}

// next takes the first one off the queue.
func (q *mutes) next(ctx context.Context) (context.Context, muting, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 || ctx.Err() != nil {
		return nil, muting{}, false
	}
	q.current = q.queue[0]
	q.queue = q.queue[1:]
	wait, give := context.WithTimeout(ctx, commandTime)
	q.give = give
	if len(q.queue) > 0 && q.queue[0].on != q.current.on {
		// The contrary wait is over before it began; the engine is still told
		// both, in order, by the one that follows.
		give()
	}
	return wait, q.current, true
}

func (q *mutes) finished() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.give()
	q.give = nil
}

// dials is what is remembered of Dials: outcomes by key, so that a page that
// asks again after a broken connection does not dial twice, and how often each
// origin has dialled.
type dials struct {
	turn chan struct{} // a token: one Dial at a time

	// Below: only for the holder of the token.
	results map[dialKey]dialled
	origins map[string]*window
	all     window
}

type dialKey struct{ origin, key string }

type dialled struct {
	reply
	at time.Time
}

func newDials() *dials {
	return &dials{
		turn: make(chan struct{}, 1), results: make(map[dialKey]dialled),
		origins: make(map[string]*window), all: window{limit: dialsAll, span: dialSpan},
	}
}

// admit counts a Dial, or says that it is one too many.
func (d *dials) admit(origin string, now time.Time) bool {
	for o, w := range d.origins {
		if w.full(now); len(w.times) == 0 {
			delete(d.origins, o)
		}
	}
	own := d.origins[origin]
	if own == nil {
		own = &window{limit: dialsOrigin, span: dialSpan}
	}
	if own.full(now) || d.all.full(now) {
		return false
	}
	d.origins[origin] = own
	own.add(now)
	d.all.add(now)
	return true
}

// known gives the outcome of an earlier Dial with this key.
func (d *dials) known(k dialKey, now time.Time) (reply, bool) {
	for key, r := range d.results {
		if now.Sub(r.at) >= resultTime {
			delete(d.results, key)
		}
	}
	r, ok := d.results[k]
	return r.reply, ok && k.key != ""
}

func (s *Server) dial(ctx context.Context, x *session, m message) {
	if s.isDraining() {
		x.answer(m, reply{code: string(call.CodeStopped)})
		return
	}
	select {
	case s.dials.turn <- struct{}{}:
		defer func() { <-s.dials.turn }()
	case <-ctx.Done():
		x.answer(m, reply{code: string(call.CodeTimeout)})
		return
	}
	key, now := dialKey{x.client.origin, m.Key}, time.Now()
	if r, ok := s.dials.known(key, now); ok {
		x.answer(m, r)
		return
	}
	if !s.dials.admit(x.client.origin, now) {
		x.answer(m, reply{code: codeRateLimited}) // not kept: nothing was tried
		return
	}
	req := call.Request{Realm: m.Realm, DN: m.DN, Tel: m.Tel, URL: m.URL, PushToken: m.Push}
	s.hub.dial(ctx, x.client, req, func(id int, err error) {
		r := outcomeOf(err)
		if r.code == "" {
			r.call = id
		}
		if m.Key != "" {
			s.dials.results[key] = dialled{r, now}
		}
		x.answer(m, r)
	})
}

package kiosk

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/call"
)

// walker drives a machine through random visits with an engine that is slow in
// every way it may be: Dials come back late, news arrive late (but in order),
// calls end by themselves at any moment, and the self-test calls in between.
type walker struct {
	m    *machine
	rnd  *rand.Rand
	now  time.Time
	log  []string
	seed uint64

	// The engine, as it really is.
	state call.State
	id    int
	code  call.Code
	local bool
	news  []call.Snapshot // on their way to the machine
	// Commands on their way to the engine, and outcomes on their way back.
	dials   int
	outcome []func()
	hangups int
	testing bool // the self-test has begun; its call is testID
	testID  int
	broken  bool

	resets uint64
}

func newWalker(seed uint64) *walker {
	now := time.Unix(1e9, 0)
	return &walker{
		m:   newMachine(rules{silence: time.Minute, idle: 20 * time.Second, emergency: true, voice: true}, now),
		rnd: rand.New(rand.NewPCG(seed, 1)), now: now, seed: seed,
	}
}

func (w *walker) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// publish is the engine telling what it is.
func (w *walker) publish(s call.State) {
	w.state = s
	snap := call.Snapshot{State: s, Call: call.Call{ID: w.id, Reason: call.Reason{Code: w.code, Local: w.local}}}
	if s == call.InCall {
		snap.Call.Answered, snap.Call.MediaUp = w.now, true
	}
	w.news = append(w.news, snap)
}

func (w *walker) dialEngine() (int, error) {
	if w.state != call.Idle {
		return 0, call.ErrBusy
	}
	w.id++
	w.code, w.local = "", false
	w.publish(call.Connecting)
	return w.id, nil
}

func (w *walker) hangEngine() {
	if w.state == call.Idle || w.state == call.Clearing {
		return
	}
	w.code, w.local = call.CodeHangup, true
	w.publish(call.Clearing)
}

// step does one random thing.
func (w *walker) step() {
	m := w.m
	switch w.rnd.IntN(14) {
	case 0:
		b := Button(1 + w.rnd.IntN(2))
		w.say("press %d: %v", b, m.press(b, w.now))
	case 1:
		w.say("hang: %v", m.hang(w.now))
	case 2:
		m.touch(w.now)
		w.say("touch")
	case 3:
		m.home(w.now)
		w.say("home")
	case 4: // the engine goes on
		switch w.state {
		case call.Connecting, call.Trying, call.Ringing:
			w.publish(w.state + 1)
		case call.Clearing:
			w.publish(call.Idle)
		}
		w.say("engine: %v", w.state)
	case 5: // or ends
		if w.state != call.Idle && w.state != call.Clearing && w.rnd.IntN(3) == 0 {
			w.code = call.CodeRemoteHangup
			w.publish(call.Idle)
			w.say("engine ends")
		}
	case 6, 7, 8:
		if len(w.news) > 0 {
			snap := w.news[0]
			w.news = w.news[1:]
			w.say("news: call %d %v", snap.Call.ID, snap.State)
			m.update(snap, w.now)
		}
	case 9, 10:
		if len(w.outcome) > 0 {
			f := w.outcome[0]
			w.outcome = w.outcome[1:]
			f()
		}
	case 11:
		if !w.testing && m.mayTest() {
			w.testing, w.broken = true, false
			w.testID, _ = w.dialEngine()
			w.say("test begins with call %d", w.testID)
		}
	case 12:
		w.endTest()
	case 13:
		w.now = w.now.Add(time.Duration(w.rnd.IntN(15)) * time.Second)
		m.tick(w.now)
		w.say("time")
	}
	w.perform()
}

// endTest is the self-test letting go: its call is over by then.
func (w *walker) endTest() {
	if !w.testing {
		return
	}
	if w.id == w.testID && w.state != call.Idle {
		w.hangEngine()
		w.publish(call.Idle)
	}
	w.testing = false
	w.say("test ends")
	w.m.testEnded(w.now)
}

func (w *walker) perform() {
	for _, e := range w.m.take() {
		switch e {
		case dialCounsellor, dialEmergency:
			if w.dials++; w.dials > 1 {
				panic("a Dial while another is under way")
			}
			id, err := w.dialEngine()
			w.say("dial: %d %v", id, err)
			w.outcome = append(w.outcome, func() {
				w.dials--
				w.say("dialed %d", id)
				w.m.dialed(id, err, w.now)
				w.perform()
			})
		case hangUp:
			w.say("hang up")
			if w.rnd.IntN(2) == 0 {
				w.hangEngine()
			} else {
				w.outcome = append(w.outcome, w.hangEngine)
			}
		case stopTest:
			w.broken = true
		}
	}
	if w.broken {
		w.broken = false
		w.endTest()
	}
	w.check()
}

// check holds what is always so.
func (w *walker) check() {
	s := w.m.view()
	if s.Screen.InCall() && !s.Bright {
		panic("a dark screen in a call")
	}
	if w.resets != s.Resets && (s.Screen.InCall() || w.m.id != 0) {
		panic("a reset in a call")
	}
	w.resets = s.Resets
	if s.Screen == Ready && (s.Button != NoButton || s.End.Code != "" || !s.Answered.IsZero()) {
		panic("the next visitor sees something of the last")
	}
	if s.End.Code == call.CodeBusy {
		panic("the visitor is told of a call that is none of his")
	}
	if !s.SilenceEnds.IsZero() && s.Screen != Talking {
		panic("a warning of silence without a talk")
	}
	if w.m.id != 0 && !s.Screen.InCall() {
		panic("a call that nobody sees")
	}
}

// drain lets everything that is on its way arrive, and the visitor go.
func (w *walker) drain() {
	for range 200 {
		for len(w.outcome) > 0 {
			f := w.outcome[0]
			w.outcome = w.outcome[1:]
			f()
			w.perform()
		}
		if w.m.status.Screen == Ending && len(w.outcome) == 0 && w.id == w.m.id && w.state != call.Idle && w.state != call.Clearing {
			panic("the visitor has hung up, and the call goes on")
		}
		w.endTest()
		w.perform()
		if w.state != call.Idle {
			w.code = call.CodeRemoteHangup
			w.publish(call.Idle)
		}
		for len(w.news) > 0 {
			snap := w.news[0]
			w.news = w.news[1:]
			w.m.update(snap, w.now)
			w.perform()
		}
		w.now = w.now.Add(time.Second)
		w.m.tick(w.now)
		w.perform()
	}
	if s := w.m.view(); s.Screen != Ready || s.Bright || w.m.dialling || w.m.id != 0 || w.m.ask != NoButton {
		panic(fmt.Sprintf("in the end: %+v", s))
	}
}

// TestRandomVisits: whatever people, network and self-test do, in whatever
// order, there is one call at a time, the booth shows the call that is up, and
// in the end it is ready for the next visitor.
func TestRandomVisits(t *testing.T) {
	for seed := range uint64(1000) {
		w := newWalker(seed)
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("seed %d: %v", seed, r)
					for _, line := range w.log[max(0, len(w.log)-40):] {
						t.Log(line)
					}
				}
			}()
			for range 300 {
				w.step()
			}
			w.drain()
		}()
		if t.Failed() {
			return
		}
	}
}

// A Dial that meets the remains of another call is made again when those are
// gone.
func TestDialMeetsRemains(t *testing.T) {
	now := time.Unix(1e9, 0)
	m := newMachine(rules{}, now)
	if err := m.press(Counsellor, now); err != nil || len(m.take()) != 1 {
		t.Fatal(err)
	}
	m.dialed(0, call.ErrBusy, now)
	if e := m.take(); len(e) != 0 || m.status.Screen != Calling {
		t.Errorf("%v, %v", e, m.status.Screen)
	}
	m.update(call.Snapshot{State: call.Clearing, Call: call.Call{ID: 3}}, now)
	m.update(call.Snapshot{State: call.Idle, Call: call.Call{ID: 3}}, now)
	if e := m.take(); len(e) != 1 || e[0] != dialCounsellor {
		t.Errorf("%v", e)
	}
	m.dialed(4, nil, now)
	if m.id != 4 || m.status.Screen != Calling {
		t.Errorf("%+v", m.status)
	}
}

package check

import (
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// speech is a voice-like sound: bursts of a harmonic tone with pauses, over
// noise. Levels in dBFS.
func speech(d time.Duration, level, noise float64) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	amp, hiss := math.MaxInt16*math.Pow(10, level/20), math.MaxInt16*math.Pow(10, noise/20)/math.Sqrt2
	pcm := make([]int16, int(d/audio.FrameDur)*audio.FrameLen)
	for i := range pcm {
		x := rng.NormFloat64() * hiss
		if t := i % audio.Rate; t < audio.Rate*6/10 {
			x += amp * math.Sin(2*math.Pi*200*float64(i)/audio.Rate)
		}
		pcm[i] = int16(min(max(x, math.MinInt16), math.MaxInt16))
	}
	return pcm
}

func TestJudgeVoice(t *testing.T) {
	constant := make([]int16, 2*audio.Rate)
	for i := range constant {
		constant[i] = 12
	}
	offset := speech(4*time.Second, -20, -70)
	for i := range offset {
		offset[i] = int16(min(int(offset[i])+3000, math.MaxInt16))
	}
	for name, c := range map[string]struct {
		pcm  []int16
		want Code
	}{
		"a headset":            {speech(4*time.Second, -20, -70), MicOK},
		"a loud voice":         {speech(4*time.Second, -3, -60), MicOK},
		"a cheap sound card":   {offset, MicOK},
		"some noise":           {speech(4*time.Second, -18, -50), MicOK},
		"zeroes":               {make([]int16, 4*audio.Rate), MicDead},
		"a constant":           {constant, MicDead},
		"nothing":              {nil, MicDead},
		"a quiet room":         {speech(4*time.Second, -110, -75), MicSilent},
		"a noisy room, silent": {speech(4*time.Second, -110, -40), MicSilent},
		"far away":             {speech(4*time.Second, -45, -75), MicQuiet},
		"overdriven":           {speech(4*time.Second, 12, -60), MicLoud},
		"a fan":                {speech(4*time.Second, -20, -36), MicNoisy},
	} {
		if got := JudgeVoice(Measure(c.pcm)); got != c.want {
			t.Errorf("%s: %q, want %q (%+v)", name, got, c.want, Measure(c.pcm))
		}
	}
}

func TestJudgeLine(t *testing.T) {
	good := call.Stats{PacketsReceived: 120, RTT: 20 * time.Millisecond, Jitter: 2 * time.Millisecond}
	with := func(change func(*call.Stats)) call.Call {
		c := call.Call{MediaUp: true, Stats: good}
		change(&c.Stats)
		return c
	}
	for name, c := range map[string]struct {
		call call.Call
		want Code
	}{
		"good":       {with(func(*call.Stats) {}), LineOK},
		"no sound":   {call.Call{Stats: good}, LineNoSound},
		"no packets": {with(func(s *call.Stats) { s.PacketsReceived = 0 }), LineNoSound},
		"one lost":   {with(func(s *call.Stats) { s.PacketsLost = 1 }), LineOK},
		"lossy":      {with(func(s *call.Stats) { s.PacketsLost = 3 }), LineLoss},
		"far":        {with(func(s *call.Stats) { s.RTT = 450 * time.Millisecond }), LineSlow},
		"uneven":     {with(func(s *call.Stats) { s.Jitter = 35 * time.Millisecond }), LineUneven},
	} {
		if got := JudgeLine(c.call); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestGrade(t *testing.T) {
	for _, c := range []Code{MicMissing, MicDead, MicSilent, SpeakerMissing, LineFailed, LineNoSound, LineLoss} {
		if GradeOf(c) != Bad {
			t.Errorf("%s is not bad", c)
		}
	}
	r := Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineUneven}
	if r.Grade() != Usable || (Result{}).Grade() != Unknown {
		t.Errorf("%v, %v", r.Grade(), (Result{}).Grade())
	}
}

// phone is a Phone whose calls go as the test says.
type phone struct {
	mu      sync.Mutex
	snap    call.Snapshot
	changed chan struct{}
	onDial  func(p *phone, id int) error
	hangups int
}

func newPhone() *phone { return &phone{changed: make(chan struct{})} }

func (p *phone) set(change func(*call.Snapshot)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.snap.Revision++
	change(&p.snap)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *phone) begin() int {
	p.set(func(s *call.Snapshot) { s.State, s.Call = call.Connecting, call.Call{ID: s.Call.ID + 1} })
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap.Call.ID
}

func (p *phone) Dial(context.Context, call.Request) (int, error) {
	p.mu.Lock()
	busy := p.snap.State != call.Idle
	p.mu.Unlock()
	if busy {
		return 0, call.ErrBusy
	}
	id := p.begin()
	return id, p.onDial(p, id)
}

func (p *phone) Hangup(context.Context) error {
	p.set(func(s *call.Snapshot) {
		s.State = call.Idle
		s.Call.Reason = call.Reason{Code: call.CodeHangup, Local: true}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangups++
	return nil
}

func (p *phone) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		for {
			p.mu.Lock()
			s, changed := p.snap, p.changed
			p.mu.Unlock()
			if ctx.Err() != nil || !yield(s, nil) {
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

// answer lets a call be answered after a second, with these figures.
func answer(stats call.Stats, mediaUp bool) func(*phone, int) error {
	return func(p *phone, id int) error {
		time.AfterFunc(time.Second, func() {
			p.set(func(s *call.Snapshot) {
				if s.Call.ID == id && s.State != call.Idle {
					s.State, s.Call.MediaUp, s.Call.Stats = call.InCall, mediaUp, stats
				}
			})
		})
		return nil
	}
}

// card is one half of a sound card made of memory.
type card struct {
	*audiotest.Device
	closed *int
}

func (c card) Close() error { *c.closed++; return nil }

// rig is a check of everything, which tests change.
type rig struct {
	phone       *phone
	card        *audiotest.Device
	opened      int
	closed      int
	o           Options
	steps       []Step
	loudest     float64
	onProgress  func(Progress)
	outOfBounds bool
}

func newRig() *rig {
	r := &rig{phone: newPhone(), card: audiotest.NewDevice(time.Now), loudest: audio.Silence}
	r.phone.onDial = answer(call.Stats{PacketsReceived: 120, RTT: 20 * time.Millisecond}, true)
	r.card.Speak(speech(10*time.Second, -20, -70))
	r.o = Options{Parts: All, Phone: r.phone,
		Microphone: func(context.Context) (audio.InputDevice, error) { r.opened++; return card{r.card, &r.closed}, nil },
		Speaker:    func(context.Context) (audio.OutputDevice, error) { r.opened++; return card{r.card, &r.closed}, nil },
		Line:       func() (call.Request, bool) { return call.Request{Tel: "600"}, true },
	}
	return r
}

func (r *rig) run(ctx context.Context) Result {
	return Run(ctx, r.o, func(p Progress) {
		if len(r.steps) == 0 || r.steps[len(r.steps)-1] != p.Step {
			r.steps = append(r.steps, p.Step)
		}
		r.loudest = max(r.loudest, p.Level)
		r.outOfBounds = r.outOfBounds || p.Left < 0 || p.Left > 15*time.Second
		if r.onProgress != nil {
			r.onProgress(p)
		}
	})
}

func TestGoodCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		began := time.Now()
		got := r.run(t.Context())
		took := time.Since(began)
		if got.Microphone != MicOK || got.Speaker != SpeakerOK || got.Line != LineOK || got.Interrupted || got.Grade() != Good {
			t.Errorf("%+v", got)
		}
		if took > 15*time.Second {
			t.Errorf("took %v", took)
		}
		if want := []Step{Speak, Listen, Dial, Done}; !equal(r.steps, want) || r.outOfBounds {
			t.Errorf("steps %v, out of bounds %v", r.steps, r.outOfBounds)
		}
		if r.loudest < -30 {
			t.Errorf("the meter showed %.0f dBFS at most", r.loudest)
		}
		if r.opened != 2 || r.closed != 2 || r.phone.hangups != 1 {
			t.Errorf("%d devices opened, %d closed, %d calls hung up", r.opened, r.closed, r.phone.hangups)
		}
		played := r.card.Played() // the same length of silence before, while it was said
		if m := Measure(played[len(played)/3 : len(played)*2/3]); m.Speech < -25 {
			t.Errorf("what was said was played at %.0f dBFS", m.Speech)
		}
	})
}

func equal(a, b []Step) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestFaults(t *testing.T) {
	gone := errors.New("no device")
	for name, c := range map[string]struct {
		spoil func(*rig)
		want  Result // codes alone
	}{
		"no microphone": {func(r *rig) {
			r.o.Microphone = func(context.Context) (audio.InputDevice, error) { return nil, gone }
		}, Result{Microphone: MicMissing, Line: LineOK}},
		"no speaker": {func(r *rig) {
			r.o.Speaker = func(context.Context) (audio.OutputDevice, error) { return nil, gone }
		}, Result{Microphone: MicOK, Speaker: SpeakerMissing, Line: LineOK}},
		"no number": {func(r *rig) {
			r.o.Line = func() (call.Request, bool) { return call.Request{}, false }
		}, Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineUnset}},
		"busy": {func(r *rig) {
			r.phone.onDial = func(p *phone, id int) error {
				p.set(func(s *call.Snapshot) {
					s.State, s.Call.Reason = call.Idle, call.Reason{Code: call.CodeLineBusy, SIP: 486}
				})
				return nil
			}
		}, Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineFailed}},
		"never answered": {func(r *rig) {
			r.phone.onDial = func(*phone, int) error { return nil }
		}, Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineFailed}},
		"refused": {func(r *rig) {
			r.phone.onDial = func(p *phone, id int) error {
				p.set(func(s *call.Snapshot) { s.State = call.Idle })
				return &call.Error{Code: call.CodeBadURL}
			}
		}, Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineFailed}},
		"silent line": {func(r *rig) {
			r.phone.onDial = answer(call.Stats{}, false)
		}, Result{Microphone: MicOK, Speaker: SpeakerOK, Line: LineNoSound}},
		"voice alone": {func(r *rig) { r.o.Parts = PartVoice }, Result{Microphone: MicOK, Speaker: SpeakerOK}},
		"line alone":  {func(r *rig) { r.o.Parts = PartLine }, Result{Line: LineOK}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig()
				c.spoil(r)
				got := r.run(t.Context())
				if got.Microphone != c.want.Microphone || got.Speaker != c.want.Speaker || got.Line != c.want.Line || got.Interrupted {
					t.Errorf("%+v", got)
				}
				if c.want.Line == LineFailed && got.Reason.Code == "" {
					t.Error("a failed call without a reason")
				}
				if r.phone.snap.State != call.Idle {
					t.Error("a call was left up")
				}
			})
		})
	}
}

// TestOthersCall: a call that is not the check's ends it, is not touched, and
// nothing is said of what was not looked at.
func TestOthersCall(t *testing.T) {
	for name, when := range map[string]func(r *rig){
		"before": func(r *rig) { r.phone.begin() },
		"while speaking": func(r *rig) {
			r.onProgress = func(p Progress) {
				if p.Step == Speak && p.Left < speakTime/2 && r.phone.snap.State == call.Idle {
					r.phone.begin()
				}
			}
		},
		"as the line is dialled": func(r *rig) {
			r.onProgress = func(p Progress) {
				if p.Step == Dial && r.phone.snap.Call.ID == 0 {
					r.phone.begin()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig()
				when(r)
				got := r.run(t.Context())
				if !got.Interrupted || got.Line != Skipped {
					t.Errorf("%+v", got)
				}
				if r.phone.hangups != 0 || r.phone.snap.State != call.Connecting {
					t.Errorf("the other call was hung up %d times, state %v", r.phone.hangups, r.phone.snap.State)
				}
				if r.opened != r.closed {
					t.Errorf("%d devices opened, %d closed", r.opened, r.closed)
				}
			})
		})
	}
}

// TestLeft: whoever leaves in the middle leaves no call and no device behind.
func TestLeft(t *testing.T) {
	for _, step := range []Step{Speak, Listen, Dial} {
		t.Run(string(step), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig()
				ctx, leave := context.WithCancel(t.Context())
				r.onProgress = func(p Progress) {
					if p.Step == step && p.Left < speakTime*3/4+time.Second {
						leave()
					}
				}
				got := r.run(ctx)
				if !got.Interrupted || got.Line != Skipped {
					t.Errorf("%+v", got)
				}
				if r.phone.snap.State != call.Idle || r.opened != r.closed {
					t.Errorf("state %v, %d devices opened, %d closed", r.phone.snap.State, r.opened, r.closed)
				}
			})
		})
	}
}

package interop

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/tone"
	"nxphone/call"
	"nxphone/call/peer"
	"nxphone/call/sipua"
)

// desk is the phone's engine inside this test, for commands that the call
// program has no flag for. Its sound card is made of memory: the microphone
// has MicSignal.
type desk struct {
	*call.Engine
	*phoneCall // what the SBC saw; it has no process
	device     *audiotest.Device
	ended      chan call.Reason

	mu  sync.Mutex
	far []int16 // all that came from the far end, before the gates of the ear
}

// came is what came from the far end after a moment of the call's clock. Unlike
// what was played, a late turn of this process does not tear it.
func (d *desk) came(from int) []int16 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]int16(nil), d.far[from:]...)
}

// fetched is how much has come, in samples.
func (d *desk) fetched() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.far)
}

// settled lets a resume settle and checks that the user hears a signal again: it
// is played, and what comes is clean.
func (d *desk) settled(s Signal) {
	d.t.Helper()
	d.pass(500 * time.Millisecond)
	from := d.fetched()
	// Two seconds of what came, however long a busy machine takes to fetch them.
	if err := WaitFor(d.ctx, "two seconds of sound", func() (bool, error) {
		return d.fetched()-from >= samples(2*time.Second, audio.Rate), nil
	}); err != nil {
		d.t.Fatal(err)
	}
	d.signalIn("what came in the end", s, d.came(from), audio.Rate, 1500*time.Millisecond)
	played := d.device.Played()
	played = played[len(played)-samples(2*time.Second, audio.Rate):]
	if r := s.Check(played, audio.Rate); !r.Heard || r.Span < 1500*time.Millisecond {
		d.t.Errorf("the user does not hear it: %+v%s", r, s.Timeline(played, audio.Rate))
	}
}

// noticeSignal is what the notice of a lawful ending sounds like.
func noticeSignal() Signal { return Signal{700, 1100} }

// atDesk places a call and returns when it is answered and has been heard for a
// second.
func atDesk(t *testing.T, l *Lab, scheme, number string) *desk {
	t.Helper()
	ca, err := os.ReadFile(l.CA)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{
		phoneCall: &phoneCall{t: t, ctx: within(t, 2*time.Minute), lab: l, number: number, dir: t.TempDir()},
		device:    audiotest.NewDevice(time.Now), ended: make(chan call.Reason, 1),
	}
	d.dn = strconv.FormatInt(2000+lastDN.Add(1), 10)
	d.device.Speak(MicSignal().PCM(audio.Rate, micLen))
	agent := sipua.New(sipua.Options{Settings: func(call.Request) sipua.Settings { return sipua.Settings{RootCAs: ca} }})
	media := peer.New(peer.Options{
		Settings: func(call.Request) peer.Settings { return peer.Settings{IncludeLoopback: true} },
		Sound:    func(context.Context) (audio.Duplex, error) { return d.device, nil },
		FarTap: func(frame []int16) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.far = append(d.far, frame...)
		},
		Notice: func(call.Request) ([]int16, error) {
			return noticeSignal().PCM(audio.Rate, 3*time.Second), nil
		},
	})
	d.Engine = call.New(call.Options{Signaling: agent, Media: media})
	run, stop := context.WithCancel(context.WithoutCancel(d.ctx))
	go d.Run(run)
	t.Cleanup(func() {
		stop()
		<-d.Engine.Done()
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := media.Close(closing); err != nil {
			t.Error(err)
		}
		agent.Close(closing)
	})
	next, end := iter.Pull2(d.Watch(d.ctx))
	if _, err := d.Dial(d.ctx, call.Request{Realm: l.Realm, DN: d.dn, Tel: number, URL: l.URL(scheme)}); err != nil {
		t.Fatal(err)
	}
	for {
		_, cause, ok := next()
		if up, is := cause.(call.MediaUp); is {
			t.Logf("the call is up with %s", up.Codec)
			break
		} else if _, over := cause.(call.Ended); over || !ok {
			t.Fatalf("the call was not answered: %+v", cause)
		}
	}
	go func() {
		defer end()
		for {
			_, cause, ok := next()
			if e, over := cause.(call.Ended); over || !ok {
				d.ended <- e.Reason
				return
			}
		}
	}()
	d.pass(time.Second)
	return d
}

// pass lets sound of the call's own clock go by.
func (d *desk) pass(length time.Duration) {
	d.t.Helper()
	from := d.device.Passed()
	if err := WaitFor(d.ctx, "sound to be played", func() (bool, error) {
		return d.device.Passed()-from >= samples(length, audio.Rate), nil
	}); err != nil {
		d.t.Fatal(err)
	}
}

// during runs a command and gives the time at which it had been confirmed.
func (d *desk) during(command func(context.Context) error) time.Time {
	d.t.Helper()
	if err := command(d.ctx); err != nil {
		d.t.Fatal(err)
	}
	return time.Now()
}

func (d *desk) hold(on bool) time.Time {
	return d.during(func(ctx context.Context) error { return d.Hold(ctx, on) })
}

// over ends the call and checks how it ended.
func (d *desk) over(code call.Code) {
	d.t.Helper()
	if code == call.CodeHangup {
		d.during(d.Hangup)
	}
	select {
	case r := <-d.ended:
		if r.Code != code {
			d.t.Errorf("the call ended with %+v, want %s", r, code)
		}
	case <-d.ctx.Done():
		d.t.Fatal("the call does not end")
	}
}

// reinvites are the directions of our re-INVITEs and of their answers, in
// order, as the SBC passed them on.
func (d *desk) reinvites() string {
	d.t.Helper()
	var got []string
	for _, m := range d.messages() {
		n, of := m.CSeq()
		switch {
		case !m.WebSocket() || of != "INVITE" || n < 2:
		case m.Received && m.Method() == "INVITE":
			got = append(got, m.Direction())
		case !m.Received && m.Status() == 200:
			got = append(got, m.Direction())
		}
	}
	return strings.Join(got, " ")
}

// silent checks that what we sent between two moments was packets, and nothing
// but silence.
func (d *desk) silent(sent []Packet, from, to time.Time) {
	d.t.Helper()
	const settle = 200 * time.Millisecond
	ps := Between(sent, from.Add(settle), to.Add(-20*time.Millisecond))
	want := int(to.Sub(from.Add(settle)) / (20 * time.Millisecond))
	if len(ps) < want*8/10 {
		d.t.Errorf("%d packets while we held, want about %d: a relay may take the call for dead", len(ps), want)
	}
	for _, x := range DecodeG711(ps) {
		if x > 200 || x < -200 {
			d.t.Errorf("while we held the far end was sent sound%s", MicSignal().Timeline(DecodeG711(ps), 8000))
			return
		}
	}
}

// testOurHold: while we hold neither end hears the other, packets go on, and
// after the resume both hear each other.
func testOurHold(t *testing.T, l *Lab, scheme string) {
	reserve(t, l)
	d := atDesk(t, l, scheme, NumberBaresip)
	held := d.hold(true)
	from := d.device.Passed()
	d.pass(2 * time.Second)
	quietPart := d.device.Played()[from:]
	asked := time.Now()
	resumed := d.hold(false)
	d.settled(PBXSignal())
	d.over(call.CodeHangup)

	if got := d.reinvites(); got != "sendonly recvonly sendrecv sendrecv" {
		t.Errorf("the exchanges were %q", got)
	}
	sent := l.FromPhone(d.recording())
	d.checkStream(sent)
	d.silent(sent, held, asked)
	d.signalIn("sent before the hold", MicSignal(), DecodeG711(Between(sent, time.Time{}, held.Add(-100*time.Millisecond))), 8000, 500*time.Millisecond)
	d.signalIn("sent after the resume", MicSignal(), DecodeG711(Between(sent, resumed.Add(100*time.Millisecond), resumed.Add(time.Hour))), 8000, 2*time.Second)
	if r := PBXSignal().Check(quietPart[samples(100*time.Millisecond, audio.Rate):], audio.Rate); r.Heard {
		t.Errorf("we heard the far end while we held it%s", PBXSignal().Timeline(quietPart, audio.Rate))
	}
	// baresip records up to the first re-INVITE only.
	d.signalIn("baresip heard before the hold", MicSignal(), baresipHeard(d.phoneCall), 8000, 500*time.Millisecond)
}

// testHoldAtTheSecondTry: a hold that meets a glare is tried again by itself, a
// resume that is refused leaves the hold, and in the end what we say comes back
// from the far end.
func testHoldAtTheSecondTry(t *testing.T, l *Lab, scheme string) {
	d := atDesk(t, l, scheme, NumberHeld)
	before := time.Now()
	held := d.hold(true)
	if took := held.Sub(before); took < 2*time.Second || took > 10*time.Second {
		t.Errorf("after a glare the hold took %v, want 2.1 to 4 s (RFC 3261 section 14.1) and what a busy machine adds", took)
	}
	from := d.device.Passed()
	d.pass(time.Second)
	if err := d.Hold(d.ctx, false); call.CodeOf(err) != call.CodeHoldRefused {
		t.Errorf("the refused resume: %v", err)
	}
	d.pass(time.Second)
	if c := d.Snapshot().Call; !c.Hold.On || c.Hold.Pending {
		t.Errorf("after a refused resume: %+v", c.Hold)
	}
	quietPart := d.device.Played()[from:]
	asked := time.Now()
	d.hold(false)
	d.settled(MicSignal())
	d.over(call.CodeHangup)
	if got := d.reinvites(); got != "sendonly sendonly recvonly sendrecv sendrecv sendrecv" {
		t.Errorf("the exchanges were %q", got)
	}
	sent := l.FromPhone(d.recording())
	d.checkStream(sent)
	d.silent(sent, before, asked) // from the first press on
	if r := MicSignal().Check(quietPart, audio.Rate); r.Heard {
		t.Errorf("we heard ourselves while we held%s", MicSignal().Timeline(quietPart, audio.Rate))
	}
}

// testBothHold: baresip holds us, we hold baresip, and each takes its own off.
func testBothHold(t *testing.T, l *Lab, scheme string) {
	reserve(t, l)
	d := atDesk(t, l, scheme, NumberBaresip)
	theirs := func(command string, on bool) {
		t.Helper()
		if err := l.Baresip.ctl.command(command, ""); err != nil {
			t.Fatal(err)
		}
		if err := WaitFor(d.ctx, "baresip's "+command, func() (bool, error) { return d.Snapshot().Call.RemoteHold == on, nil }); err != nil {
			t.Fatal(err)
		}
	}
	theirs("hold", true)
	d.hold(true)
	both := time.Now()
	if c := d.Snapshot().Call; !c.Hold.On || !c.RemoteHold {
		t.Errorf("our hold %+v, theirs %v", c.Hold, c.RemoteHold)
	}
	d.pass(1500 * time.Millisecond)
	still := time.Now()
	theirs("resume", false)
	if c := d.Snapshot().Call; !c.Hold.On {
		t.Error("their resume took our hold off")
	}
	alone := time.Now()
	d.pass(1500 * time.Millisecond)
	asked := time.Now()
	d.hold(false)
	d.settled(PBXSignal())
	d.over(call.CodeHangup)

	sent := l.FromPhone(d.recording())
	if n := len(Between(sent, both.Add(300*time.Millisecond), still)); n > 2 {
		t.Errorf("%d packets to a far end that holds us", n)
	}
	d.silent(sent, alone, asked)
	d.signalIn("sent in the end", MicSignal(), DecodeG711(Between(sent, asked.Add(300*time.Millisecond), asked.Add(time.Hour))), 8000, 1700*time.Millisecond)
}

// testFarewell: baresip hears the whole notice and nothing of the microphone
// any more, and then gets the BYE; from a hold too.
func testFarewell(t *testing.T, l *Lab, scheme string) {
	for _, held := range []bool{false, true} {
		t.Run(fmt.Sprintf("held %v", held), func(t *testing.T) {
			reserve(t, l)
			d := atDesk(t, l, scheme, NumberBaresip)
			want := ""
			if held {
				d.hold(true)
				want = "sendonly recvonly sendrecv sendrecv"
			}
			began := d.during(d.Farewell)
			c := d.Snapshot().Call
			if !c.Mute.On || c.Farewell.IsZero() || c.Hold.On {
				t.Errorf("while the notice plays: mute %+v, since %v, hold %+v", c.Mute, c.Farewell, c.Hold)
			}
			if err := d.Mute(d.ctx, false); call.CodeOf(err) != call.CodeEnding {
				t.Errorf("Mute: %v", err)
			}
			d.over(call.CodeFarewell)
			if took := time.Since(began); took > 10*time.Second { // package peer knows it exactly
				t.Errorf("a notice of 3 s took %v", took)
			}
			if got := d.reinvites(); got != want {
				t.Errorf("the exchanges were %q, want %q", got, want)
			}
			d.sees("the BYE", true, isRequest("BYE"))
			sent := l.FromPhone(d.recording())
			pcm := DecodeG711(Between(sent, began.Add(-time.Second), time.Now()))
			if !held { // baresip records up to the first re-INVITE only
				pcm = baresipHeard(d.phoneCall)
			}
			notice := noticeSignal()
			r := tone.Check(pcm, 8000, notice.F1, notice.F2, PBXSignal().F1, PBXSignal().F2)
			if !r.Heard || r.Span < 2700*time.Millisecond || r.LongestGap() > 300*time.Millisecond {
				t.Errorf("baresip heard a notice of 3 s for %v, with gaps of up to %v%s", r.Span, r.LongestGap(), notice.Timeline(pcm, 8000))
			}
			// Behind the notice's first tone there is nothing of the microphone.
			after := DecodeG711(Between(sent, began.Add(60*time.Millisecond), time.Now()))
			if r := MicSignal().Check(after, 8000); r.Heard {
				t.Errorf("the microphone was heard during the notice%s", MicSignal().Timeline(after, 8000))
			}
		})
	}
}

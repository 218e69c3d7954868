package peer

import (
	"errors"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
	"nxphone/call"
)

// noticeTone is the frequency of the notice in these tests.
const noticeTone = 700

// noticeOf is a notice of so many samples, loud from the first to the last.
func noticeOf(samples int) func(call.Request) ([]int16, error) {
	return func(call.Request) ([]int16, error) {
		pcm := make([]int16, samples)
		tone.NewGenerator(steady(noticeTone)).Fill(pcm)
		return pcm, nil
	}
}

// upWith is up with a changed engine.
func upWith(t *testing.T, set Settings, change func(*Engine)) (r *rig, far *farEnd, answer string) {
	t.Helper()
	r = newRigWith(t, set, change)
	far = newFarEnd(t, farOptions{freq: theirTone})
	answer = far.answer(r.offer())
	r.s.Answer(answer, false)
	r.hears(theirTone)
	far.hears(ourTone)
	return r, far, answer
}

// got is how much of a tone the far end has heard from a sample on.
func (f *farEnd) got(from int, freq float64) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for pcm := f.pcm[from:]; len(pcm) >= audio.FrameLen; pcm = pcm[audio.FrameLen:] {
		if frame := pcm[:audio.FrameLen]; !quiet(frame) && tone.Presence(frame, audio.Rate, freq) > 0.8 {
			n++
		}
	}
	return time.Duration(n) * audio.FrameDur
}

// first is the sample from which on the far end has heard a tone.
func (f *farEnd) first(from int, freq float64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; from+audio.FrameLen <= len(f.pcm); from += audio.FrameLen {
		if frame := f.pcm[from : from+audio.FrameLen]; !quiet(frame) && tone.Presence(frame, audio.Rate, freq) > 0.8 {
			break
		}
	}
	return from
}

// plays has a notice played, and checks that all of it and nothing of the
// microphone was heard when NoticeEnded is told.
func (r *rig) plays(far *farEnd, length time.Duration) {
	r.t.Helper()
	await(r, func(e call.MuteConfirmed) bool { return e.On })
	from := far.samples()
	await[call.NoticeBegan](r, nil)
	await[call.NoticeEnded](r, nil)
	// What was sent in time may be late in a test on a busy machine.
	eventually(r.t, "all of the notice is there", func() bool { return far.got(from, noticeTone) >= length-30*time.Millisecond })
	got := far.got(from, noticeTone)
	if got < length-30*time.Millisecond || got > length+30*time.Millisecond {
		r.t.Errorf("the far end heard %v of a notice of %v", got, length)
	}
	r.s.Mute(false) // in vain
	far.getsSilence()
	for len(r.events) > 0 {
		r.seen = append(r.seen, <-r.events)
	}
	for _, ev := range r.seen {
		if m, ok := ev.(call.MuteConfirmed); ok && !m.On {
			r.t.Error("the microphone is said to be open again")
		}
	}
	if mic := far.got(far.first(from, noticeTone), ourTone); mic > 0 {
		r.t.Errorf("the far end heard %v of the microphone behind the notice's beginning", mic)
	}
}

// TestNotice: the far end hears the whole of it, and nothing of the microphone
// any more; muted or not.
func TestNotice(t *testing.T) {
	t.Parallel()
	for name, codec := range map[string]string{"muted": "opus", "open": "pcmu"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, far, _ := upWith(t, Settings{Codecs: []string{codec}}, func(e *Engine) {
				e.opts.Notice = noticeOf(audio.Rate + 777) // no whole packets
			})
			if name == "muted" {
				r.muted(true)
				far.getsSilence()
			}
			r.s.Play()
			r.s.Play() // a second one changes nothing
			r.plays(far, time.Second+777*time.Second/audio.Rate)
		})
	}
}

// TestNoticeInAHold: the far end is taken off our hold first, with microphone
// and ear shut; should that fail, it is played all the same.
func TestNoticeInAHold(t *testing.T) {
	t.Parallel()
	for name, answered := range map[string]func(r *rig, answer string){
		"resumed":      func(r *rig, answer string) { r.s.Answer(answer, false) },
		"refused":      func(r *rig, _ string) { r.s.Refused() },
		"not answered": func(*rig, string) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, far, answer := upWith(t, Settings{}, func(e *Engine) { e.opts.Notice = noticeOf(audio.Rate / 2) })
			r.held(true, "sendonly", directs(answer, "recvonly"))
			far.getsSilence()
			r.s.Play()
			r.offers("sendrecv")
			answered(r, answer)
			r.plays(far, 500*time.Millisecond)
			r.hearsSilence()
		})
	}
}

// TestNoNotice: without one nothing changes; with nobody to hear it, nothing is
// played.
func TestNoNotice(t *testing.T) {
	t.Parallel()
	failed := func(r *rig, code call.Code) {
		t.Helper()
		r.s.Play()
		if e := await[call.NoticeFailed](r, nil); e.Code != code {
			t.Errorf("code %q, want %q", e.Code, code)
		}
	}
	for code, notice := range map[call.Code]func(call.Request) ([]int16, error){
		call.CodeNoNotice:  func(call.Request) ([]int16, error) { return nil, nil },
		call.CodeBadNotice: func(call.Request) ([]int16, error) { return make([]int16, 9), errors.New("no WAV file") },
	} {
		r, far, _ := upWith(t, Settings{}, func(e *Engine) { e.opts.Notice = notice })
		failed(r, code)
		failed(r, code)
		r.muted(true)
		r.muted(false)
		far.hears(ourTone)
	}
	r, far, answer := upWith(t, Settings{}, func(e *Engine) { e.opts.Notice = noticeOf(audio.Rate) })
	r.s.Reoffer(1, directs(answer, "sendonly"))
	r.applied(1)
	failed(r, call.CodeMedia)
	from := far.samples()
	r.measured()
	if far.got(from, noticeTone) > 0 {
		t.Error("a notice was played to a far end that does not listen")
	}
	early := newRigWith(t, Settings{}, func(e *Engine) { e.opts.Notice = noticeOf(audio.Rate) })
	early.offer()
	failed(early, call.CodeMedia)
	none := newRig(t, Settings{})
	none.offer()
	failed(none, call.CodeNoNotice)
}

// TestNoticeIsWaitedFor: one that comes from a slow disk.
func TestNoticeIsWaitedFor(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	r, far, _ := upWith(t, Settings{}, func(e *Engine) {
		e.opts.Notice = func(call.Request) ([]int16, error) {
			<-ready
			return noticeOf(audio.Rate / 4)(call.Request{})
		}
	})
	r.s.Play()
	far.hears(ourTone) // not shut before it is known that there is one
	close(ready)
	r.plays(far, 250*time.Millisecond)
}

// TestNoticeThatIsNeverRead: nobody waits for a disk that does not answer.
func TestNoticeThatIsNeverRead(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	defer close(ready)
	r, far, _ := upWith(t, Settings{}, func(e *Engine) {
		e.opts.Notice = func(call.Request) ([]int16, error) {
			<-ready
			return noticeOf(audio.Rate)(call.Request{})
		}
	})
	for range 2 {
		r.s.Play()
		if e := await[call.NoticeFailed](r, nil); e.Code != call.CodeBadNotice {
			t.Errorf("code %q", e.Code)
		}
	}
	far.hears(ourTone)
}

// TestNoticeIsCut: nobody is kept for longer than a minute.
func TestNoticeIsCut(t *testing.T) {
	t.Parallel()
	n := &notice{pcm: make([]int16, 10)}
	pcm := make([]int16, 960)
	packets := 0
	for ; !n.heard(); packets++ {
		n.next(pcm)
	}
	// The far end's playout buffer has to be empty, and nobody waits for ever.
	if d := time.Duration(packets) * packetDur; d < 300*time.Millisecond || d > 600*time.Millisecond {
		t.Errorf("a notice of nothing takes %v", d)
	}
	r, _, _ := upWith(t, Settings{}, func(e *Engine) { e.opts.Notice = noticeOf(61 * audio.Rate) })
	s := r.s.(*Session)
	length := make(chan int)
	got := 0
	eventually(t, "the notice is there", func() bool {
		s.inbox.post(func() { length <- len(s.notice) })
		got = <-length
		return got > 0
	})
	if got != 60*audio.Rate {
		t.Errorf("%d samples are kept", got)
	}
}

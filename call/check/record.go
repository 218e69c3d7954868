package check

import (
	"context"
	"time"

	"nxphone/audio"
)

// voice records what the user says and plays it back.
func (c *checker) voice(ctx context.Context) {
	pcm, err := c.record(ctx)
	defer clear(pcm) // nobody else has it
	if err != nil {
		c.result.Microphone = MicMissing
		return
	}
	if ctx.Err() != nil {
		return // half a sentence says nothing
	}
	c.result.Voice = Measure(pcm)
	c.result.Microphone = JudgeVoice(c.result.Voice)
	c.result.Speaker = c.play(ctx, pcm)
}

func (c *checker) record(ctx context.Context) ([]int16, error) {
	opening, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	c.report(Speak, speakTime, audio.Silence)
	mic, err := c.Microphone(opening)
	if err != nil {
		return nil, err
	}
	defer mic.Close()
	t := &tape{pcm: make([]int16, 0, int(speakTime/audio.FrameDur)*audio.FrameLen), meter: audio.NewMeter(audio.Rate / 10)}
	c.during(ctx, speakTime, func(ctx context.Context) { _ = audio.Run(ctx, mic, audio.NewNullOutput(nil), t) },
		func(left time.Duration) { c.report(Speak, left, t.meter.RMS()) })
	return t.pcm, nil
}

func (c *checker) play(ctx context.Context, pcm []int16) Code {
	opening, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	length := time.Duration(len(pcm)/audio.FrameLen) * audio.FrameDur
	c.report(Listen, length, audio.Silence)
	speaker, err := c.Speaker(opening)
	if err != nil {
		if ctx.Err() != nil {
			return Skipped
		}
		return SpeakerMissing
	}
	defer speaker.Close()
	t := &tape{pcm: pcm}
	c.during(ctx, length+200*time.Millisecond, func(ctx context.Context) { _ = audio.Run(ctx, audio.NewNullInput(nil), speaker, t) },
		func(left time.Duration) { c.report(Listen, left, audio.Silence) })
	if ctx.Err() != nil {
		return Skipped
	}
	return SpeakerOK
}

// during runs work beside the telling, for so long or until ctx ends, and waits
// for it.
func (c *checker) during(ctx context.Context, length time.Duration, work func(context.Context), tell func(left time.Duration)) {
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx)
	}()
	end, _ := ctx.Deadline()
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case now := <-tick.C:
			if ctx.Err() == nil {
				tell(max(0, end.Sub(now)))
			}
		}
	}
}

// tape is a recording, written to its capacity or played from its start.
type tape struct {
	pcm   []int16
	meter *audio.Meter
	at    int
}

// Capture implements audio.Handler.
func (t *tape) Capture(frame []int16) {
	if t.meter == nil {
		return // it is played
	}
	t.meter.Add(frame)
	t.pcm = append(t.pcm, frame[:min(len(frame), cap(t.pcm)-len(t.pcm))]...)
}

// Playout implements audio.Handler.
func (t *tape) Playout(frame []int16) {
	clear(frame)
	if t.meter == nil {
		t.at += copy(frame, t.pcm[t.at:])
	}
}

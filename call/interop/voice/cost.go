package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
	"nxphone/audio/jitter"
	"nxphone/audio/process"
	"nxphone/audio/quality"
	"nxphone/call/interop"
	"nxphone/call/interop/figures"
	"nxphone/call/interop/usage"

	"golang.org/x/sys/unix" // a thread's own processor time, for which syscall has no clock
)

const (
	// stageSound is the length of the sound that each stage works on, stageRounds
	// how often. The median of the rounds counts, so that a busy machine does not.
	stageSound  = 10 * time.Second
	stageRounds = 5
	// callSettle and callCost are how long a call is left alone, and watched.
	callSettle = 3 * time.Second
	callCost   = 30 * time.Second
	// The bar for a whole call, in percent of a core.
	costPlain, costProcessed = 4, 10
)

// stage is a piece of the audio path. make prepares it; the function it returns
// does one frame of 10 ms, and is called for as many as there are, in order.
type stage struct {
	name string
	make func(far, mic []int16) (frame func(i int) error, done func(), err error)
}

// cost measures each stage, and whole calls.
func (b *bench) cost(ctx context.Context, s *Section) error {
	s.Intro = fmt.Sprintf(`Stages: 10 s of two voices at once, frame by frame, the median of %d rounds, in processor time; a frame is 10 ms, so 100 us
are 1 %% of a core. Allocations are those of the whole program while a stage works, for each frame. Calls: through Kamailio and
rtpengine to another of the same kind, both with a sound card (PulseAudio) and both talking; the processor time of the
program and all its processes in %v.`, stageRounds, callCost)
	far, err := scene.Speak(ctx, scene.Male(), stageSound, -26)
	if err != nil {
		return err
	}
	near, err := scene.Speak(ctx, scene.Female(), stageSound, -26)
	if err != nil {
		return err
	}
	room := scene.Room{Seed: 2, Delay: 80 * time.Millisecond, RT60: 200 * time.Millisecond}
	mic := scene.Add(room.Through(far), near, scene.AtSNR(near, scene.Pink(1, stageSound), 25))
	if err := tellStages(ctx, s, quality.PCM(far), quality.PCM(mic)); err != nil {
		return err
	}
	return b.tellCalls(ctx, s)
}

// tellStages measures all stages.
func tellStages(ctx context.Context, s *Section, far, mic []int16) error {
	var rows [][]string
	for _, st := range stages() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		each, allocs, err := st.measure(far, mic)
		if err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
		rows = append(rows, []string{st.name, fmt.Sprintf("%.1f", float64(each)/float64(time.Microsecond)), fmt.Sprintf("%.2f", allocs)})
		s.Checks = append(s.Checks, figures.AtMost("allocations a frame: "+st.name, allocs, 0, ""))
	}
	s.Tables = append(s.Tables, Table{Title: "Stages", Rows: rows, Head: []string{"stage", "processor, us a frame", "allocations a frame"}})
	return nil
}

// measure is the time of a frame, and how often it allocates.
func (st stage) measure(far, mic []int16) (each time.Duration, allocs float64, err error) {
	frames := len(mic) / audio.FrameLen
	var times []time.Duration
	least := uint64(1 << 62)
	for range stageRounds {
		each, made, err := st.round(far, slices.Clone(mic), frames)
		if err != nil {
			return 0, 0, err
		}
		times = append(times, each)
		// Other goroutines (the collector's, the runtime's) allocate now and then; a
		// stage that does does so in every round.
		least = min(least, made)
	}
	slices.Sort(times)
	return times[len(times)/2], float64(least) / float64(frames), nil
}

// round is one run over the sound: the time of a frame, and all allocations.
func (st stage) round(far, mic []int16, frames int) (each time.Duration, made uint64, err error) {
	frame, done, err := st.make(far, mic)
	if err != nil {
		return 0, 0, err
	}
	if done != nil {
		defer done()
	}
	// What a stage makes once, at its first frames, is not a cost of each.
	const first = 20
	var before, after runtime.MemStats
	var began, ended time.Duration
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range frames {
		if i == first {
			runtime.ReadMemStats(&before)
			if began, err = worked(); err != nil {
				return 0, 0, err
			}
		}
		if err := frame(i); err != nil {
			return 0, 0, err
		}
	}
	if ended, err = worked(); err != nil {
		return 0, 0, err
	}
	runtime.ReadMemStats(&after)
	return (ended - began) / time.Duration(frames-first), after.Mallocs - before.Mallocs, nil
}

// worked is the processor time of this thread so far.
func worked() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}

// frameOf is one frame of a sound.
func frameOf(pcm []int16, i int) []int16 { return pcm[i*audio.FrameLen : (i+1)*audio.FrameLen] }

// inPlace is a stage that changes the microphone's sound.
func inPlace(name string, make func() func(frame []int16)) stage {
	return stage{name, func(_, mic []int16) (func(int) error, func(), error) {
		do := make()
		return func(i int) error { do(frameOf(mic, i)); return nil }, nil, nil
	}}
}

func stages() []stage {
	return []stage{
		encoding(codec.Opus), decoding(codec.Opus), encoding(codec.PCMA), decoding(codec.PCMA),
		networked("jitter buffer and Opus, no loss", "clean"),
		networked("jitter buffer and Opus, 10 % loss", "loss 10 %"),
		networked("jitter buffer and Opus, jitter of 100 ms", "jitter 100 ms"),
		inPlace("high-pass", func() func([]int16) { return process.NewHighPass().Process }),
		echoed("echo, nobody at the far end", true), echoed("echo, both talk", false),
		inPlace("noise", func() func([]int16) { return process.NewChain(process.Settings{Noise: true}).Near }),
		inPlace("gain", func() func([]int16) { return process.NewGain().Process }),
		inPlace("limiter", func() func([]int16) { return process.NewLimiter(protectCeiling).Process }),
		resampled(audio.Rate, 8000), resampled(8000, audio.Rate),
		chained(),
	}
}

func encoding(n codec.Name) stage {
	return stage{"encoding, " + string(n), func(_, mic []int16) (func(int) error, func(), error) {
		e, err := codec.NewEncoder(n, codec.Options{})
		if err != nil {
			return nil, nil, err
		}
		packet := make([]byte, codec.MaxPacket)
		return func(i int) error {
			if i%2 == 0 { // packets hold two frames
				return nil
			}
			_, err := e.Encode(mic[(i-1)*audio.FrameLen:(i+1)*audio.FrameLen], packet)
			return err
		}, e.Close, nil
	}}
}

func decoding(n codec.Name) stage {
	return stage{"decoding, " + string(n), func(far, _ []int16) (func(int) error, func(), error) {
		sent, err := encode(n, far, 0)
		if err != nil {
			return nil, nil, err
		}
		d, err := codec.NewDecoder(n)
		if err != nil {
			return nil, nil, err
		}
		pcm := make([]int16, codec.MaxSamples)
		return func(i int) error {
			if i%2 == 0 {
				return nil
			}
			_, err := d.Decode(sent[i/2], pcm)
			return err
		}, d.Close, nil
	}}
}

// networked is the whole way from packets to frames, through a network of package
// trace, on a clock of its own.
func networked(name, network string) stage {
	return stage{name, func(far, _ []int16) (func(int) error, func(), error) {
		sent, err := encode(codec.Opus, far, 0)
		if err != nil {
			return nil, nil, err
		}
		tr, err := trace.New(network, len(sent), 1)
		if err != nil {
			return nil, nil, err
		}
		d, err := codec.NewDecoder(codec.Opus)
		if err != nil {
			return nil, nil, err
		}
		now := time.Unix(0, 0)
		buffer := jitter.New(jitter.Config{Now: func() time.Time { return now }})
		buffer.SetFormats(map[uint8]jitter.Format{111: {Decoder: d, ClockRate: audio.Rate}})
		order := newSchedule(sent, tr)
		next, frame := 0, make([]int16, audio.FrameLen)
		return func(i int) error {
			now = time.Unix(0, 0).Add(time.Duration(i) * audio.FrameDur)
			for ; next < len(order) && order[next].at <= time.Duration(i)*audio.FrameDur; next++ {
				p := order[next]
				buffer.Push(jitter.Packet{SSRC: 1, PayloadType: 111, Seq: uint16(p.number), Timestamp: uint32(p.number * codec.PacketLen), Payload: p.payload, Arrived: now})
			}
			buffer.Pull(frame)
			return nil
		}, d.Close, nil
	}}
}

func echoed(name string, silent bool) stage {
	return stage{name, func(far, mic []int16) (func(int) error, func(), error) {
		if silent {
			far = make([]int16, len(far))
		}
		e := process.NewEcho()
		return func(i int) error {
			e.Far(frameOf(far, i))
			e.Near(frameOf(mic, i))
			return nil
		}, nil, nil
	}}
}

func resampled(from, to int) stage {
	return stage{fmt.Sprintf("resampling, %d to %d Hz", from, to), func(_, mic []int16) (func(int) error, func(), error) {
		r, err := audio.NewResampler(from, to)
		if err != nil {
			return nil, nil, err
		}
		n := from / 100
		out := make([]int16, r.OutLen(n))
		return func(i int) error { r.Process(out, mic[i*n:(i+1)*n]); return nil }, nil, nil
	}}
}

// chained is all of the processing of a call, as a call has it.
func chained() stage {
	return stage{"the chain with all of it", func(far, mic []int16) (func(int) error, func(), error) {
		far = slices.Clone(far)
		c := process.NewChain(process.Settings{HighPass: true, Echo: true, Noise: true, Gain: true, Limit: true, Ceiling: protectCeiling})
		return func(i int) error {
			c.Far(frameOf(far, i))
			c.Near(frameOf(mic, i))
			return nil
		}, nil, nil
	}}
}

// noCard is the phone without microphone and speaker.
const noCard = "nxphone, no sound card"

// tellCalls measures whole calls of both programs.
func (b *bench) tellCalls(ctx context.Context, s *Section) error {
	r, err := b.rig(ctx)
	if err != nil {
		return err
	}
	said, err := speech(ctx, callSettle+callCost+10*time.Second)
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "talk.raw")
	if err := interop.WriteRaw(file, said); err != nil {
		return err
	}
	var rows [][]string
	percent := map[string]float64{}
	for _, kind := range []string{noCard, "nxphone", "Chromium"} {
		for _, processing := range []bool{false, true} {
			if kind == noCard && processing {
				continue // there is nothing to process
			}
			u, err := b.callCost(ctx, r, kind, processing, file)
			if err != nil {
				return fmt.Errorf("a call of %s: %w", kind, err)
			}
			with := "off"
			if processing {
				with = "on"
			}
			percent[kind+with] = u.Percent()
			rows = append(rows, []string{kind, with, fmt.Sprintf("%.1f %%", u.Percent()), fmt.Sprint(u.Processes), fmt.Sprintf("%.0f MB", u.PSS)})
		}
	}
	s.Checks = append(s.Checks,
		figures.AtMost("a whole call without processing", percent["nxphoneoff"], costPlain, "% of a core").Because(
			fmt.Sprintf("%.1f %% of it without a sound card; a profile had half of that in the kernel (some 1900 task switches a second, which Go's scheduler makes of 300 packets and ticks) and a third in libopus", percent[noCard+"off"])),
		figures.AtMost("a whole call with all of it", percent["nxphoneon"], costProcessed, "% of a core"),
		figures.AtMost("... beside Chromium's", percent["nxphoneon"], percent["Chromiumon"], "% of a core"))
	s.Tables = append(s.Tables, Table{Title: "Calls", Rows: rows, Head: []string{"program", "processing", "processor", "processes", "memory"},
		Note: "In percent of one core, all processes of a program together; memory is the proportional set size."})
	return nil
}

// costEnd starts an end of a kind.
func (b *bench) costEnd(ctx context.Context, r *rig, kind string, processing bool) (end, func(), error) {
	if kind == noCard {
		return b.phoneEnd(ctx, r, "--audio", "null")
	}
	return b.newEnd(ctx, r, kind, processing)
}

// callCost watches one of two ends of a kind that talk with each other.
func (b *bench) callCost(ctx context.Context, r *rig, kind string, processing bool, file string) (usage.Usage, error) {
	var ends [2]end
	var legs [2]*leg
	for i := range ends {
		e, stop, err := b.costEnd(ctx, r, kind, processing)
		if err != nil {
			return usage.Usage{}, err
		}
		defer stop()
		ends[i] = e
	}
	for i, e := range ends {
		var err error
		if legs[i], err = b.answered(ctx, r, e); err != nil {
			return usage.Usage{}, err
		}
	}
	join(legs[0], legs[1])
	for _, e := range ends {
		if _, err := e.say(file); err != nil {
			return usage.Usage{}, err
		}
	}
	settle := time.NewTimer(callSettle)
	defer settle.Stop()
	select {
	case <-settle.C:
	case <-ctx.Done():
		return usage.Usage{}, context.Cause(ctx)
	}
	u, err := usage.Watch(ctx, ends[0].pid(), callCost)
	if err != nil {
		return u, err
	}
	for _, e := range ends {
		if _, err := e.hangUp(ctx); err != nil {
			return u, err
		}
	}
	return u, nil
}

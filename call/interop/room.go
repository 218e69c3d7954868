package interop

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"
)

// Air is the way from a loudspeaker to a microphone.
type Air struct {
	// Delay is that of the direct sound, on top of what the sound server and
	// this program take (a tenth of a second).
	Delay time.Duration
	// Reverb is the time in which the reflections fade by 60 dB.
	Reverb time.Duration
	// Gain is the power of the whole way as a factor of amplitude; 1 is a
	// microphone that hears the speaker as loud as it plays.
	Gain float64
	// Clip, when set, is the amplitude at which the loudspeaker's cone gives up,
	// softly; 1 is full scale.
	Clip float64
	// Seed chooses the reflections.
	Seed uint64
}

// reflections is how many sounds reach the microphone.
const reflections = 160

// tap is one of them.
type tap struct {
	late int // samples after the direct sound
	gain float64
}

func (a Air) taps() []tap {
	rng := rand.New(rand.NewPCG(a.Seed, 9))
	length := max(samples(a.Reverb, 48000), 1)
	taps := []tap{{0, 0.7}}
	for len(taps) < reflections {
		// Denser at the beginning, where they are loud.
		at := rng.Float64() * rng.Float64()
		taps = append(taps, tap{int(at * float64(length)), 0.25 * rng.NormFloat64() * math.Pow(10, -3*at)})
	}
	energy := 0.0
	for _, t := range taps {
		energy += t.gain * t.gain
	}
	for i := range taps {
		taps[i].gain *= a.Gain / math.Sqrt(energy)
	}
	return taps
}

// Room is where a desktop's loudspeaker and microphone stand: what the speaker
// plays comes into the microphone through the air, with the noise of the place
// and what a visitor says. One goroutine moves the sound between two programs of
// the desktop's group and ends with them; Wait waits for it.
type Room struct {
	done  chan struct{}
	noise float64 // amplitude
	rng   *rand.Rand
	heard []float64 // what the speaker has played, a ring of its newest samples
	at    int       // the number of the next sample

	mu    sync.Mutex
	air   Air
	taps  []tap
	late  float64 // samples of delay, with what the drift has added
	drift float64 // samples of delay that each sample adds
	say   []float64
	log   []Moment
}

// Moment is 10 ms of a room, at 48 kHz.
type Moment struct {
	// At is when the sound left for the microphone, which hears it a little
	// later.
	At time.Time
	// Echo is the speaker's sound at the microphone, Near the visitor's.
	Echo, Near []float64
}

const (
	roomFrame = 480
	roomRing  = 1 << 16
	// The latencies of both programs, in milliseconds. The second one is long: a
	// busy machine must not make the room fall silent, which is not what is
	// tested.
	roomSpeaker, roomMicrophone = "20", "100"
	// roomPipe is what may wait on the way to the microphone, in bytes.
	roomPipe = 1 << 14
)

// StartRoom opens the room; noise is its level at the microphone in dBFS.
func (d *Desktop) StartRoom(air Air, noise float64) (*Room, error) {
	r := &Room{
		done:  make(chan struct{}),
		noise: math.MaxInt16 * math.Pow(10, noise/20) / math.Sqrt2, rng: rand.New(rand.NewPCG(7, 7)),
		heard: make([]float64, roomRing), air: air, taps: air.taps(), late: float64(samples(air.Delay, 48000)),
	}
	from, speaker, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer speaker.Close()
	microphone, to, err := os.Pipe()
	if err != nil {
		from.Close()
		return nil, err
	}
	defer microphone.Close()
	if err := shorten(to); err != nil {
		from.Close()
		to.Close()
		return nil, fmt.Errorf("interop: the room's pipe: %w", err)
	}
	format := []string{"--format=s16le", "--rate=48000", "--channels=1", "--latency-msec="}
	with := func(latency string, args ...string) []string {
		return append(append(args, format[:3]...), format[3]+latency)
	}
	_, err = d.group.Start(Spec{Name: "room-speaker", Path: d.programs["parec"], Env: d.Env, MayEnd: true, Stdout: speaker,
		Args: with(roomSpeaker, "--record", "--device="+speakerSink+".monitor")})
	if err == nil {
		_, err = d.group.Start(Spec{Name: "room-microphone", Path: d.programs["pacat"], Env: d.Env, MayEnd: true, Extra: []*os.File{microphone},
			Args: append(with(roomMicrophone, "--playback", "--device="+microphoneSink), "/dev/fd/3")})
	}
	if err != nil {
		from.Close()
		to.Close()
		return nil, err
	}
	go r.carry(from, to)
	return r, nil
}

// carry moves the sound until one of the programs ends.
func (r *Room) carry(from, to *os.File) {
	defer close(r.done)
	defer from.Close()
	defer to.Close()
	in := make([]byte, 2*roomFrame)
	for {
		if _, err := io.ReadFull(from, in); err != nil {
			return
		}
		for i := range roomFrame {
			x := float64(int16(binary.LittleEndian.Uint16(in[2*i:])))
			if c := r.air.Clip * math.MaxInt16; c > 0 {
				x = c * math.Tanh(x/c)
			}
			r.heard[(r.at+i)&(roomRing-1)] = x
		}
		r.at += roomFrame
		echo, near := r.moment()
		for i := range roomFrame {
			x := echo[i] + near[i] + r.noise*r.rng.NormFloat64()
			v := int16(math.Round(min(max(x, math.MinInt16), math.MaxInt16)))
			binary.LittleEndian.PutUint16(in[2*i:], uint16(v))
		}
		// Air does not queue: where far too much waits already, on a machine that
		// is far too busy, this is lost. It would make the rest late for ever.
		if to.SetWriteDeadline(time.Now().Add(roomFrame*time.Second/48000/2)) != nil {
			return
		}
		if _, err := to.Write(in); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// shorten makes a pipe hold 170 ms and no more. A frame is written to it
// whole or not at all (pipe(7), PIPE_BUF).
func shorten(pipe *os.File) error {
	const setSize = 1031 // F_SETPIPE_SZ, fcntl(2)
	raw, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) { _, _, errno = syscall.Syscall(syscall.SYS_FCNTL, fd, setSize, roomPipe) })
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

// Wait waits for the end of the room, which comes when the group has stopped.
func (r *Room) Wait() { <-r.done }

// moment is what the microphone hears next.
func (r *Room) moment() (echo, near []float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	echo, near = make([]float64, roomFrame), make([]float64, roomFrame)
	whole := int(r.late)
	part := r.late - float64(whole)
	for _, t := range r.taps {
		from := r.at - roomFrame - whole - t.late
		a := t.gain * (1 - part)
		b := t.gain * part
		before := r.heard[(from-1+roomRing)&(roomRing-1)]
		for i := range echo {
			x := r.heard[(from+i+roomRing)&(roomRing-1)]
			echo[i] += a*x + b*before
			before = x
		}
	}
	r.late += r.drift * roomFrame
	r.say = r.say[copy(near, r.say):]
	r.log = append(r.log, Moment{time.Now(), echo, near})
	return echo, near
}

// Say lets the visitor speak (48 kHz), after what was said before.
func (r *Room) Say(pcm []float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.say = append(r.say, pcm...)
}

// Delay moves the microphone.
func (r *Room) Delay(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = float64(samples(d, 48000))
}

// Drift makes the clocks of speaker and microphone differ, in parts of a
// million: the echo comes later and later.
func (r *Room) Drift(ppm float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drift = ppm * 1e-6
}

// Moments is everything that the microphone was to hear so far.
func (r *Room) Moments() []Moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Moment(nil), r.log...)
}

// length is how many moments there have been.
func (r *Room) length() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.log)
}

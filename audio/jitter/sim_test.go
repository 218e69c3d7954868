package jitter_test

import (
	"encoding/binary"
	"errors"
	"math"
	"sort"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/jitter"
)

// toy is a codec whose packets say where in an endless sound they stand, so
// that a test can tell what it hears. What it conceals is the constant guess.
type toy struct {
	resets int
	fec    bool
}

const guessed = 1000

var errToy = errors.New("toy: malformed")

// toyPacket holds dur samples from the sample with this index on.
func toyPacket(index, dur int) []byte {
	b := make([]byte, 12)
	binary.BigEndian.PutUint64(b, uint64(index))
	binary.BigEndian.PutUint32(b[8:], uint32(dur))
	return b
}

// period of the endless sound: 200 Hz.
const period = 240

// waves is the longest packet from any point of the period on; a sine for each
// sample of an hour takes minutes.
var waves = func() (p [period + 5760]int16) {
	for i := range p {
		p[i] = int16(8000 * math.Sin(2*math.Pi*float64(i%period)/period))
	}
	return p
}()

// wave is the endless sound.
func wave(index int) int16 { return waves[(index%period+period)%period] }

// fillWave is the endless sound from a sample on.
func fillWave(pcm []int16, index int) { copy(pcm, waves[(index%period+period)%period:]) }

func (*toy) Duration(p []byte) (int, error) {
	if len(p) == 1 { // as an Opus packet of nothing but its header
		return 960, nil
	}
	if len(p) != 12 {
		return 0, errToy
	}
	return int(binary.BigEndian.Uint32(p[8:])), nil
}

func (d *toy) Decode(p []byte, pcm []int16) (int, error) {
	n, err := d.Duration(p)
	if err != nil {
		return 0, err
	}
	if len(p) == 1 {
		clear(pcm[:n])
		return n, nil
	}
	if n%2 == 1 { // a packet that only looks right
		return 0, errToy
	}
	fillWave(pcm[:n], int(binary.BigEndian.Uint64(p)))
	return n, nil
}

func (d *toy) DecodeFEC(p []byte, pcm []int16) (int, error) {
	if !d.fec || len(p) != 12 {
		return 0, nil
	}
	fillWave(pcm, int(binary.BigEndian.Uint64(p))-len(pcm))
	return len(pcm), nil
}

func (*toy) Conceal(pcm []int16) error {
	if len(pcm)%120 != 0 || len(pcm) == 0 {
		panic("Conceal of an odd length")
	}
	for i := range pcm {
		pcm[i] = guessed
	}
	return nil
}

func (d *toy) Reset() { d.resets++ }

// sent is a packet on its way: it arrives so long after the start.
type sent struct {
	at time.Duration
	jitter.Packet
}

// stream is n packets of a talker without a pause, 20 ms each at 48 kHz, that
// arrive at once after they were made.
func stream(n int) []sent {
	all := make([]sent, n)
	for i := range all {
		all[i] = sent{
			at: time.Duration(i) * 20 * time.Millisecond,
			Packet: jitter.Packet{
				SSRC: 1, PayloadType: 111, Seq: uint16(65500 + i), Timestamp: uint32(math.MaxUint32 - 5000 + i*960),
				Payload: toyPacket(i*960, 960),
			},
		}
	}
	return all
}

// heard is a pulled frame.
type heard struct {
	at    time.Duration
	frame jitter.Frame
	pcm   []int16
	stats jitter.Stats
}

// sim is a buffer with a clock that the test drives.
type sim struct {
	buf   *jitter.Buffer
	start time.Time
	now   time.Time
	// pull is the puller's period by the buffer's clock: not 10 ms sharp where
	// the speaker's clock drifts.
	pull time.Duration
	// phase is when the first pull comes.
	phase time.Duration
	codec *toy
}

func newSim(cfg jitter.Config) *sim {
	s := &sim{start: time.Unix(1000, 0), pull: audio.FrameDur, phase: 3 * time.Millisecond, codec: &toy{}}
	s.now = s.start
	cfg.Now = func() time.Time { return s.now }
	s.buf = jitter.New(cfg)
	s.buf.SetFormats(map[uint8]jitter.Format{
		111: {Decoder: s.codec, ClockRate: 48000},
		8:   {Decoder: &toy{}, ClockRate: 8000},
	})
	return s
}

// run lets the packets arrive and pulls until the end, and gives every frame
// to each.
func (s *sim) run(packets []sent, until time.Duration, each func(h heard)) {
	packets = append([]sent(nil), packets...)
	sort.SliceStable(packets, func(i, j int) bool { return packets[i].at < packets[j].at })
	pcm := make([]int16, audio.FrameLen)
	for at := s.phase; at < until; at += s.pull {
		for len(packets) > 0 && packets[0].at <= at {
			p := packets[0].Packet
			p.Arrived = s.start.Add(packets[0].at)
			s.buf.Push(p)
			packets = packets[1:]
		}
		s.now = s.start.Add(at)
		f := s.buf.Pull(pcm)
		each(heard{at: at, frame: f, pcm: pcm, stats: s.buf.Stats()})
	}
}

// listen runs and keeps every frame.
func (s *sim) listen(packets []sent, until time.Duration) []heard {
	var all []heard
	s.run(packets, until, func(h heard) {
		h.pcm = append([]int16(nil), h.pcm...)
		all = append(all, h)
	})
	return all
}

// kinds counts the frames of each kind from the first Normal one on.
func kinds(all []heard) map[jitter.Kind]int {
	m := map[jitter.Kind]int{}
	began := false
	for _, h := range all {
		began = began || h.frame.Kind == jitter.Normal
		if began {
			m[h.frame.Kind]++
		}
	}
	return m
}

// sound joins what was heard from the first Normal frame on.
func sound(all []heard) []int16 {
	var pcm []int16
	for _, h := range all {
		if h.frame.Kind == jitter.Normal || pcm != nil {
			pcm = append(pcm, h.pcm...)
		}
	}
	return pcm
}

// steps finds the largest jump between neighbouring samples.
func largestStep(pcm []int16) int {
	worst := 0
	for i := 1; i < len(pcm); i++ {
		worst = max(worst, int(pcm[i])-int(pcm[i-1]), int(pcm[i-1])-int(pcm[i]))
	}
	return worst
}

// drop leaves out the packets with these indices.
func drop(all []sent, which ...int) []sent {
	var kept []sent
next:
	for i, p := range all {
		for _, w := range which {
			if w == i {
				continue next
			}
		}
		kept = append(kept, p)
	}
	return kept
}

func last(all []heard) jitter.Stats { return all[len(all)-1].stats }

func within(t *testing.T, what string, got, lo, hi time.Duration) {
	t.Helper()
	if got < lo || got > hi {
		t.Errorf("%s: %v, want %v to %v", what, got, lo, hi)
	}
}

package demosbc

import (
	"sync"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// Stats is what the server heard of one call.
type Stats struct {
	// Packets and Bytes count the RTP received and its payload.
	Packets, Bytes int
	// Sources is how many SSRCs the phone used.
	Sources int
	// Codec is the codec of the newest voice packet, "" before the first:
	// "opus", "pcma" or "pcmu".
	Codec string
	// Digits are the DTMF digits that came by RFC 4733 or by INFO, in order.
	Digits string
}

// ear listens to one call: it counts always and decodes only when it records.
// Safe for use from several goroutines.
type ear struct {
	keep int // samples to keep; 0 records nothing

	mu      sync.Mutex
	formats [128]format
	stats   Stats
	sources map[uint32]struct{}

	// RFC 4733: all packets of one event have one timestamp.
	eventTS   uint32
	eventSeen bool

	decoder  codec.Decoder
	decoding codec.Name
	nextTS   uint32
	synced   bool
	pcm      [codec.MaxSamples]int16
	ring     []int16 // grows to keep, then wraps
	head     int     // where the oldest sample is once ring is full
}

// newEar makes an ear that keeps the last d of sound.
func newEar(d time.Duration) *ear {
	return &ear{keep: int(d * audio.Rate / time.Second), sources: make(map[uint32]struct{})}
}

// expect says what the payload types mean from now on.
func (e *ear) expect(formats []format) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.formats = [128]format{}
	for _, f := range formats {
		e.formats[f.pt&0x7f] = f
	}
}

// hear takes one received packet and keeps neither argument.
func (e *ear) hear(h *rtp.Header, payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Packets++
	e.stats.Bytes += len(payload)
	if _, known := e.sources[h.SSRC]; !known && len(e.sources) < 1000 {
		e.sources[h.SSRC] = struct{}{}
		e.stats.Sources++
		e.synced = false
	}
	f := e.formats[h.PayloadType&0x7f]
	if f.name == "telephone-event" {
		e.event(h.Timestamp, payload)
		return
	}
	name, ok := f.voice()
	if !ok {
		return
	}
	if e.stats.Codec != string(name) {
		e.stats.Codec = string(name)
	}
	if e.keep > 0 {
		e.record(name, h.Timestamp, payload)
	}
}

// event counts a digit with the first packet of its event (RFC 4733 section
// 2.5.1.2).
func (e *ear) event(ts uint32, payload []byte) {
	const digits = "0123456789*#ABCD"
	if len(payload) < 4 || int(payload[0]) >= len(digits) || (e.eventSeen && ts == e.eventTS) {
		return
	}
	e.eventSeen, e.eventTS = true, ts
	e.addDigit(digits[payload[0]])
}

// digit counts one that came by INFO.
func (e *ear) digit(d byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.addDigit(d)
}

// addDigit bounds what a misbehaving phone can make us remember.
func (e *ear) addDigit(d byte) {
	if len(e.stats.Digits) < 1000 {
		e.stats.Digits += string(d)
	}
}

// record decodes one packet into the ring. What is missing before it, up to a
// second, becomes silence; what comes late is dropped.
func (e *ear) record(name codec.Name, ts uint32, payload []byte) {
	if e.decoding != name {
		e.release()
		d, err := codec.NewDecoder(name)
		if err != nil {
			return
		}
		e.decoder, e.decoding, e.synced = d, name, false
	}
	n, err := e.decoder.Decode(payload, e.pcm[:])
	if err != nil {
		return
	}
	clock := name.ClockRate()
	if e.synced {
		gap := int(int32(ts - e.nextTS))
		if gap < 0 && gap > -clock {
			return
		}
		if gap > 0 && gap <= clock {
			e.silence(gap * audio.Rate / clock)
		}
	}
	e.synced = true
	e.nextTS = ts + uint32(n*clock/audio.Rate)
	e.append(e.pcm[:n])
}

func (e *ear) silence(n int) {
	var zero [audio.FrameLen]int16
	for n > 0 {
		part := min(n, len(zero))
		e.append(zero[:part])
		n -= part
	}
}

func (e *ear) append(pcm []int16) {
	for _, v := range pcm {
		if len(e.ring) < e.keep {
			e.ring = append(e.ring, v)
			continue
		}
		e.ring[e.head] = v
		if e.head++; e.head == e.keep {
			e.head = 0
		}
	}
}

// heard is a copy of what is kept, oldest first: 48 kHz mono.
func (e *ear) heard() []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append(append([]int16{}, e.ring[e.head:]...), e.ring[:e.head]...)
}

// snapshot is a copy of the counts.
func (e *ear) snapshot() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}

// close frees the decoder; what was heard stays.
func (e *ear) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.release()
}

func (e *ear) release() {
	if e.decoder != nil {
		e.decoder.Close()
		e.decoder, e.decoding = nil, ""
	}
}

package peer

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/audio/jitter"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

// ear is the way from the network to the speaker. Packets come on a network
// goroutine, frames are pulled by the audio goroutine, and the playout buffer
// between them makes neither wait.
type ear struct {
	buf   *jitter.Buffer
	books *books
	level *gauge // before the gates
	log   *slog.Logger
	tell  func(call.MediaEvent)
	tones *tones
	tap   func([]int16)   // may be nil
	first func(time.Time) // may be nil

	formats  atomic.Pointer[[128]sdp.Codec]
	play     atomic.Pointer[[128]codec.Decoder]
	heard    atomic.Bool // a packet of voice has come
	answered atomic.Bool // the 2xx has come
	over     atomic.Bool // the session is closed
	held     atomic.Bool // we hold the far end

	// wish is the last Deafen: its number times two, plus one for on. granted
	// is the last that is a fact; poke says that there is a new one.
	wish, granted atomic.Uint32
	poke          chan struct{}

	started  bool                         // the audio goroutine's: MediaStarted is told
	playing  atomic.Pointer[string]       // the codec that was told
	decoders map[codec.Name]codec.Decoder // the session's
}

func newEar(b *books, log *slog.Logger, tell func(call.MediaEvent), t *tones) *ear {
	return &ear{
		buf: jitter.New(jitter.Config{}), books: b, level: newGauge(),
		log: log, tell: tell, tones: t, decoders: make(map[codec.Name]codec.Decoder),
		poke: make(chan struct{}, 1),
	}
}

// expect says which payload types may come. Only the session's goroutine calls
// it.
func (e *ear) expect(list []sdp.Codec) {
	var table [128]sdp.Codec
	var known [128]codec.Decoder
	play := make(map[uint8]jitter.Format)
	for _, c := range list {
		table[c.PT&0x7f] = c
		name, ok := codec.ByName(c.Name)
		if !ok {
			continue
		}
		dec, err := e.decoder(name)
		if err != nil {
			e.log.Error("no decoder", "codec", c.Name, "error", err)
			continue
		}
		play[c.PT] = jitter.Format{Decoder: dec, ClockRate: c.Rate}
		known[c.PT&0x7f] = dec
	}
	e.play.Store(&known)
	e.buf.SetFormats(play)
	e.formats.Store(&table)
}

// decoder keeps one decoder for each codec as long as the session lives, since
// the far end may change between them at any packet.
func (e *ear) decoder(name codec.Name) (codec.Decoder, error) {
	if d := e.decoders[name]; d != nil {
		return d, nil
	}
	d, err := codec.NewDecoder(name)
	if err == nil {
		e.decoders[name] = d
	}
	return d, err
}

// close frees the decoders, when nobody pulls any more.
func (e *ear) close() {
	for _, d := range e.decoders {
		d.Close()
	}
}

// packet takes one RTP packet from a network goroutine.
func (e *ear) packet(h *rtp.Header, payload []byte, arrived time.Time) {
	table := e.formats.Load()
	if table == nil {
		return
	}
	format := table[h.PayloadType&0x7f]
	if format.Name == sdp.RED {
		e.redundant(h, payload, arrived, table)
		return
	}
	e.plain(h, h.PayloadType, payload, arrived, format)
}

// plain takes a packet that carries a payload of this format.
func (e *ear) plain(h *rtp.Header, pt uint8, payload []byte, arrived time.Time, format sdp.Codec) {
	voice := format.Voice()
	clock := 0
	if voice {
		clock = format.Rate
	}
	e.books.mu.Lock()
	e.books.in.Packet(h, clock, arrived)
	e.books.mu.Unlock()
	// What carries no sound goes to the buffer as well, so that its number is
	// not missed.
	e.buf.Push(jitter.Packet{
		SSRC: h.SSRC, PayloadType: pt, Seq: h.SequenceNumber,
		Timestamp: h.Timestamp, Payload: payload, Arrived: arrived,
	})
	e.notice(format, voice)
}

// notice tells that the far end can be heard, once.
func (e *ear) notice(format sdp.Codec, voice bool) {
	if voice && !e.heard.Swap(true) {
		e.log.Debug("the first packet of the far end", "codec", format.Name)
		if !e.answered.Load() {
			e.tones.play(call.ToneNone)
			e.tell(call.EarlyHeard{})
		}
	}
}

// redundant takes a packet of RED apart (RFC 2198): its own payload is an
// ordinary packet, the copies before it are for those that got lost.
func (e *ear) redundant(h *rtp.Header, payload []byte, arrived time.Time, table *[128]sdp.Codec) {
	var blocks [stream.MaxBlocks]stream.Block
	n := stream.SplitRED(payload, &blocks)
	if n == 0 {
		// Its number is not missed, though nothing can be heard of it.
		e.plain(h, h.PayloadType, payload, arrived, sdp.Codec{})
		return
	}
	// Copies come first: they belong before the packet. The numbers that they
	// had are not written, so only those count whose sound ends where the next
	// one's begins.
	own := blocks[n-1]
	format := table[own.PT]
	p := jitter.Packet{SSRC: h.SSRC, Seq: h.SequenceNumber, Arrived: arrived, Redundant: true}
	ages := uint32(0)
	first := n - 1
	for i := n - 2; i >= 0 && format.Voice(); i-- {
		b := blocks[i]
		if table[b.PT].Name != format.Name || b.Age-ages != e.length(table[b.PT], b.Data) {
			break
		}
		ages, first = b.Age, i
	}
	for i := first; i < n-1; i++ {
		b := blocks[i]
		p.PayloadType, p.Timestamp, p.Payload = b.PT, h.Timestamp-b.Age, b.Data
		p.Seq = h.SequenceNumber - uint16(n-1-i)
		e.buf.Push(p)
	}
	e.plain(h, own.PT, own.Data, arrived, format)
}

// length is how much sound a payload holds, on its RTP clock; 0 for none.
func (e *ear) length(c sdp.Codec, payload []byte) uint32 {
	play := e.play.Load()
	if play == nil || len(payload) == 0 || c.Rate == 0 {
		return 0
	}
	dec := (*play)[c.PT&0x7f]
	if dec == nil {
		return 0
	}
	n, err := dec.Duration(payload)
	if err != nil {
		return 0
	}
	return uint32(n / (audio.Rate / c.Rate))
}

// pull fills a frame for the speaker. It does not allocate or lock, but for
// the one frame that tells MediaStarted.
func (e *ear) pull(frame []int16) {
	if e.over.Load() {
		clear(frame)
		return
	}
	f := e.buf.Pull(frame)
	e.level.add(frame)
	if !e.started && f.Kind == jitter.Normal {
		e.begin(f.PayloadType)
	}
	if e.tap != nil && e.heard.Load() {
		e.tap(frame)
	}
	// The gate of the user's ear: behind it come only the phone's own tones.
	if e.wish.Load()&1 == 1 || e.held.Load() {
		clear(frame)
	}
	e.grant()
}

// deafen asks; the confirmation comes from whoever finds that it is a fact.
func (e *ear) deafen(on bool) { ask(&e.wish, on) }

// ask counts a wish on.
func ask(wish *atomic.Uint32, on bool) {
	for {
		old := wish.Load()
		next := (old>>1 + 1) << 1
		if on {
			next |= 1
		}
		if wish.CompareAndSwap(old, next) {
			return
		}
	}
}

// grant notes that the wish is a fact. It takes no lock and does not allocate.
func (e *ear) grant() {
	wish := e.wish.Load()
	if e.granted.Load() == wish {
		return
	}
	e.granted.Store(wish)
	select {
	case e.poke <- struct{}{}:
	default:
	}
}

func (e *ear) begin(pt uint8) {
	e.started = true
	if e.first != nil {
		e.first(time.Now())
	}
	if table := e.formats.Load(); table != nil {
		e.playing.Store(&table[pt&0x7f].Name)
		e.tell(call.MediaStarted{Codec: table[pt&0x7f].Name})
	}
}

// codec is what the far end began to speak with, "" before it has.
func (e *ear) codec() string {
	if name := e.playing.Load(); name != nil {
		return *name
	}
	return ""
}

package stream

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

var zero = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }

// feed counts packets with these sequence numbers, 20 ms apart.
func feed(in *Inbound, ssrc uint32, seqs ...uint16) {
	for i, s := range seqs {
		in.Packet(&rtp.Header{SSRC: ssrc, SequenceNumber: s, Timestamp: uint32(s) * 160}, 8000, at(20*i))
	}
}

func TestLoss(t *testing.T) {
	for _, c := range []struct {
		name           string
		seqs           []uint16
		received, lost uint64
	}{
		{"none", []uint16{1, 2, 3}, 3, 0},
		{"two", []uint16{1, 4, 5}, 3, 2},
		{"out of order", []uint16{1, 3, 2, 4}, 4, 0},
		{"twice", []uint16{1, 2, 2, 3}, 4, 0},
		{"over the end", []uint16{65534, 65535, 1}, 3, 1},
		{"a stray", []uint16{1, 2, 30000, 3}, 3, 0},
		{"started over", []uint16{1, 2, 30000, 30001, 30003}, 4, 1},
		{"late over the end", []uint16{65535, 1, 0}, 3, 0},
	} {
		var in Inbound
		feed(&in, 9, c.seqs...)
		if r, l := in.Totals(); r != c.received || l != c.lost {
			t.Errorf("%s: received %d, lost %d", c.name, r, l)
		}
	}
}

// TestTotals survive a change of SSRC; the report is of the new stream alone.
func TestTotals(t *testing.T) {
	var in Inbound
	feed(&in, 1, 10, 12)
	feed(&in, 2, 500, 501, 503)
	if r, l := in.Totals(); r != 5 || l != 2 {
		t.Errorf("received %d, lost %d", r, l)
	}
	rep, ok := in.Report(at(100))
	if !ok || rep.SSRC != 2 || rep.TotalLost != 1 || rep.LastSequenceNumber != 503 || rep.FractionLost != 64 {
		t.Errorf("%+v", rep)
	}
	// The fraction is of the time since the last report.
	feed(&in, 2, 504, 505)
	if rep, _ := in.Report(at(200)); rep.FractionLost != 0 || rep.TotalLost != 1 {
		t.Errorf("%+v", rep)
	}
}

// TestJitter is the estimate of RFC 3550 section 6.4.1 for packets that come
// alternately 10 ms early and late.
func TestJitter(t *testing.T) {
	var in Inbound
	for i := range 400 {
		ms := 20 * i
		if i%2 == 1 {
			ms += 10
		}
		in.Packet(&rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}, 48000, at(ms))
	}
	if j := in.Jitter(); j < 9900*time.Microsecond || j > 10*time.Millisecond {
		t.Errorf("jitter %v, want 10 ms", j)
	}
	// Events say nothing about time.
	in.Packet(&rtp.Header{SequenceNumber: 400, Timestamp: 0}, 0, at(99999))
	if j := in.Jitter(); j > 10*time.Millisecond {
		t.Errorf("jitter %v after an event", j)
	}
}

// TestOutbound: numbering goes on over a change of clock.
func TestOutbound(t *testing.T) {
	o := NewOutbound(5, 65535, 100)
	var h rtp.Header
	o.Tick(at(0), 48000)
	o.Header(&h, 111, true)
	if h.SSRC != 5 || h.SequenceNumber != 65535 || h.Timestamp != 100 || h.PayloadType != 111 || !h.Marker || h.Version != 2 {
		t.Errorf("%+v", h)
	}
	o.Advance(20 * time.Millisecond)
	o.Tick(at(20), 8000)
	o.Header(&h, 8, false)
	o.Advance(20 * time.Millisecond)
	if h.SequenceNumber != 0 || h.Timestamp != 100+960 || o.Stamp() != 100+960+160 {
		t.Errorf("%+v, then %d", h, o.Stamp())
	}
}

// TestReports lets two sides tell each other: loss and round trip come out.
func TestReports(t *testing.T) {
	us, them := NewOutbound(1, 0, 0), NewOutbound(2, 0, 0)
	var ours, theirs Inbound
	var h rtp.Header
	for i := range 100 {
		us.Tick(at(20*i), 8000)
		us.Header(&h, 8, false)
		us.Sent(160)
		if i%4 != 3 {
			theirs.Packet(&h, 8000, at(20*i+40))
		}
		us.Advance(20 * time.Millisecond)
	}
	// Our report is 40 ms under way, waits 500 ms there, and 40 ms back.
	p, err := Compound(us, &ours, "me", at(2000))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := Read(p, them, &theirs, at(2040)); ok {
		t.Error("our first report says something about a stream that is not there")
	}
	p, err = Compound(them, &theirs, "you", at(2540))
	if err != nil {
		t.Fatal(err)
	}
	f, ok := Read(p, us, &ours, at(2580))
	if !ok || f.RTT < 79*time.Millisecond || f.RTT > 81*time.Millisecond || f.Lost < .23 || f.Lost > .26 {
		t.Errorf("%+v, %v", f, ok)
	}
	// What another stream's report says is not about us.
	if f, ok := Read(p, NewOutbound(77, 0, 0), &ours, at(2580)); ok {
		t.Errorf("%+v", f)
	}
	for _, junk := range [][]byte{nil, {0x80}, {0x80, 200, 0xff, 0xff}, []byte("hello, this is no RTCP")} {
		if _, ok := Read(junk, us, &ours, at(0)); ok {
			t.Errorf("%q was understood", junk)
		}
	}
}

// TestSenderReport: the timestamp is that of the report's own moment.
func TestSenderReport(t *testing.T) {
	o := NewOutbound(1, 0, 1000)
	if _, ok := o.SenderReport(at(0)); ok {
		t.Error("a report before anything was sent")
	}
	o.Tick(at(0), 48000)
	o.Sent(50)
	sr, ok := o.SenderReport(at(10))
	if !ok || sr.RTPTime != 1000+480 || sr.PacketCount != 1 || sr.OctetCount != 50 {
		t.Errorf("%+v", sr)
	}
	if sec := sr.NTPTime >> 32; sec != uint64(zero.Unix())+2208988800 {
		t.Errorf("NTP second %d", sec)
	}
}

func TestGoodbye(t *testing.T) {
	p, err := Goodbye(NewOutbound(3, 0, 0), "cn")
	if err != nil {
		t.Fatal(err)
	}
	list, err := rtcp.Unmarshal(p)
	if err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	if bye, ok := list[2].(*rtcp.Goodbye); !ok || len(bye.Sources) != 1 || bye.Sources[0] != 3 {
		t.Errorf("%+v", list[2])
	}
}

func TestKeypad(t *testing.T) {
	var k Keypad
	for _, r := range "x5é#" {
		k.Press(r)
	}
	type row struct {
		copies   int
		end      bool
		duration int
		marker   bool
		stamp    uint32
		sent     rune
	}
	var got []row
	stamp := uint32(1000)
	for k.Busy() {
		b := k.Tick(stamp, 48000)
		r := row{copies: b.Copies}
		if b.Copies > 0 {
			r = row{b.Copies, b.Payload[1]&0x80 != 0, int(b.Payload[2])<<8 | int(b.Payload[3]), b.Marker, b.Timestamp, b.Sent}
		}
		got = append(got, r)
		stamp += 960
	}
	digit := func(start uint32, d rune) []row {
		return []row{
			{1, false, 960, true, start, 0}, {1, false, 1920, false, start, 0}, {1, false, 2880, false, start, 0},
			{1, false, 3840, false, start, 0}, {3, true, 4800, false, start, d},
		}
	}
	want := append(digit(1000, '5'), row{}, row{}, row{}, row{})
	want = append(want, digit(1000+9*960, '#')...)
	if len(got) != len(want) {
		t.Fatalf("%d ticks, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("tick %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	// A gap that has passed with voice is not waited for again.
	for range gapTicks {
		k.Rest()
	}
	k.Press('1')
	if b := k.Tick(0, 8000); b.Copies != 1 || !b.Marker {
		t.Errorf("after a rest: %+v", b)
	}
}

func TestNoAllocation(t *testing.T) {
	o := NewOutbound(1, 0, 0)
	var in Inbound
	var h rtp.Header
	if n := testing.AllocsPerRun(100, func() {
		o.Tick(zero, 8000)
		o.Header(&h, 0, false)
		o.Sent(160)
		o.Advance(tick)
		in.Packet(&h, 8000, zero)
	}); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

package present

import (
	"strconv"
	"strings"
	"time"

	"nxphone/call"
)

// Details is the small print of a call that is up.
type Details struct {
	Show  bool
	Rows  [6]Row
	Graph Graph
	// Sound is what is done to the sound, and Loud what the ear was protected
	// from, or that it is not protected; "" for nothing.
	Sound, Loud string
}

// Row is one measurement.
type Row struct{ Name, Value string }

// own fills in what the card says of both ends, before the answer and after.
func (v *View) own(f Facts, t Texts) {
	c := f.Snapshot.Call
	v.Card.Number = f.seen(c.Tel)
	v.Card.Reveal = f.Mask.Hides(c.Tel)
	v.Card.Presented = presented(f, t)
}

func presented(f Facts, t Texts) string {
	if f.Presented == "" {
		return ""
	}
	return t.Text("card.presented", "number", Telephone(f.Presented))
}

// talkCard is the card of an answered call.
func (v *View) talkCard(f Facts, t Texts) {
	c := f.Snapshot.Call
	v.Card = Card{Show: true, Icon: "waves", Role: Good, CanDetail: true, Meters: f.Meters}
	// The engine stamps the end when it is over; while it clears, the timer
	// stands at the moment of the last snapshot that ran it.
	v.Card.Timer = Clock(f.Now.Sub(c.Answered))
	v.own(f, t)
	if f.Snapshot.State == call.InCall && c.MediaUp && !c.RemoteHold && !c.Hold.On {
		v.Card.QualityIcon, v.Card.QualityRole, v.Card.Quality = f.Observed.Quality.view(t)
	}
	if f.Details {
		v.Card.Details = details(c, f.Observed.Quality, t)
	}
}

func details(c call.Call, q Quality, t Texts) Details {
	unknown := t.Text("talk.unknown")
	ms := func(d time.Duration) string {
		if d <= 0 {
			return unknown
		}
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	}
	loss := unknown
	if all := c.Stats.PacketsReceived + c.Stats.PacketsLost; all > 0 {
		loss = percent(100 * float64(c.Stats.PacketsLost) / float64(all))
	}
	if s, ok := q.Newest(); ok {
		loss = t.Text("details.loss.now", "now", percent(float64(s.Loss)), "all", loss)
	}
	delay := ms(delayOf(c.Stats))
	if gaps := c.Stats.Underruns / 48; gaps > 0 {
		delay = t.Text("details.delay.gaps", "delay", delay, "gaps", strconv.FormatUint(gaps, 10)+" ms")
	}
	return Details{
		Show: true,
		Rows: [6]Row{
			{t.Text("details.codec"), codecName(c.Codec, unknown)},
			{t.Text("details.rtt"), ms(c.Stats.RTT)},
			{t.Text("details.loss"), loss},
			{t.Text("details.jitter"), ms(c.Stats.Jitter)},
			{t.Text("details.delay"), delay},
			{t.Text("details.mos"), opinion(c.Stats.MOSNow, unknown)},
		},
		Graph: q.Graph(),
		Sound: treated(c.Stats.Treatment, t), Loud: ear(c.Stats.Treatment, t),
	}
}

// opinion is a mean opinion score, which nobody knows to a hundredth.
func opinion(mos float64, unknown string) string {
	if mos == 0 {
		return unknown
	}
	return strconv.FormatFloat(mos, 'f', 1, 64)
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 1, 64) + " %" }

func codecName(codec, unknown string) string {
	switch codec {
	case "":
		return unknown
	case "pcma":
		return "G.711 A"
	case "pcmu":
		return "G.711 µ"
	}
	return strings.ToUpper(codec[:1]) + codec[1:]
}

// number is the number entry of the dial screen. One that was just called is
// as secret as it was in the call, and one out of a list as it was there.
func (v *View) number(f Facts, t Texts) {
	text := Group(f.Number)
	if f.Secret() {
		text = f.seen(f.Number)
	}
	v.Number = Number{
		Text: text, Placeholder: t.Text("status.idle"), Erasable: f.Number != "",
		Presented: presented(f, t), Reveal: f.Secret(), Redial: f.Redial != "" && f.Number == "",
	}
}

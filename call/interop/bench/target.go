package main

import (
	"context"
	"math"

	"nxphone/call/interop/figures"
)

// user is the caller's extension in every measured call.
const user = "1000"

// target is whom to call and where.
type target struct {
	// SBC is what tables call it.
	SBC                string
	URL, Realm, Number string
	// CA is the file of the authority behind the SBC's certificate, CAText
	// what is in it.
	CA     string
	CAText []byte
	// Codec is what is spoken there.
	Codec string
	// Calls is how many calls the SBC holds to be up.
	Calls func(context.Context) (int, error)
}

// place says where a call costs what it costs.
func (t target) place() string { return t.SBC + ", " + t.Codec }

// timing is one call's moments, in milliseconds: from Dial to the INVITE on
// the wire, from Dial to the 200, and from the 200 to the first decoded frame.
type timing struct{ Invite, Answer, Frame float64 }

// Setup is the moments of many calls.
type Setup struct {
	Client string `json:"client"`
	SBC    string `json:"sbc"`
	// Flow is "cold" when the WebSocket was connected within the call, "warm"
	// when it was open.
	Flow   string               `json:"flow"`
	Invite figures.Distribution `json:"dial_to_invite_ms"`
	Answer figures.Distribution `json:"dial_to_200_ms"`
	Frame  figures.Distribution `json:"200_to_first_frame_ms"`
}

func newSetup(client, sbc, flow string, calls []timing) Setup {
	pick := func(of func(timing) float64) figures.Distribution {
		samples := make([]float64, len(calls))
		for i, c := range calls {
			samples[i] = of(c)
		}
		return figures.Of(samples)
	}
	return Setup{
		Client: client, SBC: sbc, Flow: flow,
		Invite: pick(func(t timing) float64 { return t.Invite }),
		Answer: pick(func(t timing) float64 { return t.Answer }),
		Frame:  pick(func(t timing) float64 { return t.Frame }),
	}
}

// absent is NaN for what a summary leaves out.
func absent(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}

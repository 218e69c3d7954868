package main

import (
	"context"

	"nxphone/audio"
	"nxphone/call"
	"nxphone/call/check"
)

// checker is ui.Check on the devices that calls use.
type checker struct {
	ph   *phone
	demo bool
}

// Run implements ui.Check.
func (c checker) Run(ctx context.Context, parts check.Parts, tell func(check.Progress)) check.Result {
	ph, devices := c.ph, c.ph.choice()
	return check.Run(ctx, check.Options{
		Parts: parts, Phone: ph.engine, Line: c.line,
		Microphone: func(ctx context.Context) (audio.InputDevice, error) {
			return ph.host.OpenInput(ctx, append(devices.Microphones, devices.Microphone)...)
		},
		Speaker: func(ctx context.Context) (audio.OutputDevice, error) {
			return ph.host.OpenOutput(ctx, append(devices.Speakers, devices.Speaker)...)
		},
	}, tell)
}

// line is a call to the number that echoes.
func (c checker) line() (call.Request, bool) {
	number := c.ph.store.Get().TestNumber(c.demo)
	req := c.ph.request(number)
	req.Test = true
	return req, number != ""
}

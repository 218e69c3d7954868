package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"

	"nxphone/call/interop"
	"nxphone/call/interop/jssip"
	"nxphone/call/interop/web"
)

//go:embed page.html
var page []byte

// browserEnd is a page in Debian's Chromium, with a window: without one it plays
// to no sound server.
type browserEnd struct {
	*desk
	sbc        *interop.Lab
	site       *jssip.Site
	processing bool

	browser *web.Browser
	page    *web.Page
}

func (*browserEnd) name() string { return "Chromium" }

func (b *browserEnd) pid() int { return b.browser.PID() }

// start opens the browser; close must be called.
func (b *browserEnd) start(ctx context.Context) error {
	browser, err := web.Start(ctx, web.Options{
		Dir: filepath.Join(b.dir, b.label("chromium")), Display: b.Env,
		Flags: map[string]any{
			"use-fake-ui-for-media-stream":      true, // nobody is there to be asked
			"autoplay-policy":                   "no-user-gesture-required",
			"ignore-certificate-errors":         true, // the SBC's authority is one that nobody else knows
			"allow-loopback-in-peer-connection": true, // candidates on loopback, where the SBC is
			"disable-gpu":                       true, // there is none, and its process tries again and again
		},
	})
	if err != nil {
		return err
	}
	b.browser = browser
	visitor, err := browser.NewVisitor()
	if err == nil {
		b.page, err = visitor.NewTab()
	}
	if err != nil {
		browser.Close()
		return err
	}
	return nil
}

func (b *browserEnd) close() { b.browser.Close() }

func (b *browserEnd) call(ctx context.Context, number string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	// A fresh page for each call: what the jitter buffer has learnt is forgotten.
	if err := b.page.Open(ctx, b.site.URL); err != nil {
		return err
	}
	_, err := web.Eval[bool](ctx, b.page, fmt.Sprintf("bench.call(%q, %q, %q, %q, %t)", b.sbc.URL("wss"), b.sbc.Realm, "1001", number, b.processing))
	return err
}

func (b *browserEnd) hangUp(ctx context.Context) (received, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	s, err := web.Eval[chromeStats](ctx, b.page, "bench.stats()")
	if err != nil {
		return received{}, err
	}
	if _, err := web.Eval[bool](ctx, b.page, "bench.hangUp()"); err != nil {
		return received{}, err
	}
	if s.JitterBufferEmittedCount == 0 || s.TotalSamplesReceived == 0 {
		return received{}, errors.New("chromium played nothing")
	}
	return s.received(), nil
}

// chromeStats are the members of RTCInboundRtpStreamStats that are looked at.
// Times are in seconds, summed over samples.
type chromeStats struct {
	JitterBufferDelay, JitterBufferTargetDelay, JitterBufferEmittedCount float64
	ConcealedSamples, TotalSamplesReceived                               float64
}

func (s chromeStats) received() received {
	return received{
		Delay:     1000 * s.JitterBufferDelay / s.JitterBufferEmittedCount,
		Target:    1000 * s.JitterBufferTargetDelay / s.JitterBufferEmittedCount,
		Concealed: s.ConcealedSamples / s.TotalSamplesReceived,
	}
}

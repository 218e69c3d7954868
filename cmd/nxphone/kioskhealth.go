package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"nxphone/call/profile"
)

const (
	// healthWait bounds the question: a booth that takes longer is not well.
	healthWait = 3 * time.Second
	// healthMost is far more than a report has.
	healthMost = 64 << 10
)

// kioskHealth is "nxphone kiosk-health": it asks the booth that runs on this
// machine how it is and prints the report. The status is 0 where a press of the
// button would work, else 1; 2 where the policy gives the booth no address to
// be asked at.
func (p *program) kioskHealth(ctx context.Context) int {
	// What is wrong there the booth itself tells.
	served, _ := fromServer(p.served)
	store, _ := profile.Open(profile.Options{Layers: append(served, p.policies.Last().Layers...), PolicyOnly: true})
	return p.askHealth(ctx, store.Get().KioskHealth)
}

func (p *program) askHealth(ctx context.Context, address string) int {
	if address == "" {
		p.tell(p.text("cli.kiosk.health.none"), "")
		return exitUsage
	}
	report, status, err := fetchHealth(ctx, address)
	if err != nil {
		p.tell(p.text("cli.kiosk.health.silent"), "("+err.Error()+")")
		return exitFailed
	}
	fmt.Fprintln(p.stdout, string(report))
	if status != http.StatusOK {
		return exitFailed
	}
	return exitOK
}

// fetchHealth gets the report of the booth at a loopback address.
func fetchHealth(ctx context.Context, address string) (report []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		return nil, 0, err
	}
	// No proxy of the environment: it is this machine that is asked.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	report, err = io.ReadAll(io.LimitReader(resp.Body, healthMost))
	if err != nil {
		return nil, 0, err
	}
	if !json.Valid(report) {
		return nil, 0, fmt.Errorf("%s: no report of a booth", resp.Status)
	}
	return report, resp.StatusCode, nil
}

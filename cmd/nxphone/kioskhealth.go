package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/user"
	"path/filepath"
	"slices"
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
	return p.askHealth(ctx, p.healthAddress(boothFolders()))
}

// healthAddress is where the booth of this machine tells how it is, "" where nobody
// has said so. Whoever asks is as a rule not the booth's own user and has fetched
// nothing of the organisation's server: folders are where the booth keeps what it
// has, which root can read. Only what is signed counts of it.
func (p *program) healthAddress(folders []string) string {
	// What is wrong in any of them the booth itself tells.
	ordered := p.policies.Last().Layers
	of := func(served []profile.Layer) string {
		store, _ := profile.Open(profile.Options{Layers: slices.Concat(served, ordered), PolicyOnly: true})
		return store.Get().KioskHealth
	}
	served, _ := fromServer(p.served)
	if address := of(served); address != "" {
		return address
	}
	for _, dir := range folders {
		c, _ := p.newProvisionIn(dir, p.store.Local(), nil)
		if c == nil {
			continue
		}
		if served, _ := fromServer(c.Last()); of(served) != "" {
			return of(served)
		}
	}
	return ""
}

// boothUser is the user of the kiosk's package.
const boothUser = "nxphone-kiosk"

// boothFolders are where the service manager of that user makes StateDirectory=:
// below the state folder, and before systemd 254 below the configuration.
func boothFolders() []string {
	u, err := user.Lookup(boothUser)
	if err != nil || u.HomeDir == "" {
		return nil // there is no booth here
	}
	return []string{filepath.Join(u.HomeDir, ".local", "state", boothUser), filepath.Join(u.HomeDir, ".config", boothUser)}
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

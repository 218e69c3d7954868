package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call/interop/figures"
	"nxphone/call/interop/usage"
)

// sample is a report in which the browser is ten times slower and larger.
func sample() *Report {
	return &Report{
		Machine: "2 cores", Versions: []string{"nxphone 1", "JsSIP 3"},
		Setups: []Setup{
			newSetup(clientEngine, "Kamailio", "warm", []timing{{12, 20, 50}, {14, 22, math.NaN()}}),
			newSetup(clientBrowser, "Kamailio", "warm", []timing{{130, 210, 500}}),
			newSetup(clientBrowser, "demo SBC", "cold", []timing{{1, 1, 1}}), // nothing beside it
		},
		Calls: []Cost{
			{clientProgram, "Kamailio, G.711", "no window", usage.Usage{Seconds: 30, CPU: 1.5, PSS: 40, Processes: 1}},
			{clientProgram, "Kamailio, G.711", withWindow, usage.Usage{Seconds: 30, CPU: 1.5, PSS: 140, Processes: 1}},
			{clientBrowser, "Kamailio, G.711", "headless", usage.Usage{Seconds: 30, CPU: 4.5, PSS: 400, Processes: 10}},
			{clientBrowser, "demo SBC, Opus", "headless", usage.Usage{Seconds: 30, CPU: 4.5, PSS: 900, Processes: 10}},
		},
		Window: figures.Of([]float64{300, 310}),
		Pages:  []PageDelay{{50, 1000, figures.Of([]float64{1, 2, 9})}},
	}
}

func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bench")
	if err := sample().save(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "bench.md"))
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"| nxphone, engine | Kamailio | warm | 2 | 12.0 / 13.0 / 14.0 | 20.0 / 21.0 / 22.0 | 50.0 / 50.0 / 50.0 |",
		"| nxphone, program | Kamailio, G.711 | no window | 30 s | 1.50 s | 5.0 % | 40 MB | 1 |",
		"Start to window shown: 300.0 / 305.0 / 310.0 ms (2 starts).",
		"| Dial to INVITE, median (Kamailio, warm flow) | 13.0 | 130.0 | 10.0 times |",
		"| memory in a call (Kamailio, G.711, no window) | 40.0 | 400.0 | 10.0 times |",
		"| pages: 50, events a second: 1000 | 3 | 1.0 / 2.0 / 9.0 |",
		"| event to page, median (pages: 50, events a second: 1000) | 2.0 ms | at most 5 | ok |",
		// 13 ms is over the 10 ms of an open flow; each kind of call has its
		// own limit of memory.
		"| Dial to INVITE, median (nxphone, engine, Kamailio, warm flow) | 13.0 ms | at most 10 | MISSED |",
		"| memory in a call (Kamailio, G.711, no window) | 40.0 MB | at most 45 | ok |",
		"| memory in a call (Kamailio, G.711, " + withWindow + ") | 140.0 MB | at most 160 | ok |",
		"| CPU in a call (Kamailio, G.711, no window) | 5.0 % of a core | at most 6 | ok |",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("missing: %s\nin:\n%s", want, text)
		}
	}
	if strings.Contains(flat, "demo SBC, cold flow)") || strings.Contains(flat, "900.0") {
		t.Error("a figure without its other side is compared")
	}
	data, err := os.ReadFile(filepath.Join(dir, "bench.json"))
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(data, &back); err != nil || back.Setups[0].Invite.Median != 13 {
		t.Errorf("JSON: %v, %+v", err, back.Setups)
	}
}

func TestNothingMeasuredIsMissed(t *testing.T) {
	r := &Report{Setups: []Setup{newSetup(clientEngine, "demo SBC", "cold", nil)}}
	for _, c := range r.checks() {
		if c.ok() {
			t.Errorf("%s counts as kept", c.text)
		}
	}
}

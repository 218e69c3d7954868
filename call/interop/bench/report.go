package main

import (
	"fmt"
	"strings"
	"time"

	"nxphone/call/interop/figures"
	"nxphone/call/interop/usage"
)

// Report is all that one run has measured. The JSON form is for comparing
// runs.
type Report struct {
	When     time.Time `json:"when"`
	Machine  string    `json:"machine"`
	Versions []string  `json:"versions"`
	Setups   []Setup   `json:"setups"`
	Calls    []Cost    `json:"calls"`
	// Window is start to window shown, in milliseconds.
	Window figures.Distribution `json:"start_to_window_ms"`
	// Taps is a press on the dial pad until the picture changes, in milliseconds.
	Taps figures.Distribution `json:"tap_to_picture_ms"`
	// Idle is what an open window costs in which nothing happens.
	Idle  usage.Usage `json:"idle"`
	Shift Shift       `json:"shift"`
	Pages []PageDelay `json:"pages"`
}

// Cost is what one call cost.
type Cost struct {
	Client string `json:"client"`
	// Place is the SBC and the codec spoken there.
	Place string `json:"place"`
	// What says with what: window or none, which sound.
	What string `json:"what"`
	usage.Usage
}

// The clients, as tables call them.
const (
	clientEngine  = "nxphone, engine"
	clientProgram = "nxphone, program"
	clientBrowser = "JsSIP in Chromium"
)

// check is one expectation and what came of it.
type check struct {
	text       string
	got, limit float64
	unit       string
}

func (c check) ok() bool { return c.got > 0 && c.got <= c.limit }

func (r *Report) setup(client, sbc, flow string) (Setup, bool) {
	for _, s := range r.Setups {
		if s.Client == client && s.SBC == sbc && s.Flow == flow {
			return s, true
		}
	}
	return Setup{}, false
}

// checks are the figures that the project holds itself to, on loopback.
func (r *Report) checks() []check {
	var all []check
	for _, s := range r.Setups {
		if s.Client == clientBrowser {
			continue
		}
		limit := 50.0
		if s.Flow == "warm" {
			limit = 10
		}
		where := fmt.Sprintf("%s, %s, %s flow", s.Client, s.SBC, s.Flow)
		all = append(all,
			check{"Dial to INVITE, median (" + where + ")", s.Invite.Median, limit, "ms"},
			check{"200 to first frame, median (" + where + ")", s.Frame.Median, 100, "ms"})
	}
	for _, c := range r.Calls {
		if c.Client == clientBrowser {
			continue
		}
		limit := 45.0
		if strings.Contains(c.What, withWindow) {
			limit = 160
		}
		all = append(all,
			check{"memory in a call (" + c.Place + ", " + c.What + ")", c.PSS, limit, "MB"},
			check{"CPU in a call (" + c.Place + ", " + c.What + ")", c.Percent(), 6, "% of a core"})
	}
	if r.Window.N > 0 {
		all = append(all, check{"start to window shown, median", r.Window.Median, 450, "ms"})
	}
	if r.Taps.N > 0 {
		all = append(all, check{"tap to picture, 95th percentile", r.Taps.P95, 50, "ms"})
	}
	if r.Idle.Seconds > 0 {
		all = append(all, check{"CPU of an idle window", r.Idle.Percent(), 1.6, "% of a core"})
	}
	if r.Shift.Calls > 0 {
		all = append(all, check{fmt.Sprintf("memory gained in a shift of %d calls", r.Shift.Calls), max(r.Shift.After-r.Shift.Before, 0.1), 20, "MB"})
	}
	for _, p := range r.Pages {
		all = append(all, check{"event to page, median (" + p.where() + ")", p.Delay.Median, 5, "ms"})
	}
	return all
}

// ratio says how many times more the browser takes.
type ratio struct {
	text           string
	phone, browser float64
}

func (r *Report) ratios() []ratio {
	var all []ratio
	for _, b := range r.Setups {
		p, ok := r.setup(clientEngine, b.SBC, b.Flow)
		if b.Client != clientBrowser || !ok {
			continue
		}
		where := fmt.Sprintf(" (%s, %s flow)", b.SBC, b.Flow)
		all = append(all,
			ratio{"Dial to INVITE, median" + where, p.Invite.Median, b.Invite.Median},
			ratio{"Dial to 200, median" + where, p.Answer.Median, b.Answer.Median},
			ratio{"200 to first frame, median" + where, p.Frame.Median, b.Frame.Median})
	}
	for _, b := range r.Calls {
		for _, p := range r.Calls {
			if b.Client == clientBrowser && p.Client != clientBrowser && p.Place == b.Place {
				all = append(all,
					ratio{"memory in a call (" + p.Place + ", " + p.What + ")", p.PSS, b.PSS},
					ratio{"CPU in a call (" + p.Place + ", " + p.What + ")", p.Percent(), b.Percent()})
			}
		}
	}
	return all
}

// markdown is the report for people; it is also what is printed.
func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# nxphone beside a browser\n\n%s; %s. %s.\n", r.When.Format("2006-01-02 15:04"), r.Machine, strings.Join(r.Versions, "; "))
	b.WriteString("\n## From the call to sound\n\nMilliseconds, minimum / median / 95th percentile over the given number of calls.\n\n")
	var rows [][]string
	for _, s := range r.Setups {
		rows = append(rows, []string{s.Client, s.SBC, s.Flow, fmt.Sprint(s.Invite.N), s.Invite.String(), s.Answer.String(), s.Frame.String()})
	}
	figures.Table(&b, []string{"client", "SBC", "flow", "calls", "Dial to INVITE", "Dial to 200", "200 to first frame"}, rows)

	b.WriteString("\n## What a call costs\n\nMemory is the largest PSS seen, summed over the program's processes.\n\n")
	rows = nil
	for _, c := range r.Calls {
		rows = append(rows, []string{c.Client, c.Place, c.What, fmt.Sprintf("%.0f s", c.Seconds), fmt.Sprintf("%.2f s", c.CPU),
			fmt.Sprintf("%.1f %%", c.Percent()), fmt.Sprintf("%.0f MB", c.PSS), fmt.Sprint(c.Processes)})
	}
	figures.Table(&b, []string{"client", "SBC", "with", "length", "CPU", "of a core", "memory", "processes"}, rows)
	if r.Window.N > 0 {
		fmt.Fprintf(&b, "\nStart to window shown: %s ms (%d starts).\n", r.Window.String(), r.Window.N)
	}

	if r.Taps.N > 0 {
		fmt.Fprintf(&b, "\nA press on the dial pad until the picture changes: %s ms (%d taps).\n", r.Taps.String(), r.Taps.N)
	}
	if r.Idle.Seconds > 0 {
		fmt.Fprintf(&b, "\nIdle window: %.1f %% of a core, %.0f MB.\n", r.Idle.Percent(), r.Idle.PSS)
	}
	if r.Shift.Calls > 0 {
		fmt.Fprintf(&b, "\nA shift: %.1f MB after %d calls, %.1f MB after %d.\n", r.Shift.Before, shiftWarm, r.Shift.After, r.Shift.Calls)
	}

	if len(r.Pages) > 0 {
		b.WriteString("\n## From the engine to web pages\n\nMilliseconds for each event and page, minimum / median / 95th percentile.\n\n")
		rows = nil
		for _, p := range r.Pages {
			rows = append(rows, []string{p.where(), fmt.Sprint(p.Delay.N), p.Delay.String()})
		}
		figures.Table(&b, []string{"", "events", "event to page"}, rows)
	}

	b.WriteString("\n## The browser against the phone\n\n")
	rows = nil
	for _, x := range r.ratios() {
		rows = append(rows, []string{x.text, fmt.Sprintf("%.1f", x.phone), fmt.Sprintf("%.1f", x.browser), fmt.Sprintf("%.1f times", x.browser/x.phone)})
	}
	figures.Table(&b, []string{"", "nxphone", "browser", "browser takes"}, rows)

	b.WriteString("\n## Expected on loopback\n\n")
	rows = nil
	for _, c := range r.checks() {
		word := "ok"
		if !c.ok() {
			word = "MISSED"
		}
		rows = append(rows, []string{c.text, fmt.Sprintf("%.1f %s", c.got, c.unit), fmt.Sprintf("at most %g", c.limit), word})
	}
	figures.Table(&b, []string{"", "measured", "expected", ""}, rows)
	return b.String()
}

// save writes bench.json and bench.md.
func (r *Report) save(dir string) error {
	return figures.Save(dir, "bench", r, r.markdown())
}

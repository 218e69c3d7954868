package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"nxphone/call/interop/jssip"
	"nxphone/call/interop/usage"
)

//go:embed page.html
var page []byte

// Browser is a page with JsSIP in a headless Chromium of its own: what a
// counsellor uses without the phone.
type Browser struct {
	ctx     context.Context
	stop    []func()
	path    string // of the program
	address string // of the page
}

// startBrowser serves the page on loopback and opens it. env is added to the
// browser's environment (its sound server).
func startBrowser(ctx context.Context, profileDir string, env []string) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	site, err := jssip.NewSite(ctx, page)
	if err != nil {
		return nil, err
	}
	b := &Browser{path: path, address: site.URL, stop: []func(){site.Close}}
	allocator, stop := chromedp.NewExecAllocator(ctx, browserOptions(path, profileDir, env)...)
	b.stop = append(b.stop, stop)
	b.ctx, stop = chromedp.NewContext(allocator)
	b.stop = append(b.stop, stop)
	if err := b.reload(); err != nil {
		b.Close()
		return nil, fmt.Errorf("chromium: %w", err)
	}
	return b, nil
}

// browserOptions are those of a browser that a test drives, without anything
// that would make it smaller or faster than a user's: no GPU process switched
// off, no process model changed.
func browserOptions(path, profileDir string, env []string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profileDir), chromedp.Env(env...),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("headless", "new"),
		chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		// The SBC's authority is one that nobody else knows.
		chromedp.Flag("ignore-certificate-errors", true),
		// Candidates on loopback, where the SBC is.
		chromedp.Flag("allow-loopback-in-peer-connection", true),
		// No look-ups, updates and reports in the background of a measurement.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses root otherwise
	}
	return options
}

// Close ends the browser and the page's server.
func (b *Browser) Close() {
	for i := len(b.stop) - 1; i >= 0; i-- {
		b.stop[i]()
	}
}

// reload gives a fresh page: no connection to the SBC, no microphone open.
func (b *Browser) reload() error {
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.address)); err != nil {
		return err
	}
	ready, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("typeof JsSIP.UA === 'function'"))
	if err == nil && !ready {
		err = errors.New("the page has no JsSIP")
	}
	return err
}

// PID is the browser's first process.
func (b *Browser) PID() int { return chromedp.FromContext(b.ctx).Browser.Process().Pid }

// Version is what the browser calls itself.
func (b *Browser) Version() string {
	text, err := exec.Command(b.path, "--version").Output()
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// call makes one call from the page and waits for its end.
func (b *Browser) call(to target, hold time.Duration, fresh bool) (timing, error) {
	if fresh {
		if err := b.reload(); err != nil {
			return timing{}, err
		}
	}
	ctx, cancel := context.WithTimeout(b.ctx, hold+30*time.Second)
	defer cancel()
	expression := fmt.Sprintf("bench.call(%q, %q, %q, %q, %d, %t)", to.URL, to.Realm, user, to.Number, hold.Milliseconds(), fresh)
	at, err := chromedp.Run(ctx, chromedp.Evaluate[struct{ Invite, Answer, Frame *float64 }](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		return timing{}, fmt.Errorf("JsSIP: %w", err)
	}
	if at.Invite == nil || at.Answer == nil || at.Frame == nil {
		return timing{}, errors.New("JsSIP: the call ended before there was sound")
	}
	return timing{*at.Invite, *at.Answer, math.Max(0, *at.Frame-*at.Answer)}, nil
}

// measure makes one call of some length and watches the browser meanwhile.
func (b *Browser) measure(to target, length time.Duration) (usage.Usage, error) {
	// On a page that has made a call before, as a counsellor's has.
	if _, err := b.call(to, time.Second, true); err != nil {
		return usage.Usage{}, err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := b.call(to, length+5*time.Second, false)
		ended <- err
	}()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("bench.inCall", chromedp.WithPollingInterval(50*time.Millisecond))); err != nil {
		return usage.Usage{}, errors.Join(err, <-ended)
	}
	u, err := usage.Watch(b.ctx, b.PID(), length)
	return u, errors.Join(err, <-ended)
}

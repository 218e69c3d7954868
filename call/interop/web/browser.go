package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"nxphone/call/interop"
)

// Options say how a browser differs from the usual one.
type Options struct {
	// Dir is where profile and cache may be written.
	Dir string
	// Hosts says where host names lead, each "NAME ADDRESS" ("*.test
	// 127.0.0.1"); the first that fits counts.
	Hosts []string
	// Public are addresses (HOST:PORT) whose pages count as loaded from the
	// internet, wherever they are.
	Public []string
	// Display is the environment of a desktop for a window to look at; nil
	// runs without one.
	Display []string
	// Flags are added to the command line.
	Flags map[string]any
}

// Browser is one Chromium. Its methods may be called from any goroutine.
type Browser struct {
	ctx  context.Context
	stop context.CancelFunc
}

// Start runs Debian's Chromium; Close must be called. It ends with ctx.
func Start(ctx context.Context, o Options) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("web: the package chromium is missing: %w", err)
	}
	allocator, stop := chromedp.NewExecAllocator(ctx, o.options(path)...)
	b := &Browser{stop: stop}
	b.ctx, _ = chromedp.NewContext(allocator) // stop ends it, too
	if err := chromedp.Do(b.ctx); err != nil {
		stop()
		return nil, fmt.Errorf("web: chromium: %w", err)
	}
	return b, nil
}

func (o Options) options(path string) []chromedp.ExecAllocatorOption {
	rules := []string{}
	for _, host := range o.Hosts {
		rules = append(rules, "MAP "+host)
	}
	// Everything else is not looked up at all.
	rules = append(rules, "MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1")
	flags := map[string]any{
		"host-resolver-rules":           strings.Join(rules, ", "),
		"disable-background-networking": true,
		"disable-component-update":      true,
		"disable-default-apps":          true,
		"disable-sync":                  true,
		"disable-popup-blocking":        true,
		"password-store":                "basic",
		// A tab in the background is a page like any other here.
		"disable-background-timer-throttling":    true,
		"disable-backgrounding-occluded-windows": true,
		"disable-renderer-backgrounding":         true,
	}
	if o.Display == nil {
		flags["headless"] = "new"
	}
	if len(o.Public) > 0 {
		var spaces []string
		for _, address := range o.Public {
			spaces = append(spaces, address+"=public")
		}
		flags["ip-address-space-overrides"] = strings.Join(spaces, ",")
	}
	for name, value := range o.Flags {
		flags[name] = value
	}
	all := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(o.Dir, "profile")),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Env(append(interop.Home(o.Dir), o.Display...)...),
	}
	for name, value := range flags {
		all = append(all, chromedp.Flag(name, value))
	}
	if os.Geteuid() == 0 {
		all = append(all, chromedp.NoSandbox) // it refuses root otherwise
	}
	return all
}

// Close ends the browser and waits for it.
func (b *Browser) Close() { b.stop() }

// Visitor is one user of the browser: storage and permissions are shared by
// the user's tabs, and with nobody else's.
type Visitor struct {
	b  *Browser
	id cdp.BrowserContextID
}

// NewVisitor makes a user who has never been anywhere. Close must be called.
func (b *Browser) NewVisitor() (*Visitor, error) {
	r, err := chromedp.CallBrowser(b.ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		return nil, fmt.Errorf("web: a new visitor: %w", err)
	}
	return &Visitor{b, r.BrowserContextID}, nil
}

// Close closes what tabs are left and forgets everything about the user.
func (v *Visitor) Close() {
	// A browser that is gone has no visitors either.
	_, _ = chromedp.CallBrowser(v.b.ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: v.id})
}

// Permit answers for the user what a page's origin may do: setting is
// "granted", "denied" or "prompt".
func (v *Visitor) Permit(origin, permission, setting string) error {
	_, err := chromedp.CallBrowser(v.b.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: permission}, Setting: browser.PermissionSetting(setting),
		Origin: origin, BrowserContextID: v.id,
	})
	if err != nil {
		return fmt.Errorf("web: permission %s: %w", permission, err)
	}
	return nil
}

// Page is one tab. Its methods may be called from any goroutine, but only one
// may navigate at a time.
type Page struct {
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup // the goroutines that close dialogs

	mu     sync.Mutex
	closed bool
	seen   []Seen
	wake   chan struct{} // closed and renewed with every entry
}

// Seen is one thing that was seen of a page.
type Seen struct {
	// At is when it was received.
	At time.Time
	// Kind is [Told] or [Noted] for what the page gave to these functions,
	// "dialog" for an alert, "response" for what a server answered ("STATUS
	// URL"), and for the console its method ("log", "warning", "error") or
	// "exception".
	Kind string
	// Text is the string, the message, or what the console shows.
	Text string
}

// The functions that every page is given; each takes one string. The page's
// callback calls told, what a test does in a page calls noted.
const (
	Told  = "told"
	Noted = "noted"
)

// NewTab opens an empty tab.
func (v *Visitor) NewTab() (*Page, error) {
	p := &Page{wake: make(chan struct{})}
	p.ctx, p.stop = chromedp.NewContext(v.b.ctx, chromedp.WithExistingBrowserContext(v.id))
	err := chromedp.Listen(p.ctx, p.take)
	for _, name := range []string{Told, Noted} {
		if err == nil {
			_, err = chromedp.Call(p.ctx, runtime.AddBinding, runtime.AddBindingParams{Name: name})
		}
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("web: a new tab: %w", err)
	}
	return p, nil
}

// Close closes the tab, as its user does.
func (p *Page) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.stop()
	p.work.Wait()
}

// take is called for each event of the tab, in order.
func (p *Page) take(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventBindingCalled:
		if ev.Name == Told || ev.Name == Noted {
			p.add(ev.Name, ev.Payload)
		}
	case *runtime.EventConsoleAPICalled:
		p.add(string(ev.Type), consoleText(ev.Args))
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			text += " " + e.Description
		}
		p.add("exception", text)
	case *network.EventResponseReceived:
		p.add("response", fmt.Sprintf("%d %s", ev.Response.Status, ev.Response.URL))
	case *page.EventJavascriptDialogOpening:
		p.add("dialog", ev.Message)
		// The page stands still until it is answered; so would this function.
		p.later(func() {
			// A tab that is gone has no dialog any more.
			_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		})
	}
}

// later runs what may not be done in take.
func (p *Page) later(act func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.work.Go(act)
	}
}

func consoleText(args []*runtime.RemoteObject) string {
	var parts []string
	for _, a := range args {
		var text string
		if a.Value == nil {
			text = a.Description
		} else if json.Unmarshal(a.Value, &text) != nil {
			text = string(a.Value) // a number, say
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func (p *Page) add(kind, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, Seen{time.Now(), kind, text})
	close(p.wake)
	p.wake = make(chan struct{})
}

// Seen is everything of a kind so far, in order.
func (p *Page) Seen(kind string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var texts []string
	for _, s := range p.seen {
		if s.Kind == kind {
			texts = append(texts, s.Text)
		}
	}
	return texts
}

// All is everything so far, with its times.
func (p *Page) All() []Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Seen(nil), p.seen...)
}

// Wait looks at what has been seen, now and after each change, until cond
// holds.
func (p *Page) Wait(ctx context.Context, what string, cond func() bool) error {
	for {
		p.mu.Lock()
		wake := p.wake
		p.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-wake:
		case <-p.ctx.Done():
			return fmt.Errorf("web: waiting for %s: the tab is gone", what)
		case <-ctx.Done():
			return fmt.Errorf("web: waiting for %s: %w", what, context.Cause(ctx))
		}
	}
}

// bound derives a context that ends with the page's and with ctx.
func (p *Page) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	both, cancel := context.WithCancelCause(p.ctx)
	release := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return both, func() { release(); cancel(nil) }
}

// Open loads an address and waits until the page is there.
func (p *Page) Open(ctx context.Context, address string) error {
	both, cancel := p.bound(ctx)
	defer cancel()
	if err := chromedp.Do(both, chromedp.Navigate(address)); err != nil {
		return fmt.Errorf("web: open %s: %w", address, errors.Join(err, context.Cause(both)))
	}
	return nil
}

// Reload loads the page again.
func (p *Page) Reload(ctx context.Context) error {
	both, cancel := p.bound(ctx)
	defer cancel()
	if err := chromedp.Do(both, chromedp.Reload()); err != nil {
		return fmt.Errorf("web: reload: %w", errors.Join(err, context.Cause(both)))
	}
	return nil
}

// Eval runs an expression in a page and gives its value; a promise is awaited.
func Eval[T any](ctx context.Context, p *Page, expression string) (T, error) {
	both, cancel := p.bound(ctx)
	defer cancel()
	v, err := chromedp.Run(both, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		err = fmt.Errorf("web: %s: %w", expression, errors.Join(err, context.Cause(both)))
	}
	return v, err
}

// PID is the browser's first process.
func (b *Browser) PID() int { return chromedp.FromContext(b.ctx).Browser.Process().Pid }

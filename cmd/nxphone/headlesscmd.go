package main

import (
	"context"
	"encoding/json"
	"fmt"

	"nxphone/call/profile"
)

// runHeadless is "nxphone headless": the phone with its web API and no window,
// for tests, and for desks whose window is the web page.
func runHeadless(ctx context.Context, p *program, o options) int {
	if err := p.letPagesIn(o.origins); err != nil {
		return p.fail(err)
	}
	if !p.store.Get().WebAPI {
		// Only what stands over the command line can say so.
		p.tell(p.text("cli.web.policy"), "("+p.store.Value(profile.KeyWebAPI).Origin+")")
		return exitFailed
	}
	ph, err := p.openPhone(ctx, o)
	if err != nil && ctx.Err() != nil {
		return exitOK // it was told to end before it had begun
	}
	if err != nil {
		return p.fail(err)
	}
	desk := p.openDesk(ph, o, false)
	defer desk.close()
	defer ph.close()
	defer p.stayAwake(ph)()
	defer p.openButtons(ph).close()
	if err := ph.checkCA(); err != nil {
		return p.usage(err)
	}
	w, err := p.newWeb(ph, desk.shift, webFace{code: p.sayCode})
	if err != nil {
		p.sayWeb(err)
		return exitFailed
	}
	defer w.close()
	defer w.drain()
	addr, err := w.follow(ctx)
	if err != nil && ctx.Err() != nil {
		return exitOK
	}
	if err != nil {
		p.sayWeb(err)
		return exitFailed
	}
	w.watch(p.sayWeb)
	ph.warm()
	fmt.Fprintf(p.stdout, "web-api http://%s\n", addr)
	if ph.demo != nil {
		ws, wss := ph.demo.URLs()
		fmt.Fprintf(p.stdout, "sbc %s\nsbc %s\n", wss, ws)
	}
	defer p.followOrders(ctx, ph, func(ctx context.Context) {
		if _, err := w.follow(ctx); err != nil {
			p.sayWeb(err)
		}
	}).close()
	<-ctx.Done()
	w.drain()
	if err := ph.close(); err != nil {
		return p.fail(err)
	}
	return exitOK
}

// letPagesIn switches the web API on for this run and adds the origins that the
// command line allows.
func (p *program) letPagesIn(origins []string) error {
	list, err := json.Marshal(append([]string{}, origins...))
	if err != nil {
		return err
	}
	on, err := profile.NewLayer(profile.SourceFlag, "headless", map[profile.Key]string{profile.KeyWebAPI: "true"})
	if err != nil {
		return err
	}
	allowed, err := profile.NewLayer(profile.SourceFlag, "--allow-origin", map[profile.Key]string{profile.KeyWebAPIOrigins: string(list)})
	if err != nil {
		return err
	}
	if err := p.store.Add(on); err != nil {
		return err
	}
	return p.store.Add(allowed)
}

// sayCode tells the code that somebody at this computer types into a page.
func (p *program) sayCode(origin, code string) (hide func()) {
	p.tell(p.words.Text("cli.web.pair", "origin", origin, "code", code), "")
	return func() {}
}

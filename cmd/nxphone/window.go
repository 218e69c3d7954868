package main

import (
	"context"
	"os"

	"nxphone/audio/device"
	"nxphone/call/kiosk/systemd"
	"nxphone/ui"
)

// demoNumbers are the demo SBC's, for the window to explain.
func demoNumbers() []string {
	return []string{"600", "601", "602", "603", "604", "605", "606", "607"}
}

// runWindow is "nxphone": the phone with its window. It keeps the main
// goroutine until the window is closed or ctx ends.
func runWindow(ctx context.Context, p *program, o options) int {
	if o.kiosk {
		return p.runKiosk(ctx, o, ui.RunKiosk)
	}
	first, handed := p.enter(ctx, o)
	if handed {
		p.tell(p.text("cli.handed"), "")
		p.started()
		return exitOK
	}
	pages := newWebWindow()
	shown, leave := answerOthers(first, pages.show)
	defer leave()
	ph, err := p.openPhone(ctx, o)
	if err != nil {
		return p.fail(err)
	}
	desk := p.openDesk(ph, o, true)
	defer desk.close()
	defer ph.close()
	defer p.stayAwake(ph)()
	around := p.openSurroundings(ph, o)
	defer around.close()
	bell := p.openBell(ph, desk.shift)
	defer bell.close()
	pages.asks = func() { bell.ring(strokeUp()) }
	buttons := p.openButtons(ph)
	defer buttons.close()
	physician := &windowDoctor{p: p, ph: ph, o: o}
	win := ui.Options{
		Session: around, Settings: windowSettings{ph, nil}, Handed: pages.numbers, OnShown: shown,
		Shift: desk.shift, Recent: desk.recent, Check: checker{ph, o.demo}, Doctor: physician, Headset: buttons,
	}
	web, err := p.newWeb(ph, desk.shift, webFace{window: pages, code: pages.showCode})
	if err != nil {
		p.sayWeb(err) // calls can be made all the same
	} else {
		defer web.close()
		if _, err := web.follow(ctx); err != nil {
			p.sayWeb(err)
		}
		web.watch(p.sayWeb)
		physician.listening = web.port
		win.Settings, win.Web = windowSettings{ph, web}, pages
	}
	orders := p.followOrders(ctx, ph, func(ctx context.Context) {
		if web != nil {
			if _, err := web.follow(ctx); err != nil {
				p.sayWeb(err)
			}
		}
	})
	defer orders.close()
	win.Orders, win.Enrol = orders.told, orders.enrol
	showing, endShow := context.WithCancel(ctx)
	defer endShow()
	newer := p.followUpdates(ctx, ph, endShow)
	defer newer.close()
	win.Updates = newer
	code := p.showWindow(showing, ph, o, win)
	newer.close()
	orders.close()
	leave() // whoever starts the program from now on opens a window
	if web != nil {
		web.drain()
	}
	if err := ph.close(); err != nil && code == exitOK {
		return p.fail(err)
	}
	return code
}

// showWindow shows the window until it is closed or ctx ends. win holds what
// hangs on the web API.
func (p *program) showWindow(ctx context.Context, ph *phone, o options, win ui.Options) int {
	win.Phone, win.Devices, win.Levels, win.Sound = ph.engine, ph.listDevices, ph.media.Levels, ph.devices
	win.Number, win.Version, win.Logger, win.Faults = o.tel, version, p.log, p.faults
	shown := win.OnShown
	win.OnShown = func() {
		saveMemory(os.Getenv)
		p.log.Info("the window is shown")
		p.started()
		shown()
	}
	if o.demo {
		win.Demo = &ui.Demo{Numbers: demoNumbers()}
	}
	ph.warm()
	if err := ui.Run(ctx, win); err != nil {
		p.tell(ui.Explain(err, p.words))
		return exitFailed
	}
	return exitOK
}

// started tells a service manager, where there is one (nxphone.service), that
// the phone is there.
func (p *program) started() {
	if err := systemd.New(os.Getenv).Send("READY=1"); err != nil {
		p.log.Warn("the service manager was not told that the phone has started", "error", err)
	}
}

// listDevices is ui.DeviceLister.
func (ph *phone) listDevices(ctx context.Context) (mics, speakers []ui.Device, err error) {
	m, s, err := ph.host.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	return windowDevices(m), windowDevices(s), nil
}

func windowDevices(list []device.Info) []ui.Device {
	out := make([]ui.Device, len(list))
	for i, d := range list {
		out[i] = ui.Device{ID: d.ID, Name: d.Name, Default: d.Default}
	}
	return out
}

package main

import (
	"context"
	"errors"

	"nxphone/assets/text"
	"nxphone/audio/device"
	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/look"
)

// demoNumbers are the demo SBC's, for the window to explain.
func demoNumbers() []string {
	return []string{"600", "601", "602", "603", "604", "605", "606", "607"}
}

// runWindow is "nxphone": the phone with its window. It keeps the main
// goroutine until the window is closed or ctx ends.
func runWindow(ctx context.Context, p *program, o options) int {
	if o.kiosk {
		p.tell(p.text("cli.kiosk"), "")
		return exitUsage
	}
	if o.tel != "" && handOver(ctx, o.tel) {
		return exitOK
	}
	ph, err := p.openPhone(ctx, o)
	if err != nil {
		return p.fail(err)
	}
	defer ph.close()
	desk := newWebWindow()
	win := ui.Options{Settings: windowSettings{ph, nil}}
	web, err := p.newWeb(ph, webFace{window: desk, code: desk.showCode})
	if err != nil {
		p.sayWeb(err) // calls can be made all the same
	} else {
		defer web.close()
		if _, err := web.follow(ctx); err != nil {
			p.sayWeb(err)
		}
		web.watch(p.sayWeb)
		win = ui.Options{Settings: windowSettings{ph, web}, Web: desk, Handed: desk.numbers}
	}
	code := p.showWindow(ctx, ph, o, win)
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
	win.Phone, win.Devices = ph.engine, ph.listDevices
	win.Number, win.Version, win.Logger = o.tel, version, p.log
	win.OnShown = func() { p.log.Info("the window is shown") }
	if l, ok := text.Parse(ph.store.Get().Lang); ok && ph.store.Value(profile.KeyLang).Locked() {
		win.Lang = l
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

// windowSettings lets the window read and change the settings.
type windowSettings struct {
	ph  *phone
	web *web // nil where there is none
}

// Values are the effective settings: what flags, environment or the demo say
// is shown as it is in force.
func (w windowSettings) Values() ui.Values {
	s := w.ph.store.Get()
	lang, _ := text.Parse(s.Lang)
	own, given := w.ph.store.Origins()
	return ui.Values{
		Realm: s.Realm, DN: s.DN, URL: s.URL, PushToken: s.PushToken, CAFile: s.CA, User: s.User,
		Microphone: s.Microphone, Speaker: s.Speaker, Lang: lang, Theme: look.Brightness(s.Theme),
		WebAPI: s.WebAPI, WebAPIFixed: w.ph.store.Value(profile.KeyWebAPI).Locked(),
		Origins: own, FixedOrigins: given,
	}
}

// Save writes what changed into the user's file and fetches the password that
// belongs to the new line.
func (w windowSettings) Save(ctx context.Context, v ui.Values) error {
	err := w.ph.store.Set(func(s *profile.Settings) {
		s.Realm, s.DN, s.URL, s.CA, s.User = v.Realm, v.DN, v.URL, v.CAFile, v.User
		s.Microphone, s.Speaker = v.Microphone, v.Speaker
		s.Lang, s.Theme = string(v.Lang), string(v.Theme)
		s.WebAPI = v.WebAPI // origins come and go by the question and Revoke
	})
	if err != nil {
		return err
	}
	if err := w.ph.loadPassword(ctx); err != nil {
		// The settings are saved all the same; a call that needs the
		// password says so itself.
		w.ph.log.Info("no password", "error", err)
	}
	w.ph.warm()
	return w.letPages(ctx)
}

// letPages puts the switch for web pages in force.
func (w windowSettings) letPages(ctx context.Context) error {
	if w.web == nil {
		return nil
	}
	_, err := w.web.follow(ctx)
	switch { // all has been saved, whatever keeps pages out
	case errors.Is(err, errSecret):
		return errors.Join(ui.ErrWebAPIKey, err)
	case err != nil:
		return errors.Join(ui.ErrWebAPI, err)
	}
	return nil
}

// account is the keyring's name for the password of v.
func account(v ui.Values) string {
	s := profile.Settings{User: v.User, DN: v.DN}
	return profile.Account(s.AuthUser(), v.Realm)
}

func (w windowSettings) HasPassword(ctx context.Context, v ui.Values) (bool, error) {
	if w.ph.store.Get().PasswordFile != "" {
		return true, nil
	}
	_, err := w.ph.keyring.Get(ctx, account(v))
	switch {
	case errors.Is(err, profile.ErrNoPassword):
		return false, nil
	case errors.Is(err, profile.ErrNoKeyring):
		return false, ui.ErrNoKeyring
	}
	return err == nil, err
}

func (w windowSettings) SetPassword(ctx context.Context, v ui.Values, password string) error {
	var err error
	if password == "" {
		err = w.ph.keyring.Delete(ctx, account(v))
		if errors.Is(err, profile.ErrNoPassword) {
			err = nil
		}
	} else {
		err = w.ph.keyring.Set(ctx, account(v), password)
	}
	if errors.Is(err, profile.ErrNoKeyring) {
		return ui.ErrNoKeyring
	}
	if err == nil {
		err = w.ph.loadPassword(ctx)
	}
	return err
}

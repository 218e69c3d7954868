package main

import (
	"context"
	"errors"

	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/present"
)

// windowSettings lets the window read and change the settings.
type windowSettings struct {
	ph  *phone
	web *web // nil where there is none
}

// Values are the effective settings: what flags, environment or the demo say
// is shown as it is in force.
func (w windowSettings) Values() ui.Values {
	keys := map[string]present.Setting{}
	for _, v := range w.ph.store.Values() {
		keys[string(v.Key)] = shown(v)
	}
	out := ui.NewValues(keys)
	out.Origins, out.FixedOrigins = w.ph.store.Origins()
	return out
}

// shown is a value with its source, as the window knows them.
func shown(v profile.Value) present.Setting {
	return present.Setting{
		Text: v.Text, From: present.From(v.Source.String()), Place: v.Origin, Locked: v.Locked(), Held: v.Held != "", Sensitive: v.Sensitive,
	}
}

// Check is profile's own rule.
func (w windowSettings) Check(key, value string) bool {
	return profile.Check(profile.Key(key), value) == nil
}

// Save writes what changed into the user's file and fetches the password that
// belongs to the new line.
func (w windowSettings) Save(ctx context.Context, changes map[string]string) error {
	texts := map[profile.Key]string{}
	for k, v := range changes {
		texts[profile.Key(k)] = v
	}
	if err := w.ph.store.SetTexts(texts); err != nil {
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

// Export is the user's own settings without secrets.
func (w windowSettings) Export() ([]byte, error) { return w.ph.store.Export() }

// Import says what a file would change.
func (w windowSettings) Import(data []byte) (present.Import, error) {
	got, err := w.ph.store.Import("", data)
	if err != nil {
		return present.Import{}, fileFault(err)
	}
	var out present.Import
	for _, c := range got.Changes {
		out.Changes = append(out.Changes, present.Change{Key: string(c.After.Key), Before: shown(c.Before), After: shown(c.After)})
	}
	for _, k := range got.Kept {
		out.Kept = append(out.Kept, string(k))
	}
	return out, nil
}

// fileFault is the first fault of a file, with its place.
func fileFault(err error) error {
	fault := &present.FileFault{Detail: err.Error(), Err: err}
	var e *profile.Error
	if errors.As(err, &e) {
		fault.Key, fault.Line, fault.Column, fault.Detail = string(e.Key), e.Line, e.Column, e.Detail
	}
	return fault
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

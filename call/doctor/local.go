package doctor

import (
	"cmp"
	"context"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"nxphone/call"
	"nxphone/call/profile"
)

// settings judges what was read, and whether calls can be made with it.
func (o Options) settings(_ context.Context, tell func(...Finding)) {
	var mine, orders []Finding
	for _, err := range apart(o.Faults) {
		mine = append(mine, settingsFault(err))
	}
	for _, err := range apart(o.PolicyFaults) {
		orders = append(orders, policyFault(err))
	}
	mine = append(mine, o.lineSettings()...)
	mine = append(mine, o.files()...)
	if len(mine) == 0 {
		mine = append(mine, Find(SettingsOK))
	}
	switch {
	case len(orders) > 0:
	case o.Policies > 0:
		orders = append(orders, Find(PoliciesOK, "count", strconv.Itoa(o.Policies)))
	default:
		orders = append(orders, Find(PoliciesNone))
	}
	tell(append(mine, orders...)...)
}

// apart takes joined errors apart.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, apart(e)...)
	}
	return all
}

// settingsFault is a fault of package profile. Its text holds rules and places,
// never a value.
func settingsFault(err error) Finding {
	var e *profile.Error
	if !errors.As(err, &e) {
		return Find(SettingsBroken, "file", "?").With(err.Error())
	}
	code := SettingsFault
	if e.Code == profile.CodeFileBroken || e.Code == profile.CodeFileUnreadable {
		code = SettingsBroken
	}
	return Find(code, "file", place(e), "key", string(e.Key)).With(e.Detail)
}

// policyFault is a fault of the organisation's orders.
func policyFault(err error) Finding {
	var e *profile.Error
	if !errors.As(err, &e) {
		return Find(ProvisionFault).With(err.Error())
	}
	code := PolicyFault
	switch e.Code {
	case profile.CodePolicyUnsafe:
		code = PolicyIgnored
	case profile.CodePolicyKept:
		code = PolicyKept
	case profile.CodePolicyGuarded:
		code = PolicyGuarded
	case profile.CodePolicyUnkept:
		code = PolicyUnkept
	}
	return Find(code, "file", place(e), "key", string(e.Key)).With(e.Detail)
}

// place is where a fault stands.
func place(e *profile.Error) string {
	at := cmp.Or(e.Source, string(e.Key), "?")
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	return at
}

// anyNumber stands for a number that somebody may dial.
const anyNumber = "100"

// lineSettings says whether a call could be placed.
func (o Options) lineSettings() []Finding {
	s := o.Settings
	err := call.Request{Realm: s.Realm, DN: s.DN, Tel: anyNumber, URL: s.URL}.Validate()
	switch code := call.CodeOf(err); code {
	case "":
		return nil
	case call.CodeEmptyRealm, call.CodeEmptyDN, call.CodeEmptyURL:
		return []Finding{Find(LineMissing, "key", strings.TrimPrefix(string(code), "empty-"))}
	default:
		return []Finding{Find(LineWrong, "key", strings.TrimPrefix(string(code), "bad-"))}
	}
}

// files judges the files that settings name.
func (o Options) files() []Finding {
	var out []Finding
	s := o.Settings
	if s.CA != "" {
		text, err := profile.ReadPlain(s.CA)
		block, _ := pem.Decode(text)
		switch {
		case err != nil:
			out = append(out, Find(CAFileFault, "file", s.CA).With(brief(err)))
		case block == nil || block.Type != "CERTIFICATE":
			out = append(out, Find(CAFileFault, "file", s.CA).With("no certificate in it"))
		}
	}
	if s.PasswordFile == "" {
		return out
	}
	text, err := profile.ReadPlain(s.PasswordFile)
	first, _, _ := strings.Cut(string(text), "\n")
	info, statErr := os.Stat(s.PasswordFile)
	switch {
	case err != nil:
		out = append(out, Find(PasswordFileFault, "file", s.PasswordFile).With(brief(err)))
	case strings.TrimSpace(first) == "":
		out = append(out, Find(PasswordFileFault, "file", s.PasswordFile).With("the first line is empty"))
	case statErr == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		out = append(out, Find(PasswordFileOpen, "file", s.PasswordFile))
	}
	return out
}

// The limits of free space: a log and a recording of the settings need little,
// a desktop that is full fails in odd ways long before.
const (
	lowBelow  = 200 << 20
	fullBelow = 5 << 20
)

// disk judges the folders that the phone writes into.
func (o Options) disk(_ context.Context, tell func(...Finding)) {
	var out []Finding
	for _, dir := range o.Dirs {
		at := existing(dir)
		left, err := o.Free(at)
		args := []string{"folder", dir, "megabytes", strconv.FormatUint(left>>20, 10)}
		switch {
		case err != nil:
			out = append(out, Find(DiskUnknown, args...).With(brief(err)))
			continue
		case left < fullBelow:
			out = append(out, Find(DiskFull, args...))
			continue
		case left < lowBelow:
			out = append(out, Find(DiskLow, args...))
		}
		if err := writable(at); err != nil {
			out = append(out, Find(DiskDenied, args...).With(brief(err)))
		}
	}
	if len(out) == 0 && len(o.Dirs) > 0 {
		out = append(out, Find(DiskOK))
	}
	if len(out) == 0 {
		out = append(out, Find(DiskUnknown, "folder", ""))
	}
	tell(out...)
}

// existing is dir or the nearest folder above it that is there.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

// writable makes a file and takes it away again.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".nxphone-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// keyring judges whether the password of the line can be had.
func (o Options) keyring(ctx context.Context, tell func(...Finding)) {
	if o.Settings.PasswordFile != "" || o.Secret == nil {
		tell(Find(KeyringNeedless))
		return
	}
	err := o.Secret(ctx)
	code := profile.CodeOf(err)
	switch {
	case err == nil:
		tell(Find(KeyringOK))
	case code == profile.CodeNoPassword:
		tell(Find(KeyringEmpty))
	case code == profile.CodeKeyringLocked:
		tell(Find(KeyringLocked))
	case code == profile.CodeKeyringTimeout, ctx.Err() != nil:
		tell(Find(KeyringTimeout))
	default:
		tell(Find(KeyringNone).With(words(err)))
	}
}

// words are the system's own behind an error of package profile.
func words(err error) string {
	var e *profile.Error
	if errors.As(err, &e) {
		return e.Detail
	}
	return err.Error()
}

// webAPI judges whether web pages can find the phone.
func (o Options) webAPI(ctx context.Context, tell func(...Finding)) {
	switch {
	case !o.Settings.WebAPI:
		tell(Find(WebAPIOff))
		return
	case o.Listening != 0:
		tell(Find(WebAPIOpen, "port", strconv.Itoa(o.Listening)))
		return
	}
	var lc net.ListenConfig
	for _, port := range o.Ports {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			_ = l.Close() // it was never handed to anybody
			tell(Find(WebAPIOK, "port", strconv.Itoa(port)))
			return
		}
	}
	first, last := "", ""
	if n := len(o.Ports); n > 0 {
		first, last = strconv.Itoa(o.Ports[0]), strconv.Itoa(o.Ports[n-1])
	}
	tell(Find(WebAPIBusy, "first", first, "last", last))
}

// tidy makes the system's words fit for a line: printable and of bounded length.
func tidy(s string) string {
	const most = 240
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

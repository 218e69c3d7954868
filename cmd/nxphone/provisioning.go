package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nxphone/call/profile"
	"nxphone/call/provision"
)

// provisioning is what the settings say of the organisation's server. Two are
// the same where one client serves both.
type provisioning struct {
	url, ca, certificate, privateKey string
	keys                             string // joined
	every                            string
}

func provisioningOf(s profile.Settings) provisioning {
	return provisioning{
		url: s.ProvisionURL, ca: s.CA, certificate: s.ProvisionCertificate, privateKey: s.ProvisionPrivateKey,
		keys: strings.Join(s.ProvisionKeys, " "), every: s.ProvisionEvery.String(),
	}
}

// newProvision makes the client for the organisation's server, nil where the
// settings name none. They are those of this computer (profile.Store.Local): by
// what the server itself orders it could cut the phone off from its next word. A
// client beside an error is one for which a file of the settings cannot be read: what
// was kept holds all the same, or whoever names such a file would be free of all
// orders.
func (p *program) newProvision(s profile.Settings, keyring *profile.Keyring) (*provision.Client, error) {
	return p.newProvisionIn(stateFolder(), s, keyring)
}

// newProvisionIn is the same for one who keeps things in another folder, "" for
// nowhere.
func (p *program) newProvisionIn(dir string, s profile.Settings, keyring *profile.Keyring) (*provision.Client, error) {
	if s.ProvisionURL == "" {
		return nil, nil
	}
	o := provision.Options{
		URL: s.ProvisionURL, Every: s.ProvisionEvery, UserAgent: "nxphone/" + version, Logger: p.log,
		Token: func(ctx context.Context) (string, error) { return provisionToken(ctx, s.ProvisionURL, keyring) },
		Check: func(d provision.Document) error {
			_, refused, _ := provisionedLayers(d)
			return refused
		},
	}
	if dir != "" {
		o.Kept = filepath.Join(dir, "provisioned.json")
	}
	for _, text := range s.ProvisionKeys {
		k, err := provision.ParseKey(text) // the settings have checked it
		if err != nil {
			return nil, err
		}
		o.Keys = append(o.Keys, k)
	}
	var fault error
	if s.CA != "" {
		pem, err := profile.ReadPlain(s.CA)
		if err != nil {
			fault = &provision.Error{Code: provision.CodeConfig, Detail: "the CA file cannot be read: " + err.Error(), Err: err}
		}
		o.Roots = roots(pem) // the system's at least: what comes is signed
	}
	if s.ProvisionCertificate != "" {
		key := s.ProvisionPrivateKey
		if key == "" {
			key = s.ProvisionCertificate
		}
		o.Certificate = func() (*tls.Certificate, error) {
			c, err := tls.LoadX509KeyPair(s.ProvisionCertificate, key)
			return &c, err
		}
	}
	c, err := provision.New(o)
	return c, cmp.Or(err, fault)
}

// provisionedLayers are the settings of a document.
func provisionedLayers(d provision.Document) (layers []profile.Layer, refused, unknown error) {
	return profile.Provisioned(fmt.Sprintf("provisioned version %d", d.Version), d.Managed, d.Recommended)
}

// fromServer is what a server's document adds to the organisation's orders.
func fromServer(st provision.Status) (layers []profile.Layer, faults error) {
	faults = st.Err
	switch {
	case st.Document != nil:
		var refused, unknown error
		layers, refused, unknown = provisionedLayers(*st.Document)
		faults = errors.Join(faults, refused, unknown)
	case st.Lost:
		guard, fault := profile.Lost("provisioned.json")
		layers, faults = []profile.Layer{guard}, errors.Join(faults, fault)
	}
	return layers, faults
}

// keptFromServer is what was kept of the server, before anything is fetched.
func (p *program) keptFromServer(s profile.Settings) (provision.Status, error) {
	c, err := p.newProvision(s, nil)
	if c == nil {
		return provision.Status{}, err
	}
	st := c.Last()
	st.Err = errors.Join(err, st.Err)
	return st, nil
}

// provisionAccount is the token's name in the keyring.
func provisionAccount(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return "provisioning " + strings.ToLower(u.Host)
}

// tokenFile keeps the token where there is no keyring: a booth's user has none.
func tokenFile() string {
	dir := stateFolder()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "provision.token")
}

// provisionToken finds the token, "" for none.
func provisionToken(ctx context.Context, address string, keyring *profile.Keyring) (string, error) {
	if data, err := readToken(tokenFile()); err == nil || !errors.Is(err, fs.ErrNotExist) {
		host, token, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
		if err != nil || "provisioning "+host == provisionAccount(address) {
			return token, err
		}
	}
	if keyring == nil {
		return "", nil
	}
	// A keyring that is locked is no reason not to ask: the server may know this
	// computer by its certificate. Where it does not, that is told.
	token, err := keyring.Get(ctx, provisionAccount(address))
	if err != nil {
		return "", ctx.Err()
	}
	return token, nil
}

func readToken(path string) ([]byte, error) {
	if path == "" {
		return nil, fs.ErrNotExist
	}
	return profile.ReadPlain(path)
}

// keepToken keeps the token in the keyring, or in a file for the user alone.
func keepToken(ctx context.Context, address, token string, keyring *profile.Keyring) error {
	path := tokenFile()
	if keyring != nil && keyring.Set(ctx, provisionAccount(address), token) == nil {
		if path != "" {
			_ = os.Remove(path) // an older one would be found first
		}
		return nil
	}
	if path == "" {
		return errors.New("there is no place to keep a token")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".token-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%s %s\n", strings.TrimPrefix(provisionAccount(address), "provisioning "), token)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// enrol exchanges a code for a token and keeps that.
func (p *program) enrol(ctx context.Context, s profile.Settings, keyring *profile.Keyring, code string) error {
	c, err := p.newProvision(s, keyring)
	if err != nil {
		return err
	}
	if c == nil {
		return &provision.Error{Code: provision.CodeConfig, Detail: "provision-url is not set"}
	}
	token, err := c.Enrol(ctx, code)
	if err != nil {
		return err
	}
	if err := keepToken(ctx, s.ProvisionURL, token, keyring); err != nil {
		return &provision.Error{Code: provision.CodeKept, Detail: err.Error(), Err: err}
	}
	return nil
}

// enrolCode is "nxphone policy enrol": it reads the code from in, where no list
// of processes shows it, and fetches the document with what it got for it.
func (p *program) enrolCode(ctx context.Context, o options, in io.Reader) int {
	line, _ := bufio.NewReader(io.LimitReader(in, 8192)).ReadString('\n')
	if err := p.enrol(ctx, p.store.Local(), profile.NewKeyring(), line); err != nil {
		return p.fail(err)
	}
	return p.fetchPolicy(ctx, o)
}

// fetchPolicy is "nxphone policy fetch": it asks the organisation's server once
// and says what came of it.
func (p *program) fetchPolicy(ctx context.Context, _ options) int {
	c, err := p.newProvision(p.store.Local(), profile.NewKeyring())
	if err == nil && c == nil {
		err = &provision.Error{Code: provision.CodeConfig, Detail: "provision-url is not set"}
	}
	if err != nil {
		return p.fail(err)
	}
	st := c.Fetch(ctx)
	if st.Document != nil {
		fmt.Fprintf(p.stdout, "version %d\nexpires %s\n", st.Document.Version, st.Document.Expires.UTC().Format("2006-01-02T15:04:05Z"))
	}
	_, faults := fromServer(st)
	for _, err := range apart(faults) {
		p.say(err)
	}
	if faults != nil {
		return exitFailed
	}
	return exitOK
}

// makeKey is "nxphone policy keygen FILE": it writes a new signing key into a
// file that is not there yet and prints what belongs into provision-keys.
func (p *program) makeKey(o options) int {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return p.fail(err)
	}
	text, err := provision.FormatPrivateKey(private)
	if err != nil {
		return p.fail(err)
	}
	f, err := os.OpenFile(o.words[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return p.fail(fmt.Errorf("%w: %w", errUsage, err))
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return p.fail(err)
	}
	fmt.Fprintln(p.stdout, provision.FormatKey(public))
	return exitOK
}

// signDocument is "nxphone policy sign KEY DOCUMENT": it prints the document in
// its signed envelope. What no phone would take is told and not signed.
func (p *program) signDocument(o options) int {
	var texts [2][]byte
	for i, name := range o.words {
		var err error
		if texts[i], err = profile.ReadPlain(name); err != nil {
			return p.fail(fmt.Errorf("%w: %w", errUsage, err))
		}
	}
	key, err := provision.ParsePrivateKey(texts[0])
	if err != nil {
		return p.fail(fmt.Errorf("%w: %s: %w", errUsage, o.words[0], err))
	}
	out, err := provision.Seal(texts[1], key)
	if err != nil {
		return p.fail(err)
	}
	doc, err := provision.Open(out, []ed25519.PublicKey{key.Public().(ed25519.PublicKey)})
	if err != nil {
		return p.fail(err)
	}
	_, refused, unknown := provisionedLayers(doc)
	if faults := slices.Concat(apart(refused), apart(unknown)); len(faults) > 0 {
		for _, err := range faults {
			p.say(err)
		}
		return exitFailed
	}
	if _, err := p.stdout.Write(out); err != nil {
		return p.fail(err)
	}
	return exitOK
}

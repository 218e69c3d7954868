package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nxphone/call/profile"
	"nxphone/call/webapi/origin"
)

// options is the command line, parsed. Names and meanings are a contract with
// installers and other people's scripts: add to it, do not change it.
type options struct {
	command string
	// tel is call's number, or what a tel:, sip: or nxphone: URI asks to be
	// filled in.
	tel string

	settings *profile.Flags
	kiosk    bool
	demo     bool // --demo or NXPHONE_DEMO

	play, record           string
	dtmf                   string
	muteAfter, unmuteAfter time.Duration
	hangupAfter            time.Duration
	ringTimeout            time.Duration
	trace                  bool
	allEvents              bool
	summary                string
	listen                 []string
	origins                []string // --allow-origin
	badOrigin              error    // the first wrong one; package flag would not pass it on

	// word and words follow "policy"; json is its --json.
	word  string
	words []string
	json  bool
	quick bool   // doctor and report without the call
	file  string // where report is written
	// Update's: the file that is looked at, the folder that is downloaded into.
	verify, folder string
}

// errUsage marks wrong use: exit status 2.
var errUsage = errors.New("usage")

// errOrigin: --allow-origin names no origin.
var errOrigin = errors.New("--allow-origin")

// parse reads the command line. Flags and the number may stand in any order;
// flags of the settings may stand before the command.
func parse(args []string) (options, error) {
	o := options{command: "window", ringTimeout: 60 * time.Second}
	if i := commandAt(args); i >= 0 {
		o.command, args = args[i], slices.Delete(slices.Clone(args), i, i+1)
	}
	fs := flag.NewFlagSet(o.command, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // faults are told once, in the user's language
	fs.Usage = func() {}
	words, err := o.define(fs)
	if err != nil {
		return o, err
	}
	rest, err := interspersed(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		o.command = "help"
		return o, nil
	}
	if err == nil {
		err = o.settings.Err()
	}
	if err == nil && o.badOrigin != nil {
		return o, fmt.Errorf("%w: %w", errUsage, o.badOrigin)
	}
	if err != nil {
		return o, fmt.Errorf("%w: %v", errUsage, err)
	}
	if o.demo, err = o.settings.Demo(nil); err != nil {
		return o, fmt.Errorf("%w: %v", errUsage, err)
	}
	return o, o.takeWords(rest, words)
}

// commandAt is where the command stands: the first word, or the first one
// behind flags of the settings where it is the name of a command. It is -1 for
// the window.
func commandAt(args []string) int {
	if len(args) == 0 || isURI(args[0]) {
		return -1
	}
	if !strings.HasPrefix(args[0], "-") {
		return 0
	}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	profile.BindFlags(fs)
	if fs.Parse(args) != nil || fs.NArg() == 0 {
		return -1
	}
	i := len(args) - fs.NArg()
	named := options{command: args[i]}
	if _, err := named.define(flag.NewFlagSet("", flag.ContinueOnError)); err != nil || args[i] == "window" || args[i-1] == "--" {
		return -1
	}
	return i
}

// define adds the flags of one command and says how many words it takes. Their
// words are those of the manual page (packaging/linux/nxphone.1). The
// settings are flags of every command: devices and version need language and
// file, and a flag that does nothing harms nobody.
func (o *options) define(fs *flag.FlagSet) (words int, err error) {
	o.settings = profile.BindFlags(fs)
	switch o.command {
	case "window":
		fs.BoolVar(&o.kiosk, "kiosk", false, "run a booth on the whole screen, set up by the managed policy only")
		words = 1
	case "call":
		o.defineCall(fs)
		words = 1
	case "headless":
		fs.Func("allow-origin", "`ORIGIN` of a web page that may use the phone, such as https://helpline.example; repeatable", func(s string) error {
			_, err := origin.Parse(s)
			if err != nil && o.badOrigin == nil {
				o.badOrigin = fmt.Errorf("%w %q: %w", errOrigin, s, err)
			}
			o.origins = append(o.origins, s)
			return nil
		})
	case "demo-sbc":
		fs.Func("listen", "`HOST:PORT` to listen on; repeatable", func(s string) error {
			_, port, err := net.SplitHostPort(s)
			if err == nil {
				_, err = net.LookupPort("tcp", port)
			}
			if err != nil {
				return errors.New("want HOST:PORT")
			}
			o.listen = append(o.listen, s)
			return nil
		})
	case "policy":
		fs.BoolVar(&o.json, "json", false, "print for programs: one JSON object")
		fs.BoolVar(&o.kiosk, "kiosk", false, "show what counts in kiosk mode")
	case "report":
		fs.BoolVar(&o.quick, "quick", false, "make no test call")
		fs.BoolVar(&o.kiosk, "kiosk", false, "look at what counts in kiosk mode")
		words = 1
	case "doctor":
		fs.BoolVar(&o.json, "json", false, "print for programs: one JSON object")
		fs.BoolVar(&o.quick, "quick", false, "make no test call")
		fs.BoolVar(&o.kiosk, "kiosk", false, "look at what counts in kiosk mode")
	case "update":
		fs.BoolVar(&o.json, "json", false, "print for programs: one JSON object")
		fs.StringVar(&o.verify, "verify", "", "ask nobody; look whether `FILE` is genuine, by the signature FILE.minisig beside it")
		fs.StringVar(&o.folder, "download", "", "download this computer's file of a newer version into `FOLDER`, and verify it")
	case "devices", "version", "help", "kiosk-pin", "kiosk-health", displayProbe:
	default:
		return 0, fmt.Errorf("%w: unknown command %q", errUsage, o.command)
	}
	return words, nil
}

func (o *options) defineCall(fs *flag.FlagSet) {
	fs.StringVar(&o.play, "play", "", "play `FILE` (WAV) instead of the microphone, then silence")
	fs.StringVar(&o.record, "record", "", "write what the far end sends into `FILE` (WAV, 16-bit PCM, mono, 48 kHz)")
	fs.StringVar(&o.dtmf, "dtmf", "", "press `DIGITS` after the answer")
	duration(fs, &o.muteAfter, "mute-after", "mute this `TIME` after the answer")
	duration(fs, &o.unmuteAfter, "unmute-after", "unmute this `TIME` after the answer")
	duration(fs, &o.hangupAfter, "hangup-after", "hang up this `TIME` after the answer; 10s with --demo, else never")
	duration(fs, &o.ringTimeout, "ring-timeout", "wait this `TIME` for the answer; 60s without it")
	fs.BoolVar(&o.trace, "trace", false, "show the SIP messages on standard error")
	fs.Func("events", "print `all` events, those too that the heritage API does not have", func(v string) error {
		if v != "all" && v != "heritage" {
			return errors.New(`want "all"`)
		}
		o.allEvents = v == "all"
		return nil
	})
	fs.StringVar(&o.summary, "summary", "", "write the summary of the call into `FILE` (JSON)")
}

// duration defines a flag that takes a positive length of time.
func duration(fs *flag.FlagSet, d *time.Duration, name, usage string) {
	fs.Func(name, usage, func(v string) error {
		got, err := time.ParseDuration(v)
		if err != nil || got <= 0 {
			return fmt.Errorf("%q is no length of time such as 10s", v)
		}
		*d = got
		return nil
	})
}

// interspersed parses flags before, between and after the words.
func interspersed(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		// What follows "--" is words only.
		if n := len(args) - fs.NArg(); n > 0 && args[n-1] == "--" {
			return append(words, fs.Args()...), nil
		}
		words = append(words, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func (o *options) takeWords(rest []string, words int) error {
	if o.command == "policy" {
		return o.takePolicyWords(rest)
	}
	if len(rest) > words {
		return fmt.Errorf("%w: %q is one word too many", errUsage, rest[words])
	}
	if o.command == "call" && len(rest) == 0 {
		return fmt.Errorf("%w: no number", errUsage)
	}
	if len(rest) == 0 {
		return nil
	}
	if o.command == "report" {
		o.file = rest[0]
		return nil
	}
	o.tel = rest[0]
	if isURI(o.tel) {
		tel, err := telOf(o.tel)
		if err != nil {
			return fmt.Errorf("%w: %v", errUsage, err)
		}
		o.tel = tel
	} else if o.command == "window" {
		return fmt.Errorf("%w: %q is no tel:, sip: or nxphone: address", errUsage, o.tel)
	}
	return nil
}

func isURI(s string) bool {
	scheme, _, ok := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "tel", "sip", "sips", "callto", "nxphone":
		return ok
	}
	return false
}

// What a link may be at most, and the number in it: a longer one is none that
// anybody calls.
const (
	maxURI    = 1024
	maxNumber = 64
)

// telOf takes the number out of a URI that another program handed over. It
// takes nothing else: a link must not change settings or dial by itself, and
// whoever wrote it is not known.
func telOf(uri string) (string, error) {
	none := errors.New("the address holds no number")
	if len(uri) > maxURI || !utf8.ValidString(uri) {
		return "", none
	}
	scheme, rest, _ := strings.Cut(uri, ":")
	rest = strings.TrimPrefix(rest, "//")
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, ";")
	if s := strings.ToLower(scheme); s == "sip" || s == "sips" {
		rest, _, _ = strings.Cut(rest, "@")
		rest, _, _ = strings.Cut(rest, ":") // a password has no business in a link
	}
	tel, err := url.PathUnescape(strings.TrimSuffix(rest, "/"))
	if err != nil {
		return "", none
	}
	if strings.EqualFold(scheme, "tel") {
		// RFC 3966 section 3: visual separators are not part of the number.
		tel = strings.NewReplacer("-", "", ".", "", "(", "", ")", "", " ", "").Replace(tel)
	}
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if tel == "" || len(tel) > maxNumber || !utf8.ValidString(tel) || strings.ContainsFunc(tel, hidden) {
		return "", none
	}
	return tel, nil
}

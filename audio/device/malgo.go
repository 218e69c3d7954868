package device

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"nxphone/audio"
)

// backendNull is miniaudio's device of no sound, which keeps real time.
// malgo.BackendNull is 13, miniaudio's "custom", because malgo's list lacks
// that entry; TestBackendNull notices when it is put right.
const backendNull malgo.Backend = 14

// malgoDriver is miniaudio through malgo, on one of several backends.
type malgoDriver struct {
	log *slog.Logger
	// program is the name that mixers show, zero-terminated.
	program  []byte
	backends func() []malgo.Backend
	pulse    pulseProbe

	sound *soundContext
	// ids holds what the last list said, by direction and printable ID.
	ids map[Direction]map[string]malgo.DeviceID
}

func newMalgoDriver(log *slog.Logger, program string, backends func() []malgo.Backend) *malgoDriver {
	return &malgoDriver{
		log: log, program: append([]byte(program), 0), backends: backends,
		pulse: pulseProbe{getenv: os.Getenv},
	}
}

// soundContext is a miniaudio context and the count of what lives in it. It
// must outlive its devices: freeing it unloads the sound library under their
// threads. A device that hangs thus keeps it for ever.
type soundContext struct {
	*malgo.AllocatedContext
	backend malgo.Backend

	mu   sync.Mutex
	uses int
}

func (c *soundContext) hold() {
	c.mu.Lock()
	c.uses++
	c.mu.Unlock()
}

func (c *soundContext) release() {
	c.mu.Lock()
	c.uses--
	last := c.uses == 0
	c.mu.Unlock()
	if last {
		_ = c.Uninit() // there is nothing to do about it
		c.Free()
	}
}

// context gives the living context, or makes one on the first backend that
// works.
func (d *malgoDriver) context() (*soundContext, error) {
	if d.sound != nil {
		return d.sound, nil
	}
	why := ErrNoDevice
	for _, b := range d.backends() {
		if b == malgo.BackendPulseaudio && !d.pulse.worth() {
			continue
		}
		// One backend at a time, because malgo does not tell which one it took.
		c, err := d.connect(b)
		if err == nil {
			d.sound = c
			return c, nil
		}
		d.log.Debug("sound backend refused", "backend", int(b), "error", err)
		if known := asError(err); !errors.Is(known, ErrFailed) {
			why = known
		}
	}
	return nil, why
}

func (d *malgoDriver) connect(b malgo.Backend) (*soundContext, error) {
	// No TryAutoSpawn: a telephone must not start a sound daemon, least of all
	// a second one beside PipeWire.
	cfg := malgo.ContextConfig{}
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&d.program[0]) // miniaudio copies it
	cfg.Pulse.PApplicationName = &d.program[0]
	ctx, err := malgo.InitContext([]malgo.Backend{b}, cfg, d.trace)
	if err != nil {
		return nil, err
	}
	return &soundContext{AllocatedContext: ctx, backend: b, uses: 1}, nil
}

// trace takes miniaudio's own messages. malgo calls it with its lock free.
func (d *malgoDriver) trace(message string) {
	d.log.Debug("miniaudio", "says", strings.TrimSpace(message))
}

// list asks twice at most: a context whose sound daemon has gone answers
// nothing any more, and a new one finds the daemon's successor.
func (d *malgoDriver) list() (mics, speakers []Info, err error) {
	for range 2 {
		var c *soundContext
		if c, err = d.context(); err != nil {
			return nil, nil, err
		}
		d.ids = map[Direction]map[string]malgo.DeviceID{}
		if mics, err = d.listHalf(c, Microphone); err == nil {
			if speakers, err = d.listHalf(c, Speaker); err == nil {
				return mics, speakers, nil
			}
		}
		d.close()
	}
	return nil, nil, asError(err)
}

func (d *malgoDriver) listHalf(c *soundContext, dir Direction) ([]Info, error) {
	raw, err := c.Devices(kind(dir))
	if err != nil {
		return nil, err
	}
	ids := make(map[string]malgo.DeviceID, len(raw))
	infos := make([]Info, 0, len(raw))
	for i := range raw {
		info := Info{ID: textID(raw[i].ID[:]), Name: strings.ToValidUTF8(raw[i].Name(), ""), Default: raw[i].IsDefault != 0}
		switch c.backend {
		case malgo.BackendPulseaudio:
			info.Monitor = dir == Microphone && strings.HasSuffix(info.ID, ".monitor")
		case malgo.BackendAlsa:
			// Beside the cards, which miniaudio writes ":card,device", ALSA
			// lists its plugins, a rate converter among them.
			if !strings.HasPrefix(info.ID, ":") && info.ID != "default" {
				continue
			}
		}
		ids[info.ID] = raw[i].ID
		infos = append(infos, info)
	}
	d.ids[dir] = ids
	return infos, nil
}

// open starts a device with so many periods of 10 ms. It is never a duplex device: that
// would add two periods of latency and a ring without drift compensation.
func (d *malgoDriver) open(dir Direction, id string, periods int) (stream, error) {
	c, err := d.context()
	if err != nil {
		return nil, err
	}
	cfg := deviceConfig(dir)
	cfg.Periods = uint32(periods)
	var pin runtime.Pinner
	defer pin.Unpin()
	if id != "" {
		raw, ok := d.ids[dir][id]
		if !ok {
			return nil, ErrNotFound{Name: id}
		}
		// DeviceID.Pointer would allocate in C and never free. miniaudio
		// copies the ID, so pinning ours for the call is enough.
		pinned := &raw
		pin.Pin(pinned)
		half := &cfg.Capture
		if dir == Speaker {
			half = &cfg.Playback
		}
		half.DeviceID = unsafe.Pointer(pinned)
	}
	s, err := d.start(c, dir, cfg)
	if err != nil {
		return nil, asError(err)
	}
	return s, nil
}

// start initialises and starts a device with a callback in C, or in Go where
// malgo turns out to be another one than this package knows.
func (d *malgoDriver) start(c *soundContext, dir Direction, cfg malgo.DeviceConfig) (*malgoStream, error) {
	native, plain := newNativeLine(), newGoLine()
	each := plain.record
	if dir == Speaker {
		each = plain.fill
	}
	cfg.PUserData = native.user()
	dev, channels, rate, err := initDevice(c, dir, cfg, malgo.DeviceCallbacks{Data: dataProc(dir, each)})
	if err != nil {
		native.release()
		return nil, err
	}
	s := &malgoStream{native: native, dev: dev, sound: c}
	if native.adopt(dev, dir, channels, time.Duration(cfg.Periods)*audio.FrameDur) {
		s.line = fit(native, dir, channels, rate)
	} else {
		d.log.Warn("malgo's device is not as expected, calling back into Go")
		plain.channels = channels
		s.line = fit(plain, dir, channels, rate)
	}
	if err := dev.Start(); err != nil {
		dev.Uninit()
		native.release()
		return nil, err
	}
	c.hold()
	return s, nil
}

// initDevice opens a device as it is, or, where that is a format that nobody
// here converts, as the sound system makes it.
func initDevice(c *soundContext, dir Direction, cfg malgo.DeviceConfig, calls malgo.DeviceCallbacks) (dev *malgo.Device, channels, rate int, err error) {
	for {
		if dev, err = malgo.InitDevice(c.Context, cfg, calls); err != nil {
			return nil, 0, 0, err
		}
		channels, rate = 1, int(dev.SampleRate())
		if dir == Microphone {
			channels = int(dev.CaptureChannels())
		}
		if fits(channels, rate) || cfg.SampleRate == audio.Rate {
			return dev, channels, rate, nil
		}
		dev.Uninit()
		cfg.SampleRate = audio.Rate
		if dir == Microphone {
			cfg.Capture.Channels = 2
		}
	}
}

func deviceConfig(dir Direction) malgo.DeviceConfig {
	cfg := malgo.DefaultDeviceConfig(kind(dir))
	cfg.SampleRate = 0 // its own; fitted converts
	cfg.PeriodSizeInFrames, cfg.PeriodSizeInMilliseconds = 0, uint32(audio.FrameDur.Milliseconds())
	cfg.PerformanceProfile = malgo.LowLatency
	// Our rings cut frames themselves and our callback fills whole buffers.
	cfg.NoFixedSizedCallback = 1
	cfg.NoPreSilencedOutputBuffer = 1
	cfg.Pulse.StreamNameCapture, cfg.Pulse.StreamNamePlayback = dir.String(), dir.String()
	cfg.Capture.Format, cfg.Capture.Channels = malgo.FormatS16, 0
	cfg.Playback.Format, cfg.Playback.Channels = malgo.FormatS16, 1
	return cfg
}

func (d *malgoDriver) close() {
	if d.sound != nil {
		d.sound.release()
		d.sound = nil
	}
}

// malgoStream is a running device. Its line is native, or the one in Go.
type malgoStream struct {
	line
	native *nativeLine
	dev    *malgo.Device
	sound  *soundContext
}

// close stops before it uninitialises. Uninit alone waits for ever when the
// device or its daemon is gone: miniaudio 0.11.23 no longer wakes the PulseAudio
// loop there, and Stop does.
func (s *malgoStream) close() {
	_ = s.dev.Stop() // a device that is gone says so; it is uninitialised all the same
	s.dev.Uninit()
	s.native.release()
	s.sound.release()
}

// dataProc gives each the one slice that is meant for it, as samples.
func dataProc(dir Direction, each func(samples []int16)) malgo.DataProc {
	return func(out, in []byte, _ uint32) {
		raw := in
		if dir == Speaker {
			raw = out
		}
		if len(raw) >= 2 {
			each(unsafe.Slice((*int16)(unsafe.Pointer(&raw[0])), len(raw)/2))
		}
	}
}

func kind(dir Direction) malgo.DeviceType {
	if dir == Speaker {
		return malgo.Playback
	}
	return malgo.Capture
}

// asError puts miniaudio's results under the few names that a caller can do
// something about.
func asError(err error) error {
	var known error
	switch {
	case errors.Is(err, malgo.ErrAccessDenied):
		known = ErrDenied
	case errors.Is(err, malgo.ErrBusy), errors.Is(err, malgo.ErrAlreadyInUse):
		known = ErrBusy
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrNoBackend),
		errors.Is(err, malgo.ErrDoesNotExist), errors.Is(err, malgo.ErrAPINotFound):
		known = ErrNoDevice
	default:
		known = ErrFailed
	}
	return fmt.Errorf("%w: %w", known, err)
}

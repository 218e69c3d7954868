package device

import (
	"path/filepath"

	"github.com/gen2brain/malgo"
)

// systemBackends is PulseAudio, which PipeWire speaks too, and after it ALSA
// where there is a sound card. Without one libasound would offer its plugins
// as devices and complain on standard error. JACK alone is left out: its
// library complains likewise, and its desktops speak PulseAudio as well.
func systemBackends() []malgo.Backend {
	backends := []malgo.Backend{malgo.BackendPulseaudio}
	if cards, _ := filepath.Glob("/dev/snd/pcmC*"); len(cards) > 0 {
		backends = append(backends, malgo.BackendAlsa)
	}
	return backends
}

//go:build !linux

package device

import "github.com/gen2brain/malgo"

// systemBackends are those of Windows, macOS and the BSDs, best first.
// miniaudio leaves out what the system does not have. Its own default list
// would end with the null device, and a call without sound would look well.
func systemBackends() []malgo.Backend {
	return []malgo.Backend{
		malgo.BackendWasapi, malgo.BackendDsound, malgo.BackendWinmm,
		malgo.BackendCoreaudio,
		malgo.BackendSndio, malgo.BackendAudio4, malgo.BackendOss, malgo.BackendPulseaudio,
	}
}

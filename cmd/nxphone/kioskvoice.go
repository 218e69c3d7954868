package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"nxphone/assets/text"
	"nxphone/assets/voice"
	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/call/kiosk"
)

// voiceDir is where an organisation puts recordings of its own, one WAV for
// each prompt: ko-welcome.wav, en-welcome.wav and so on.
const voiceDir = "/etc/nxphone/kiosk/voice"

// voiceLimit bounds a prompt: nobody listens to more, and a wrong file must not
// fill the memory.
const voiceLimit = 30 * audio.Rate

// kioskVoice gives the recording of a prompt, 48 kHz mono: the one in dir, else
// our own. A file of the organisation that cannot be read is an error together
// with our own recording.
func kioskVoice(dir string, l text.Lang, p kiosk.Prompt) ([]int16, error) {
	name := filepath.Join(dir, string(l)+"-"+string(p)+".wav")
	pcm, err := audio.ReadWAV(name, voiceLimit)
	if err == nil {
		return pcm, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	} else {
		err = fmt.Errorf("the booth's own voice is used: %w", err)
	}
	data, missing := voice.Prompt(string(l), string(p))
	if missing != nil {
		return nil, errors.Join(err, missing)
	}
	pcm, broken := codec.DecodeOgg(data, voiceLimit)
	return pcm, errors.Join(err, broken)
}
